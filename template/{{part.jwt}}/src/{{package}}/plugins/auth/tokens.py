"""Tokens: access tokens are signed and short-lived, refresh tokens random and good once."""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from typing import override
from uuid import UUID, uuid4

from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.exceptions import NotAuthorizedException
from litestar.middleware import AuthenticationResult
from litestar.security.jwt import JWTAuthenticationMiddleware, Token
from msgspec import Struct

from ...config import Secret

ALGORITHM = "HS256"
CLAIMS = ("exp", "iat", "iss", "aud", "sub", "jti")


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
            iat=now,
            exp=now + self.lifetime,
            iss=self.issuer,
            aud=self.audience,
            jti=uuid4().hex,
            extras={"sid": str(session_id)},
        )
        return token.encode(self.secret.reveal(), ALGORITHM)

    def read(self, token: str) -> Token:
        """What a token says; raises `NotAuthorizedException` where it is not one of these."""
        return Token.decode(
            token,
            self.secret.reveal(),
            ALGORITHM,
            audience=self.audience,
            issuer=self.issuer,
            require_claims=CLAIMS,
            strict_audience=True,
        )


class BearerMiddleware(JWTAuthenticationMiddleware):
    """Litestar takes what stands after the first space for the token, whatever scheme stands before it."""

    @override
    async def authenticate_request(
        self, connection: ASGIConnection[object, object, object, State]
    ) -> AuthenticationResult:
        scheme, _, _ = connection.headers.get(self.auth_header, "").partition(" ")
        if scheme.lower() != "bearer":
            raise NotAuthorizedException("A bearer token is needed.")
        return await super().authenticate_request(connection)


def new_refresh_token(session_id: UUID) -> str:
    """A token that names its session, so that one which was traded already still tells whose it was."""
    return f"{session_id.hex}.{secrets.token_urlsafe(32)}"


def session_of(refresh_token: str) -> UUID | None:
    return parse_id(refresh_token.partition(".")[0])


def digest_of(refresh_token: str) -> str:
    """What is stored instead of the token. A fast hash is good enough: there are 256 random bits to guess."""
    return hashlib.sha256(refresh_token.encode()).hexdigest()


def parse_id(text: object) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None
