"""What every table has."""

from uuid import UUID, uuid7

from advanced_alchemy.base import AdvancedDeclarativeBase, CommonTableAttributes
from advanced_alchemy.mixins import AuditColumns
from sqlalchemy import Uuid
from sqlalchemy.orm import Mapped, mapped_column


class Row(CommonTableAttributes, AuditColumns, AdvancedDeclarativeBase):
    """A key that sorts by age (UUIDv7), and when the row was created and last changed."""

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid7)
