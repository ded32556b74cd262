"""Tokens: access tokens are signed and short-lived, refresh tokens random and good once."""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from uuid import UUID, uuid4

from litestar.exceptions import NotAuthorizedException
from litestar.security.jwt import Token
from msgspec import Struct

from ...config import Secret

ALGORITHM = "HS256"
CLAIMS = ("exp", "iat", "iss", "aud", "sub", "jti")
MOST_KNOWN = 1024
SKEW = timedelta(seconds=30)  # by which the clock of a replica that reads a token may be behind


class Claims(Struct, frozen=True):
    """What an access token says."""

    id: str
    user_id: UUID
    session_id: UUID
    expires_at: datetime


class AccessTokens(Struct, frozen=True, kw_only=True):
    """Signs access tokens. Each names its session (`sid`) and ends with it."""

    secret: Secret
    issuer: str
    audience: str
    lifetime: timedelta

    def issue(self, user_id: UUID, session_id: UUID) -> str:
        now = datetime.now(UTC)
        token = Token(
            sub=str(user_id),
            iat=now - SKEW,
            exp=now + self.lifetime,
            iss=self.issuer,
            aud=self.audience,
            jti=uuid4().hex,
            extras={"sid": str(session_id)},
        )
        return token.encode(self.secret.reveal(), ALGORITHM)

    def read(self, token: str) -> Claims:
        """What a token says; raises `NotAuthorizedException` where it is not one of these, or not any more."""
        claims = verified(self, token)
        if claims.expires_at <= datetime.now(UTC):
            raise NotAuthorizedException("The access token is past its end.")
        return claims


@lru_cache(MOST_KNOWN)
def verified(tokens: AccessTokens, text: str) -> Claims:
    """A token is shown with every request for as long as it is good, and its signature does not change meanwhile."""
    token = Token.decode(
        text,
        tokens.secret.reveal(),
        ALGORITHM,
        audience=tokens.audience,
        issuer=tokens.issuer,
        require_claims=CLAIMS,
        strict_audience=True,
    )
    user_id, session_id = parse_id(token.sub), parse_id(token.extras.get("sid"))
    if user_id is None or session_id is None:
        raise NotAuthorizedException("The access token names no session.")
    return Claims(str(token.jti), user_id, session_id, token.exp)


def new_refresh_token(before: str = "") -> str:
    """The first token of a session, or the one that follows another: what stands before the dot stays."""
    family = before.partition(".")[0] or secrets.token_urlsafe(16)
    return f"{family}.{secrets.token_urlsafe(32)}"


def session_of(refresh_token: str) -> UUID:
    """The session of a token, one that was traded already too.

    A session's id is in access tokens and in the log. It follows from the refresh tokens and they not from it, so only
    who had one of them can say that it was used again.
    """
    family = refresh_token.partition(".")[0]
    return UUID(bytes=hashlib.sha256(family.encode()).digest()[:16], version=8)


def digest_of(refresh_token: str) -> str:
    """What is stored instead of the token. A fast hash is good enough: there are 256 random bits to guess."""
    return hashlib.sha256(refresh_token.encode()).hexdigest()


def parse_id(text: object) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None
