"""What every table has."""

from uuid import UUID, uuid7

from advanced_alchemy.base import AdvancedDeclarativeBase, CommonTableAttributes
from advanced_alchemy.mixins import AuditColumns
from advanced_alchemy.repository import SQLAlchemyAsyncRepository
from sqlalchemy import Uuid
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column


class Row(CommonTableAttributes, AuditColumns, AdvancedDeclarativeBase):
    """A key that sorts by age (UUIDv7), and when the row was created and last changed."""

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid7)


class Repository[R: Row](SQLAlchemyAsyncRepository[R]):
    """Lets SQLAlchemy's own errors through: Advanced Alchemy calls every one of them an integrity error, a lost
    connection and a missing table among them.
    """

    def __init__(self, session: AsyncSession) -> None:
        super().__init__(session=session, wrap_exceptions=False)
