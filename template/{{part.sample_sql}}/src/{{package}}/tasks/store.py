"""Where tasks live: a table."""

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import cast
from uuid import UUID

import msgspec
from advanced_alchemy.types import DateTimeUTC
from litestar.datastructures import State
from litestar.di import NamedDependency
from sqlalchemy import (
    ColumnElement,
    Enum,
    Index,
    String,
    Table,
    Text,
    Uuid,
    case,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    tstring,
    tuple_,
)
from sqlalchemy import Row as SQLRow
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from ..plugins.database import Database, Repository, Row
from .models import SortKey, Task, TaskLine, TaskPriority, TaskQuery, TaskStatus
from .service import OpenTaskStore


def enum_column(kind: type[StrEnum]) -> Enum:
    """The values as text: a new one needs no migration."""
    return Enum(kind, native_enum=False, length=16, values_callable=values_of)


def values_of(kind: type[StrEnum]) -> list[str]:
    return [member.value for member in kind]


class TaskRow(Row):
    __tablename__ = "task"
    __table_args__: tuple[Index, ...] = (Index("ix_task_owner_id_created_at", "owner_id", "created_at"),)

    owner_id: Mapped[UUID] = mapped_column(Uuid)
    version: Mapped[int] = mapped_column(default=1)
    title: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text)
    status: Mapped[TaskStatus] = mapped_column(enum_column(TaskStatus))
    priority: Mapped[TaskPriority] = mapped_column(enum_column(TaskPriority))
    due_at: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True), default=None)
    completed_at: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True), default=None)


# Where nothing is changed, rows of the table itself: they cost half of objects that SQLAlchemy keeps track of.
TASK = cast("Table", TaskRow.__table__)
ADD = insert(TASK)
SORTED_BY: dict[SortKey, ColumnElement[object]] = {
    "created_at": TASK.c.created_at,
    "updated_at": TASK.c.updated_at,
    "due_at": TASK.c.due_at,
    "priority": case({priority: rank for rank, priority in enumerate(TaskPriority)}, value=TASK.c.priority),
    "title": TASK.c.title,
}


class TaskRepository(Repository[TaskRow]):
    model_type = TaskRow


class SqlTaskStore:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    @cached_property
    def repository(self) -> TaskRepository:
        return TaskRepository(self.session)

    async def add(self, task: Task) -> None:
        _ = await self.session.execute(ADD, msgspec.structs.asdict(task))

    async def add_all(self, tasks: Sequence[Task]) -> None:
        _ = await self.session.execute(ADD, [msgspec.structs.asdict(task) for task in tasks])

    async def get(self, owner_id: UUID, task_id: UUID, *, for_update: bool = False) -> Task | None:
        row = await self.repository.get_one_or_none(
            TaskRow.id == task_id, TaskRow.owner_id == owner_id, with_for_update=for_update
        )
        return to_task(row) if row else None

    async def list(self, owner_id: UUID, query: TaskQuery) -> tuple[Sequence[Task], int]:
        wanted = (TASK.c.owner_id == owner_id, *conditions(query))
        page = select(TASK).where(*wanted).order_by(ordering(query.sort, descending=query.descending), TASK.c.id)
        # One more than is asked for tells whether this is the last page, which needs no count.
        rows = (await self.session.execute(page.limit(query.limit + 1).offset(query.offset))).all()
        total = query.offset + len(rows)
        if len(rows) > query.limit or (query.offset and not rows):
            total = await self.session.scalar(select(func.count()).select_from(TASK).where(*wanted)) or 0
        return to_tasks(rows[: query.limit]), total

    async def get_all(self, owner_id: UUID, task_ids: Collection[UUID]) -> Sequence[Task]:
        # In the order of their ids: two that lock the same rows wait for each other, and not in a circle.
        rows = await self.session.scalars(
            select(TaskRow)
            .where(TaskRow.id.in_(task_ids), TaskRow.owner_id == owner_id)
            .order_by(TaskRow.id)
            .with_for_update()
        )
        return to_tasks(rows.all())

    async def lines(self, owner_id: UUID, after: TaskLine | None, limit: int) -> Sequence[TaskLine]:
        row = TaskRow
        query = (
            select(row.id, row.title, row.status, row.priority, row.due_at, row.completed_at, row.created_at)
            .where(row.owner_id == owner_id)
            .order_by(row.created_at.desc(), row.id.desc())
            .limit(limit)
        )
        if after:
            last = tuple_(literal(after.created_at, DateTimeUTC(timezone=True)), literal(after.id, Uuid()))
            query = query.where(tuple_(row.created_at, row.id) < last)
        return [msgspec.convert(found, TaskLine, from_attributes=True) for found in await self.session.execute(query)]

    async def count_by_status(self, owner_id: UUID) -> Mapping[TaskStatus, int]:
        # SQL by hand, and safe: what stands in braces is a parameter, never a part of the text.
        owner = literal(owner_id, Uuid())
        rows = await self.session.execute(
            tstring(t"select status, count(*) from task where owner_id = {owner} group by status")
        )
        return {TaskStatus(status): count for status, count in cast("Sequence[tuple[str, int]]", rows.all())}

    async def count_overdue(self, owner_id: UUID, now: datetime) -> int:
        conditions = (TaskRow.owner_id == owner_id, TaskRow.due_at < now, TaskRow.status != TaskStatus.DONE)
        return await self.repository.count(*conditions)

    async def due(self, owner_id: UUID, limit: int) -> Sequence[Task]:
        wanted = (TASK.c.owner_id == owner_id, TASK.c.due_at.is_not(None), TASK.c.status != TaskStatus.DONE)
        query = select(TASK).where(*wanted).order_by(TASK.c.due_at, TASK.c.id).limit(limit)
        return to_tasks((await self.session.execute(query)).all())

    async def update(self, task: Task) -> Task:
        return to_task(await self.repository.update(TaskRow(**msgspec.structs.asdict(task))))

    async def update_all(self, tasks: Sequence[Task]) -> None:
        _ = await self.repository.update_many([TaskRow(**msgspec.structs.asdict(task)) for task in tasks])

    async def delete(self, owner_id: UUID, task_id: UUID) -> bool:
        # One statement: the repository's own way selects first, and fails where somebody deletes meanwhile.
        deleted = await self.session.scalar(
            delete(TaskRow).where(TaskRow.id == task_id, TaskRow.owner_id == owner_id).returning(TaskRow.id)
        )
        return deleted is not None


def conditions(query: TaskQuery) -> Sequence[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if query.status:
        found.append(TASK.c.status == query.status)
    if query.priority:
        found.append(TASK.c.priority == query.priority)
    if query.search:
        found.append(
            or_(*(column.icontains(query.search, autoescape=True) for column in (TASK.c.title, TASK.c.description)))
        )
    return found


def ordering(key: SortKey, *, descending: bool) -> ColumnElement[object]:
    column = SORTED_BY[key]
    ordered = column.desc() if descending else column.asc()
    return ordered.nulls_last() if key == "due_at" else ordered  # where none is empty it keeps a list off its index


def to_task(row: TaskRow) -> Task:
    return msgspec.convert(row, Task, from_attributes=True)


def to_tasks(rows: Sequence[TaskRow | SQLRow[*tuple[object, ...]]]) -> Sequence[Task]:
    return msgspec.convert(rows, list[Task], from_attributes=True)


async def provide_task_store(session: NamedDependency[AsyncSession]) -> SqlTaskStore:
    return SqlTaskStore(session)


async def provide_open_task_store(state: State) -> OpenTaskStore:
    @asynccontextmanager
    async def open_store() -> AsyncGenerator[SqlTaskStore]:
        async with cast("Database", state["database"]).transaction(read_only=True) as session:
            yield SqlTaskStore(session)

    return open_store
