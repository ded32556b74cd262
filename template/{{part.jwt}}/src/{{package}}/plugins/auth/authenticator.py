"""Who says that it is somebody: on the limits for guessing, and told in the audit log."""

from collections.abc import Awaitable, Callable

from litestar import Request
from litestar.datastructures import State
from litestar.exceptions import NotAuthorizedException
from msgspec import Struct

from ...errors import AnyRequest, DomainError
from .audit import audit, pseudonym
from .emails import normalised
from .limits import AttemptLimiter, network_of
from .models import PasswordChange, Registration, Tokens, User
from .service import Accounts, Grant
from .settings import AuthSettings
from .tokens import AccessTokens, Claims

# Not a `type` statement: Litestar looks for the class itself.
SignedInRequest = Request[User, Claims, State]


class Authenticator(Struct, frozen=True):
    """What the login handlers share."""

    settings: AuthSettings
    accounts: Accounts
    access: AccessTokens
    tickets: AccessTokens
    limiter: AttemptLimiter

    async def register(self, request: AnyRequest, form: Registration) -> User:
        await self.limiter.count(network_of(address_of(request)), self.settings.address_attempts)
        user = await self.accounts.register(form.email, form.password)
        audit.info("signed up", client=address_of(request), user=str(user.id))
        return user

    async def log_in(self, request: AnyRequest, email: str, password: str) -> Tokens:
        address, name = address_of(request), normalised(email)
        grant = await self.limit_guess(address, name, lambda: self.accounts.log_in(email, password))
        if grant is None:
            audit.warning("login failed", client=address, account=pseudonym(name, self.settings.secret))
            raise NotAuthorizedException("The e-mail address or the password is wrong.")
        audit.info("logged in", client=address, user=str(grant.user.id), session=str(grant.session_id))
        return self.tokens(grant)

    async def change_password(self, request: SignedInRequest, form: PasswordChange) -> None:
        user, session_id = request.user, request.auth.session_id
        who = {"client": address_of(request), "user": str(user.id), "session": str(session_id)}
        if not await self.limit_guess(
            who["client"],
            user.email,
            lambda: self.accounts.change_password(user, session_id, form.current_password, form.new_password),
        ):
            audit.warning("password not changed", **who)
            # No 401: a client would take its session for over.
            raise DomainError("The current password is wrong.")
        audit.info("password changed", **who)

    async def limit_guess[T](self, address: str, name: str, guess: Callable[[], Awaitable[T]]) -> T:
        """What a guess at an account's password gives, unless there were too many; the right one forgets the others."""
        network = network_of(address)
        account = f"{network} {name}"
        await self.limiter.count(network, self.settings.address_attempts)
        await self.limiter.count(account, self.settings.login_attempts)
        await self.limiter.count_stranger(name, network, self.settings.stranger_attempts)
        given = await guess()
        if given:
            await self.limiter.forget(account)
            await self.limiter.acquaint(name, network)
        return given

    async def refresh(self, request: AnyRequest, refresh_token: str) -> Tokens:
        # By itself: whoever stays logged in uses up nobody's attempts to log in.
        await self.limiter.count(f"refresh {network_of(address_of(request))}", self.settings.address_attempts)
        grant = await self.accounts.refresh(refresh_token)
        if grant is None:
            audit.warning("refresh failed", client=address_of(request))
            raise NotAuthorizedException("The refresh token is not good, or not any more; log in again.")
        audit.info("refreshed", client=address_of(request), user=str(grant.user.id), session=str(grant.session_id))
        return self.tokens(grant)

    def tokens(self, grant: Grant) -> Tokens:
        return Tokens(
            access_token=self.access.issue(grant.user.id, grant.session_id),
            refresh_token=grant.refresh_token,
            expires_in=int(self.access.lifetime.total_seconds()),
        )


def address_of(request: AnyRequest | SignedInRequest) -> str:
    return request.client.host if request.client else ""
