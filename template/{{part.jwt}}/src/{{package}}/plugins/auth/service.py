"""What can be done with accounts: the rules, without HTTP and without storage."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID, uuid7

from msgspec import Struct

from ...errors import ConflictError, NotFoundError
from .audit import audit
from .emails import normalised
from .models import LoginSession, Role, User
from .passwords import Passwords, refuse_common
from .settings import AuthSettings
from .tokens import digest_of, new_refresh_token, session_of


class AccountStore(Protocol):
    """Where accounts and their sessions live."""

    async def add_user(self, user: User) -> bool:
        """Add an account; False where its e-mail address has one."""
        ...

    async def user_by_email(self, email: str) -> User | None: ...
    async def user_by_id(self, user_id: UUID) -> User | None: ...
    async def users(self, limit: int, offset: int) -> tuple[Sequence[User], int]: ...
    async def set_role(self, user_id: UUID, role: Role) -> None: ...

    async def set_password(self, user: User, password_hash: str, kept: UUID | None = None) -> bool:
        """Put another password in the place of the user's, and end all sessions of the account but the one that is
        kept; False where it has another one already.
        """
        ...

    async def add_session(self, session: LoginSession, user: User, now: datetime) -> bool:
        """Add a session, in the place of the account's sessions that are past their end; False where the account has
        another password than the user by now.
        """
        ...

    async def session_by_id(self, session_id: UUID) -> LoginSession | None: ...

    async def rotate(self, session_id: UUID, old_digest: str, new_digest: str, expires_at: datetime) -> bool:
        """Put the new digest in the place of the old one, in one step; False where the old one is not there."""
        ...

    async def revoke(self, session_id: UUID) -> bool:
        """End a session; False where it has ended already."""
        ...


class AccountStores(Protocol):
    def open(self, *, read_only: bool = False) -> AbstractAsyncContextManager[AccountStore]:
        """One unit of work: committed when it ends, so before anybody is told of it.

        One that only reads says so, and then waits for no writer.
        """
        ...

    async def user_of_session(self, user_id: UUID, session_id: UUID, now: datetime) -> User | None:
        """The account, while the session is not past its end. Asked with every request, and no unit of work for it."""
        ...


class Grant(Struct, frozen=True):
    """What a login gives: who it is, the session, and the refresh token, which is kept nowhere else."""

    user: User
    session_id: UUID
    refresh_token: str


class Accounts:
    def __init__(self, stores: AccountStores, settings: AuthSettings) -> None:
        self.stores = stores
        self.refresh_lifetime = timedelta(days=settings.refresh_days)
        self.passwords = Passwords(settings.hash_memory_kib, settings.hash_passes)

    async def register(self, email: str, password: str, role: Role = Role.USER) -> User:
        refuse_common(password, email)
        user = User(
            id=uuid7(),
            email=normalised(email),
            role=role,
            password_hash=await self.passwords.hash(password),
            created_at=datetime.now(UTC),
        )
        async with self.stores.open() as store:
            if not await store.add_user(user):
                raise ConflictError("There is an account with this e-mail address.")
        return user

    async def log_in(self, email: str, password: str) -> Grant | None:
        """Start a session; None where address or password is wrong, in the same time and without saying which."""
        async with self.stores.open(read_only=True) as store:
            user = await store.user_by_email(normalised(email))
        # No transaction is open meanwhile: this takes long.
        matches = await self.passwords.verify(password, user.password_hash if user else None)
        if user is None or not matches:
            return None
        token = new_refresh_token()
        session_id = session_of(token)
        session = LoginSession(
            id=session_id, user_id=user.id, refresh_digest=digest_of(token), expires_at=self.refresh_end()
        )
        async with self.stores.open() as store:
            added = await store.add_session(session, user, datetime.now(UTC))
        return Grant(user, session_id, token) if added else None

    async def change_password(self, user: User, session_id: UUID, current: str, new: str) -> bool:
        """Change it, and end all other sessions: whoever knew it is out. False where the current one is wrong."""
        refuse_common(new, user.email)
        return await self.passwords.verify(current, user.password_hash) and await self.store_password(
            user, new, kept=session_id
        )

    async def refresh(self, refresh_token: str) -> Grant | None:
        """Trade a refresh token for the next one.

        One that is not the newest was most likely traded before: it has been in two hands, and nobody can tell which
        is the thief's. The session ends for both.
        """
        session_id = session_of(refresh_token)
        next_token = new_refresh_token(refresh_token)
        async with self.stores.open() as store:
            session = await store.session_by_id(session_id)
            if session is None or session.expires_at <= datetime.now(UTC):
                return None
            if not await store.rotate(session_id, digest_of(refresh_token), digest_of(next_token), self.refresh_end()):
                # One that has ended meanwhile, with a change of the password, is in nobody else's hands.
                if await store.revoke(session_id):
                    audit.warning("refresh token used again", user=str(session.user_id), session=str(session_id))
                return None
            user = await store.user_by_id(session.user_id)
        return Grant(user, session_id, next_token) if user else None

    async def log_out(self, session_id: UUID) -> None:
        async with self.stores.open() as store:
            _ = await store.revoke(session_id)

    async def user_of_session(self, user_id: UUID, session_id: UUID) -> User | None:
        return await self.stores.user_of_session(user_id, session_id, datetime.now(UTC))

    async def user(self, user_id: UUID) -> User | None:
        async with self.stores.open(read_only=True) as store:
            return await store.user_by_id(user_id)

    async def users(self, limit: int, offset: int) -> tuple[Sequence[User], int]:
        """One page of accounts, oldest first, and how many there are on all pages."""
        async with self.stores.open(read_only=True) as store:
            return await store.users(limit, offset)

    async def add_admin(self, email: str, password: str) -> User:
        return await self.register(email, password, Role.ADMIN)

    async def set_password(self, email: str, password: str) -> User:
        """Set it without the current one, and end all sessions."""
        refuse_common(password, email)
        async with self.stores.open(read_only=True) as store:
            user = await known(store, email)
        if not await self.store_password(user, password):
            raise ConflictError("The password was changed meanwhile.")
        return user

    async def store_password(self, user: User, password: str, kept: UUID | None = None) -> bool:
        password_hash = await self.passwords.hash(password)
        async with self.stores.open() as store:
            return await store.set_password(user, password_hash, kept)

    async def promote(self, email: str) -> None:
        """Make an account an administrator's."""
        async with self.stores.open() as store:
            user = await known(store, email)
            await store.set_role(user.id, Role.ADMIN)

    def refresh_end(self) -> datetime:
        return datetime.now(UTC) + self.refresh_lifetime


async def known(store: AccountStore, email: str) -> User:
    if user := await store.user_by_email(normalised(email)):
        return user
    raise NotFoundError(f"There is no account with the address {email}.")
