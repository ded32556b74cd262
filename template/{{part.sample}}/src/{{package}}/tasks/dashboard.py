"""The dashboard: what several independent queries say, asked at the same time."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from uuid import UUID

from msgspec import Struct

from .models import Task, TaskStatus
from .service import OpenTaskStore, TaskStore

NEXT = 5


class Overview(Struct, frozen=True):
    """How much there is to do, and what is due next: what is overdue comes first."""

    counts: dict[TaskStatus, int]
    overdue: int
    next: list[Task]


async def look(open_store: OpenTaskStore, owner_id: UUID) -> Overview:
    """Ask everything at once, each question in a session of its own: one session can only do one thing at a time."""

    async def ask[T](question: Callable[[TaskStore], Awaitable[T]]) -> T:
        async with open_store() as store:
            return await question(store)

    failures: list[Exception] = []
    try:
        async with asyncio.TaskGroup() as group:
            counts = group.create_task(ask(lambda store: store.count_by_status(owner_id)))
            overdue = group.create_task(ask(lambda store: store.count_overdue(owner_id, datetime.now(UTC))))
            following = group.create_task(ask(lambda store: store.due(owner_id, NEXT)))
    except* Exception as group_failed:
        failures.extend(group_failed.exceptions)
    else:
        by_status = {status: counts.result().get(status, 0) for status in TaskStatus}
        return Overview(by_status, overdue.result(), list(following.result()))
    raise failures[0]  # answered as it would be alone
