"""Where accounts live: in the memory of this process, gone when it ends."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

from litestar.datastructures import State
from msgspec.structs import replace

from .models import LoginSession, Role, User
from .service import AccountStores


class MemoryAccountStore:
    def __init__(self) -> None:
        self.users_by_id: dict[UUID, User] = {}
        self.sessions: dict[UUID, LoginSession] = {}

    async def add_user(self, user: User) -> bool:
        if await self.user_by_email(user.email):
            return False
        self.users_by_id[user.id] = user
        return True

    async def user_by_email(self, email: str) -> User | None:
        return next((user for user in self.users_by_id.values() if user.email == email), None)

    async def user_by_id(self, user_id: UUID) -> User | None:
        return self.users_by_id.get(user_id)

    async def users(self, limit: int, offset: int) -> tuple[Sequence[User], int]:
        users = list(self.users_by_id.values())
        return users[offset : offset + limit], len(users)

    async def set_role(self, user_id: UUID, role: Role) -> None:
        self.users_by_id[user_id] = replace(self.users_by_id[user_id], role=role)

    async def set_password(self, user: User, password_hash: str, kept: UUID | None = None) -> bool:
        if not self.has_password_of(user):
            return False
        self.users_by_id[user.id] = replace(self.users_by_id[user.id], password_hash=password_hash)
        self.sessions = {
            known.id: known for known in self.sessions.values() if known.user_id != user.id or known.id == kept
        }
        return True

    def has_password_of(self, user: User) -> bool:
        return self.users_by_id[user.id].password_hash == user.password_hash

    async def user_of_session(self, user_id: UUID, session_id: UUID, now: datetime) -> User | None:
        session = self.sessions.get(session_id)
        if session is None or session.user_id != user_id or session.expires_at <= now:
            return None
        return self.users_by_id.get(user_id)

    async def add_session(self, session: LoginSession, user: User, now: datetime) -> bool:
        if not self.has_password_of(user):
            return False
        self.sessions = {known.id: known for known in self.sessions.values() if known.expires_at > now}
        self.sessions[session.id] = session
        return True

    async def session_by_id(self, session_id: UUID) -> LoginSession | None:
        return self.sessions.get(session_id)

    async def rotate(self, session_id: UUID, old_digest: str, new_digest: str, expires_at: datetime) -> bool:
        session = self.sessions[session_id]
        if session.refresh_digest != old_digest:
            return False
        self.sessions[session_id] = replace(session, refresh_digest=new_digest, expires_at=expires_at)
        return True

    async def revoke(self, session_id: UUID) -> bool:
        return self.sessions.pop(session_id, None) is not None

    @asynccontextmanager
    async def open(self, *, read_only: bool = False) -> AsyncGenerator[MemoryAccountStore]:
        del read_only  # nothing here waits for a writer
        yield self


def account_stores(_: State) -> AccountStores:
    return MemoryAccountStore()
