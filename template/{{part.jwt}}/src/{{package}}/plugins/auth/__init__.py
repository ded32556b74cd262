"""Accounts: sign-up, login, rotating refresh tokens, roles.

`models` is what comes in and goes out, `service` the rules, `store` where accounts live, `tokens` and `passwords` the
cryptography, `emails` the one form of an address, `limits` the brake on guessing, `audit` what is told of it,
`authenticator` all of that around a login, `guards` who may do what, and `routes` the thin layer over HTTP.
"""

from .plugin import AuthPlugin
from .settings import AuthSettings

__all__ = ["AuthPlugin", "AuthSettings"]
