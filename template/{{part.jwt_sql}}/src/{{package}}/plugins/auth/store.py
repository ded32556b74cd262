"""Where accounts live: two tables."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import cast
from uuid import UUID

import msgspec
from advanced_alchemy.filters import LimitOffset
from advanced_alchemy.types import DateTimeUTC
from litestar.datastructures import State
from sqlalchemy import ForeignKey, String, Uuid, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Database, Repository, Row
from .models import LoginSession, Role, User
from .service import OpenStore


class UserRow(Row):
    __tablename__ = "account"

    email: Mapped[str] = mapped_column(String(254), unique=True)
    role: Mapped[str] = mapped_column(String(16))
    password_hash: Mapped[str] = mapped_column(String(255))


class SessionRow(Row):
    __tablename__ = "login_session"

    user_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("account.id", ondelete="CASCADE"), index=True)
    refresh_digest: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True))


class UserRepository(Repository[UserRow]):
    model_type = UserRow


class SqlAccountStore:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self.repository = UserRepository(session)

    async def add_user(self, user: User) -> bool:
        try:
            _ = await self.repository.add(UserRow(**msgspec.structs.asdict(user)))
        except IntegrityError:  # the e-mail address alone can collide
            return False
        return True

    async def user_by_email(self, email: str) -> User | None:
        return to_user(await self.repository.get_one_or_none(UserRow.email == email))

    async def user_by_id(self, user_id: UUID) -> User | None:
        return to_user(await self.repository.get_one_or_none(UserRow.id == user_id))

    async def users(self, limit: int, offset: int) -> tuple[Sequence[User], int]:
        rows, total = await self.repository.get_many_and_count(
            LimitOffset(limit, offset),
            count_with_window_function=False,  # which counts nothing on an empty page
            order_by=[(UserRow.created_at, False), (UserRow.id, False)],
        )
        return [user for row in rows if (user := to_user(row))], total

    async def set_role(self, user_id: UUID, role: Role) -> None:
        _ = await self.session.execute(update(UserRow).where(UserRow.id == user_id).values(role=role))

    async def user_of_session(self, user_id: UUID, session_id: UUID, now: datetime) -> User | None:
        row = await self.session.scalar(
            select(UserRow)
            .join(SessionRow, SessionRow.user_id == UserRow.id)
            .where(
                UserRow.id == user_id,
                SessionRow.id == session_id,
                SessionRow.expires_at > now,
            )
        )
        return to_user(row)

    async def add_session(self, session: LoginSession, now: datetime) -> None:
        over = delete(SessionRow).where(SessionRow.user_id == session.user_id, SessionRow.expires_at <= now)
        _ = await self.session.execute(over)
        self.session.add(SessionRow(**msgspec.structs.asdict(session)))

    async def session_by_id(self, session_id: UUID) -> LoginSession | None:
        row = await self.session.get(SessionRow, session_id)
        return msgspec.convert(row, LoginSession, from_attributes=True) if row else None

    async def rotate(self, session_id: UUID, old_digest: str, new_digest: str, expires_at: datetime) -> bool:
        rotated = await self.session.scalar(
            update(SessionRow)
            .where(SessionRow.id == session_id, SessionRow.refresh_digest == old_digest)
            .values(refresh_digest=new_digest, expires_at=expires_at)
            .returning(SessionRow.id)
        )
        return rotated is not None

    async def revoke(self, session_id: UUID) -> None:
        _ = await self.session.execute(delete(SessionRow).where(SessionRow.id == session_id))


def to_user(row: UserRow | None) -> User | None:
    return msgspec.convert(row, User, from_attributes=True) if row else None


def store_opener(state: State) -> OpenStore:
    @asynccontextmanager
    async def open_store(*, read_only: bool = False) -> AsyncGenerator[SqlAccountStore]:
        async with cast("Database", state["database"]).transaction(read_only=read_only) as session:
            yield SqlAccountStore(session)

    return open_store
