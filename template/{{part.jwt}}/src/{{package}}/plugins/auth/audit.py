"""The audit log: who signed in, who tried to, and from where.

Its lines have the logger `audit`, which is on at every level, and the request's id. No password or token is in them,
and no e-mail address: where nobody is known to have an account, a digest tells that two tries were for the same one.
"""

import hmac
from hashlib import sha256

import structlog

from ...config import Secret

audit = structlog.stdlib.get_logger("audit")


def pseudonym(email: str, secret: Secret) -> str:
    """The same for the same address, and told back by nobody without the secret."""
    return hmac.new(secret.reveal().encode(), email.encode(), sha256).hexdigest()[:16]
