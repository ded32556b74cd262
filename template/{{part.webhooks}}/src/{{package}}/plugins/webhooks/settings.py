"""Settings of the webhooks."""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta, Struct

from ...config import Secret
from ...findings import Finding
from ..guessing import is_guessable
from .signatures import key_of

SHORTEST_KEY = 24


class WebhookSettings(Struct, frozen=True, kw_only=True):
    """`secret` is what the sender signs with; `previous_secret` is good beside it while the sender changes to a new
    one.

    A message is good for `tolerance_seconds` around the time at which it says that it was sent.
    """

    secret: Secret
    previous_secret: Secret | None = None
    tolerance_seconds: Annotated[int, Meta(ge=1, le=3600)] = 300

    def __post_init__(self) -> None:
        for name, secret in (("WEBHOOKS_SECRET", self.secret), ("WEBHOOKS_PREVIOUS_SECRET", self.previous_secret)):
            if secret and len(key_of(secret)) < SHORTEST_KEY:
                raise ValueError(f"{name} is no key of {SHORTEST_KEY} bytes and more, as text or as whsec_ and Base64")

    @property
    def keys(self) -> tuple[bytes, ...]:
        return tuple(key_of(secret) for secret in (self.secret, self.previous_secret) if secret)

    def findings(self) -> Iterator[Finding]:
        if is_weak(self.secret):
            yield Finding("WEBHOOKS_SECRET is guessable; `make .env` draws a random one.", serious=True)
        if self.previous_secret:
            if is_weak(self.previous_secret):
                yield Finding("WEBHOOKS_PREVIOUS_SECRET is guessable, and still good.", serious=True)
            yield Finding("WEBHOOKS_PREVIOUS_SECRET is still good; take it away when the sender has the new one.")


def is_weak(secret: Secret) -> bool:
    """Base64 hides no word from whoever guesses."""
    key = key_of(secret)
    return is_guessable(Secret(key.decode()) if key.isascii() else secret)
