"""Signatures as in Standard Webhooks: HMAC-SHA256 over the message's id, its time and its body, byte for byte."""

import base64
import binascii
import hmac
import re
from collections.abc import Mapping, Sequence
from hashlib import sha256

from ...config import Secret

ID, TIMESTAMP, SIGNATURE = HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")
PREFIX = "whsec_"
ID_FORM = re.compile(r"[!-~]{1,200}")
TIMESTAMP_FORM = re.compile(r"[0-9]{1,12}")


class SignatureError(Exception):
    """Why a message is not believed; the text is shown to whoever sent it."""


def key_of(secret: Secret) -> bytes:
    """The key that a secret stands for: `whsec_` comes before one in Base64, anything else is one as it is."""
    text = secret.reveal()
    if not text.startswith(PREFIX):
        return text.encode()
    try:
        return base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        return b""


def sign(key: bytes, message_id: str, timestamp: str, body: bytes) -> bytes:
    digest = hmac.digest(key, f"{message_id}.{timestamp}.".encode() + body, sha256)
    return b"v1," + base64.b64encode(digest)


def verify(headers: Mapping[str, str], body: bytes, keys: Sequence[bytes], *, now: float, tolerance: int) -> None:
    """Raise `SignatureError` unless one of the signatures was made with one of the keys, and lately."""
    message_id, timestamp, signatures = (headers.get(name, "") for name in HEADERS)
    if not ID_FORM.fullmatch(message_id) or not TIMESTAMP_FORM.fullmatch(timestamp):
        raise SignatureError(f"{ID} and {TIMESTAMP} are needed.")
    expected = [sign(key, message_id, timestamp, body) for key in keys]
    given = [text.encode() for text in signatures.split()]
    # It takes as long wherever two differ, so that nobody finds one out piece by piece.
    if not any(hmac.compare_digest(one, other) for one in expected for other in given):
        raise SignatureError("No signature of this message was made with a key that is known here.")
    if abs(now - int(timestamp)) > tolerance:
        raise SignatureError("The message was signed too long ago, or the clocks differ.")
