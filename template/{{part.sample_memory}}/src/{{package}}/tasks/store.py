"""Where tasks live: in the memory of this process, gone when it ends."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import cast
from uuid import UUID

from litestar.datastructures import State

from .models import SortKey, Task, TaskPriority, TaskQuery

type Key = Callable[[Task], tuple[bool, object]]

RANK = {priority: rank for rank, priority in enumerate(TaskPriority)}
END_OF_TIME = datetime.max.replace(tzinfo=UTC)


class MemoryTaskStore:
    def __init__(self) -> None:
        self.tasks: dict[UUID, Task] = {}

    async def add(self, task: Task) -> Task:
        self.tasks[task.id] = task
        return task

    async def get(self, owner_id: UUID, task_id: UUID, *, for_update: bool = False) -> Task | None:
        del for_update  # nobody else runs between here and the update: there is no `await` that waits
        task = self.tasks.get(task_id)
        return task if task and task.owner_id == owner_id else None

    async def list(self, owner_id: UUID, query: TaskQuery) -> tuple[Sequence[Task], int]:
        found = [task for task in self.tasks.values() if task.owner_id == owner_id and matches(task, query)]
        found.sort(key=lambda task: task.id)
        found.sort(key=lambda task: sort_value(task, query.sort), reverse=query.descending)
        found.sort(key=lambda task: query.sort == "due_at" and task.due_at is None)
        return found[query.offset : query.offset + query.limit], len(found)

    async def update(self, task: Task) -> Task:
        self.tasks[task.id] = task
        return task

    async def delete(self, owner_id: UUID, task_id: UUID) -> bool:
        found = await self.get(owner_id, task_id)
        return found is not None and self.tasks.pop(task_id) is found


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
