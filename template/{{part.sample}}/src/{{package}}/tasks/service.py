"""What can be done with tasks: the rules, without HTTP and without storage."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Protocol, cast
from uuid import UUID, uuid7

from msgspec import UNSET
from msgspec.structs import asdict, replace

from ..errors import NotFoundError, StaleError
from .models import Task, TaskCreate, TaskLine, TaskPatch, TaskQuery, TaskStatus

type Expected = Callable[[Task], bool]

DONE = {"status": TaskStatus.DONE}


def anything(_: Task) -> bool:
    return True


class TaskStore(Protocol):
    """Where tasks live. Every call names the owner: a task of somebody else is not there."""

    async def add(self, task: Task) -> None: ...
    async def add_all(self, tasks: Sequence[Task]) -> None: ...

    async def get(self, owner_id: UUID, task_id: UUID, *, for_update: bool = False) -> Task | None:
        """Read a task; `for_update` keeps it from changing until the transaction ends."""
        ...

    async def get_all(self, owner_id: UUID, task_ids: Collection[UUID]) -> Sequence[Task]:
        """Read those of the tasks that are there, and keep them from changing until the transaction ends."""
        ...

    async def list(self, owner_id: UUID, query: TaskQuery) -> tuple[Sequence[Task], int]: ...

    async def lines(self, owner_id: UUID, after: TaskLine | None, limit: int) -> Sequence[TaskLine]:
        """The newest tasks, or those that come after one: however far it is, the next ones are found as fast."""
        ...

    async def count_by_status(self, owner_id: UUID) -> Mapping[TaskStatus, int]: ...

    async def count_overdue(self, owner_id: UUID, now: datetime) -> int:
        """How many are not done, and were due before now."""
        ...

    async def due(self, owner_id: UUID, limit: int) -> Sequence[Task]:
        """Those that have a date and are not done, by their date."""
        ...

    async def update(self, task: Task) -> Task: ...
    async def update_all(self, tasks: Sequence[Task]) -> None: ...
    async def delete(self, owner_id: UUID, task_id: UUID) -> bool: ...


class OpenTaskStore(Protocol):
    """A session of its own, to read in beside others."""

    def __call__(self) -> AbstractAsyncContextManager[TaskStore]: ...


class TaskService:
    def __init__(self, store: TaskStore, owner_id: UUID) -> None:
        self.store = store
        self.owner_id = owner_id

    async def create(self, data: TaskCreate) -> Task:
        task = self.new(data)
        await self.store.add(task)
        return task

    async def create_all(self, batch: Sequence[TaskCreate]) -> Sequence[Task]:
        """Create all of them or none."""
        tasks = [self.new(data) for data in batch]
        await self.store.add_all(tasks)
        return tasks

    def new(self, data: TaskCreate) -> Task:
        now = datetime.now(UTC)
        fields = cast("dict[str, object]", asdict(data))
        task = Task(id=uuid7(), owner_id=self.owner_id, title=data.title, created_at=now, updated_at=now)
        return replace(task, **fields)

    async def get(self, task_id: UUID, *, for_update: bool = False) -> Task:
        if task := await self.store.get(self.owner_id, task_id, for_update=for_update):
            return task
        raise NotFoundError(f"There is no task {task_id}.")

    async def list(self, query: TaskQuery) -> tuple[Sequence[Task], int]:
        """One page of tasks, and how many there are on all pages."""
        return await self.store.list(self.owner_id, query)

    async def update(self, task_id: UUID, patch: TaskPatch, expected: Expected = anything) -> Task:
        """Change some fields; raises `StaleError` where the task is not as the caller expects it to be.

        A task that has those values already stays as it is.
        """
        task = await self.get_expected(task_id, expected)
        fields = cast("dict[str, object]", asdict(patch))
        given = {name: value for name, value in fields.items() if value is not UNSET}
        return task if replace(task, **given) == task else await self.change(task, given)

    async def complete(self, task_id: UUID, expected: Expected = anything) -> Task:
        """Set a task to done; a task that is done already stays as it is."""
        task = await self.get_expected(task_id, expected)
        return task if task.status is TaskStatus.DONE else await self.change(task, DONE)

    async def complete_all(self, task_ids: Sequence[UUID]) -> Sequence[Task]:
        """Set all of them to done or, where one of them is not there, none."""
        found = {task.id: task for task in await self.store.get_all(self.owner_id, set(task_ids))}
        if missing := [str(task_id) for task_id in dict.fromkeys(task_ids) if task_id not in found]:
            raise NotFoundError(f"There is no task {', '.join(missing)}.")
        done = await self.change_all([task for task in found.values() if task.status is not TaskStatus.DONE], DONE)
        found |= {task.id: task for task in done}
        return [found[task_id] for task_id in dict.fromkeys(task_ids)]

    async def change(self, task: Task, changes: Mapping[str, object]) -> Task:
        return await self.store.update(changed(task, changes))

    async def change_all(self, tasks: Sequence[Task], changes: Mapping[str, object]) -> Sequence[Task]:
        new = [changed(task, changes) for task in tasks]
        await self.store.update_all(new)
        return new

    async def get_expected(self, task_id: UUID, expected: Expected) -> Task:
        """Read a task to change it; raises `StaleError` where it is not as the caller expects it to be."""
        task = await self.get(task_id, for_update=True)
        if not expected(task):
            raise StaleError(f"Task {task_id} has been changed meanwhile; read it again.")
        return task

    async def delete(self, task_id: UUID, expected: Expected = anything) -> None:
        _ = await self.get_expected(task_id, expected)
        if not await self.store.delete(self.owner_id, task_id):
            raise NotFoundError(f"There is no task {task_id}.")


def changed(task: Task, changes: Mapping[str, object]) -> Task:
    """The next version; `completed_at` stays true to the status whichever way it changes."""
    now = datetime.now(UTC)
    new = replace(task, **changes, version=task.version + 1, updated_at=now)
    if new.status is task.status:
        return new
    return replace(new, completed_at=now if new.status is TaskStatus.DONE else None)
