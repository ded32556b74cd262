"""Bearer tokens: who asks is whoever an access token says, for as long as its session lasts."""

from typing import override

from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.exceptions import NotAuthorizedException
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult
from litestar.types import ASGIApp

from .service import Accounts
from .tokens import AccessTokens


class BearerMiddleware(AbstractAuthenticationMiddleware):
    """Litestar's own takes what stands after the first space for the token, whatever scheme stands before it, and
    checks a signature anew with every request.
    """

    def __init__(self, app: ASGIApp, access: AccessTokens, accounts: Accounts) -> None:
        super().__init__(app, exclude_from_auth_key="public")
        self.access = access
        self.accounts = accounts

    @override
    async def authenticate_request(
        self, connection: ASGIConnection[object, object, object, State]
    ) -> AuthenticationResult:
        scheme, _, token = connection.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise NotAuthorizedException("A bearer token is needed.")
        claims = self.access.read(token)
        user = await self.accounts.user_of_session(claims.user_id, claims.session_id)
        if user is None:
            raise NotAuthorizedException("The session is over; log in again.")
        return AuthenticationResult(user, claims)
