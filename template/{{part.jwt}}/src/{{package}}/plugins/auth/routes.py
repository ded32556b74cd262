"""Accounts over HTTP."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter, URLEncodedBody

from ...errors import AnyRequest, NotFoundError
from ..docs.responses import problems
from .audit import audit
from .authenticator import Authenticator, SignedInRequest, address_of
from .guards import owner_or_admin, require_role
from .models import (
    Login,
    LoginForm,
    PasswordChange,
    Refresh,
    Registration,
    Role,
    Ticket,
    Tokens,
    User,
    UserOut,
    UserPage,
)

# Strangers send these bodies, and a form takes long to be read: a megabyte of it kept a worker from all else for a
# third of a second.
MOST_BYTES = 8192


def to_out(user: User) -> UserOut:
    return msgspec.convert(user, UserOut, from_attributes=True)


class AuthController(Controller):
    path = "/auth"
    tags = ("Accounts",)
    request_max_body_size = MOST_BYTES

    @post("/register", summary="Sign up", opt={"public": True}, responses=problems(409, 422, 429))
    async def register(
        self, data: JSONBody[Registration], request: AnyRequest, authenticator: NamedDependency[Authenticator]
    ) -> UserOut:
        return to_out(await authenticator.register(request, data))

    @post("/login", summary="Log in", opt={"public": True}, status_code=200, responses=problems(401, 422, 429))
    async def login(
        self, data: JSONBody[Login], request: AnyRequest, authenticator: NamedDependency[Authenticator]
    ) -> Tokens:
        return await authenticator.log_in(request, data.email, data.password)

    @post(
        "/token",
        summary="Log in with a form",
        opt={"public": True},
        status_code=200,
        responses=problems(401, 422, 429),
    )
    async def token(
        self, data: URLEncodedBody[LoginForm], request: AnyRequest, authenticator: NamedDependency[Authenticator]
    ) -> Tokens:
        """OAuth 2's password grant, for clients that know only that: the documentation pages log in with it."""
        return await authenticator.log_in(request, data.username, data.password)

    @post("/refresh", summary="Stay logged in", opt={"public": True}, status_code=200, responses=problems(401, 429))
    async def refresh(
        self, data: JSONBody[Refresh], request: AnyRequest, authenticator: NamedDependency[Authenticator]
    ) -> Tokens:
        """Trade the refresh token for new tokens. Each one is good once; using it again ends the session."""
        return await authenticator.refresh(request, data.refresh_token)

    @post("/logout", summary="Log out", status_code=204)
    async def logout(self, request: SignedInRequest, authenticator: NamedDependency[Authenticator]) -> None:
        """End the session: its access token and its refresh token are good no more."""
        session_id = request.auth.session_id
        await authenticator.accounts.log_out(session_id)
        audit.info("logged out", client=address_of(request), user=str(request.user.id), session=str(session_id))

    @post("/password", summary="Change the password", status_code=204, responses=problems(422, 429))
    async def password(
        self, data: JSONBody[PasswordChange], request: SignedInRequest, authenticator: NamedDependency[Authenticator]
    ) -> None:
        """It takes the current one, and ends all other sessions of the account."""
        await authenticator.change_password(request, data)

    @post("/tickets", summary="Get a ticket")
    async def ticket(self, request: SignedInRequest, authenticator: NamedDependency[Authenticator]) -> Ticket:
        """For what cannot send a header, such as a browser's EventSource, its WebSocket, or a link: good once, as
        `ticket` in the query. It ends with the session.
        """
        tickets, claims = authenticator.tickets, request.auth
        return Ticket(tickets.issue(claims.user_id, claims.session_id), int(tickets.lifetime.total_seconds()))

    @get("/me", summary="Who am I")
    async def me(self, request: SignedInRequest) -> UserOut:
        return to_out(request.user)


class UserController(Controller):
    path = "/users"
    tags = ("Accounts",)

    @get(summary="List the accounts", guards=[require_role(Role.ADMIN)])
    async def list_users(
        self,
        authenticator: NamedDependency[Authenticator],
        limit: Annotated[int, QueryParameter(ge=1, le=100)] = 20,
        offset: Annotated[int, QueryParameter(ge=0, le=1_000_000)] = 0,
    ) -> UserPage:
        users, total = await authenticator.accounts.users(limit, offset)
        return UserPage(items=[to_out(user) for user in users], total=total, limit=limit, offset=offset)

    @get("/{user_id:uuid}", summary="Read an account", guards=[owner_or_admin])
    async def get_user(self, user_id: FromPath[UUID], authenticator: NamedDependency[Authenticator]) -> UserOut:
        if user := await authenticator.accounts.user(user_id):
            return to_out(user)
        raise NotFoundError(f"There is no account {user_id}.")


router = Router("/api/v1", route_handlers=[AuthController, UserController])
