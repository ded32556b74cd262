"""What can be done with tasks: the rules, without HTTP and without storage."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Protocol, cast
from uuid import UUID, uuid7

from msgspec import UNSET
from msgspec.structs import asdict, replace

from ..errors import NotFoundError
from .models import Task, TaskCreate, TaskPatch, TaskQuery, TaskStatus


class TaskStore(Protocol):
    """Where tasks live. Every call names the owner: a task of somebody else is not there."""

    async def add(self, task: Task) -> Task: ...

    async def get(self, owner_id: UUID, task_id: UUID, *, for_update: bool = False) -> Task | None:
        """Read a task; `for_update` keeps it from changing until the transaction ends."""
        ...

    async def list(self, owner_id: UUID, query: TaskQuery) -> tuple[Sequence[Task], int]: ...
    async def update(self, task: Task) -> Task: ...
    async def delete(self, owner_id: UUID, task_id: UUID) -> bool: ...


class TaskService:
    def __init__(self, store: TaskStore, owner_id: UUID) -> None:
        self.store = store
        self.owner_id = owner_id

    async def create(self, data: TaskCreate) -> Task:
        now = datetime.now(UTC)
        fields = cast("dict[str, object]", asdict(data))
        task = Task(id=uuid7(), owner_id=self.owner_id, title=data.title, created_at=now, updated_at=now)
        return await self.store.add(replace(task, **fields))

    async def get(self, task_id: UUID, *, for_update: bool = False) -> Task:
        if task := await self.store.get(self.owner_id, task_id, for_update=for_update):
            return task
        raise NotFoundError(f"There is no task {task_id}.")

    async def list(self, query: TaskQuery) -> tuple[Sequence[Task], int]:
        """One page of tasks, and how many there are on all pages."""
        return await self.store.list(self.owner_id, query)

    async def update(self, task_id: UUID, patch: TaskPatch) -> Task:
        task = await self.get(task_id, for_update=True)
        fields = cast("dict[str, object]", asdict(patch))
        return await self.save(task, {name: value for name, value in fields.items() if value is not UNSET})

    async def complete(self, task_id: UUID) -> Task:
        """Set a task to done; a task that is done already keeps the moment when it became so."""
        return await self.save(await self.get(task_id, for_update=True), {"status": TaskStatus.DONE})

    async def delete(self, task_id: UUID) -> None:
        if not await self.store.delete(self.owner_id, task_id):
            raise NotFoundError(f"There is no task {task_id}.")

    async def save(self, task: Task, changes: dict[str, object]) -> Task:
        """Apply changes, and keep `completed_at` true to the status whichever way it changes."""
        now = datetime.now(UTC)
        changed = replace(task, **changes, updated_at=now)
        if changed.status is not task.status:
            done = changed.status is TaskStatus.DONE
            changed = replace(changed, completed_at=now if done else None)
        return await self.store.update(changed)
