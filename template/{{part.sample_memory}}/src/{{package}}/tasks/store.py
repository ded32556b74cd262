"""Where tasks live: in the memory of this process, gone when it ends."""

from collections import Counter
from collections.abc import AsyncGenerator, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from heapq import nlargest
from typing import cast
from uuid import UUID

from litestar.datastructures import State
from msgspec import convert

from .models import SortKey, Task, TaskLine, TaskPriority, TaskQuery, TaskStatus
from .service import OpenTaskStore

type Key = Callable[[Task], tuple[bool, object]]

RANK = {priority: rank for rank, priority in enumerate(TaskPriority)}
END_OF_TIME = datetime.max.replace(tzinfo=UTC)


class MemoryTaskStore:
    def __init__(self) -> None:
        self.tasks: dict[UUID, Task] = {}

    async def add(self, task: Task) -> None:
        self.tasks[task.id] = task

    async def add_all(self, tasks: Sequence[Task]) -> None:
        self.tasks |= {task.id: task for task in tasks}

    async def get(self, owner_id: UUID, task_id: UUID, *, for_update: bool = False) -> Task | None:
        del for_update  # nobody else runs between here and the update: there is no `await` that waits
        task = self.tasks.get(task_id)
        return task if task and task.owner_id == owner_id else None

    async def list(self, owner_id: UUID, query: TaskQuery) -> tuple[Sequence[Task], int]:
        found = [task for task in self.of(owner_id) if matches(task, query)]
        found.sort(key=lambda task: task.id)
        found.sort(key=lambda task: sort_value(task, query.sort), reverse=query.descending)
        found.sort(key=lambda task: query.sort == "due_at" and task.due_at is None)
        return found[query.offset : query.offset + query.limit], len(found)

    async def get_all(self, owner_id: UUID, task_ids: Collection[UUID]) -> Sequence[Task]:
        return [task for task in self.of(owner_id) if task.id in task_ids]

    async def lines(self, owner_id: UUID, after: TaskLine | None, limit: int) -> Sequence[TaskLine]:
        def key(task: Task | TaskLine) -> tuple[datetime, UUID]:
            return task.created_at, task.id

        found = (task for task in self.of(owner_id) if after is None or key(task) < key(after))
        return [convert(task, TaskLine, from_attributes=True) for task in nlargest(limit, found, key)]

    async def count_by_status(self, owner_id: UUID) -> Mapping[TaskStatus, int]:
        return Counter(task.status for task in self.of(owner_id))

    async def count_overdue(self, owner_id: UUID, now: datetime) -> int:
        return sum(task.status is not TaskStatus.DONE and (task.due_at or now) < now for task in self.of(owner_id))

    async def due(self, owner_id: UUID, limit: int) -> Sequence[Task]:
        waiting = [task for task in self.of(owner_id) if task.due_at and task.status is not TaskStatus.DONE]
        return sorted(waiting, key=lambda task: (task.due_at or END_OF_TIME, task.id))[:limit]

    async def update(self, task: Task) -> Task:
        self.tasks[task.id] = task
        return task

    async def update_all(self, tasks: Sequence[Task]) -> None:
        self.tasks |= {task.id: task for task in tasks}

    async def delete(self, owner_id: UUID, task_id: UUID) -> bool:
        found = await self.get(owner_id, task_id)
        return found is not None and self.tasks.pop(task_id) is found

    def of(self, owner_id: UUID) -> Iterator[Task]:
        return (task for task in self.tasks.values() if task.owner_id == owner_id)


def matches(task: Task, query: TaskQuery) -> bool:
    return (
        query.status in {None, task.status}
        and query.priority in {None, task.priority}
        and query.search.casefold() in f"{task.title}\n{task.description}".casefold()
    )


def sort_value(task: Task, key: SortKey) -> str | int | datetime:
    match key:
        case "priority":
            return RANK[task.priority]
        case "title":
            return task.title
        case "due_at":
            return task.due_at or END_OF_TIME
        case "created_at":
            return task.created_at
        case "updated_at":
            return task.updated_at


async def provide_task_store(state: State) -> MemoryTaskStore:
    """One store for each application, made at the first request."""
    return cast("MemoryTaskStore", state.setdefault("task_store", MemoryTaskStore()))


async def provide_open_task_store(state: State) -> OpenTaskStore:
    @asynccontextmanager
    async def open_store() -> AsyncGenerator[MemoryTaskStore]:
        yield await provide_task_store(state)

    return open_store
