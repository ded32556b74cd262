"""Tasks over HTTP."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Controller, Response, Router, delete, get, patch, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter, SkipValidation

from ..errors import AnyRequest
from .models import (
    PRINTABLE,
    SortKey,
    Task,
    TaskCreate,
    TaskOut,
    TaskPage,
    TaskPatch,
    TaskPriority,
    TaskQuery,
    TaskStatus,
)
from .service import TaskService, TaskStore
from .store import provide_task_store


async def provide_tasks(
    task_store: NamedDependency[SkipValidation[TaskStore]], owner: NamedDependency[UUID]
) -> TaskService:
    return TaskService(task_store, owner)


def to_out(task: Task) -> TaskOut:
    return msgspec.convert(task, TaskOut, from_attributes=True)


class TaskController(Controller):
    """Things to do."""

    @post(summary="Create a task")
    async def create_task(
        self, data: JSONBody[TaskCreate], request: AnyRequest, tasks: NamedDependency[TaskService]
    ) -> Response[TaskOut]:
        task = await tasks.create(data)
        return Response(to_out(task), headers={"location": request.app.route_reverse("get_task", task_id=task.id)})

    @get(summary="List tasks")
    async def list_tasks(
        self,
        tasks: NamedDependency[TaskService],
        limit: Annotated[int, QueryParameter(ge=1, le=100)] = 20,
        offset: Annotated[int, QueryParameter(ge=0, le=1_000_000)] = 0,
        status: FromQuery[TaskStatus | None] = None,
        priority: FromQuery[TaskPriority | None] = None,
        search: Annotated[str, QueryParameter(max_length=200, pattern=PRINTABLE)] = "",
        sort: FromQuery[SortKey] = "created_at",
        order: FromQuery[Literal["asc", "desc"]] = "desc",
    ) -> TaskPage:
        query = TaskQuery(
            limit=limit,
            offset=offset,
            status=status,
            priority=priority,
            search=search,
            sort=sort,
            descending=order == "desc",
        )
        found, total = await tasks.list(query)
        return TaskPage(items=[to_out(task) for task in found], total=total, limit=limit, offset=offset)

    @get("/{task_id:uuid}", name="get_task", summary="Read a task")
    async def get_task(self, task_id: FromPath[UUID], tasks: NamedDependency[TaskService]) -> TaskOut:
        return to_out(await tasks.get(task_id))

    @patch("/{task_id:uuid}", summary="Change some fields of a task")
    async def update_task(
        self, task_id: FromPath[UUID], data: JSONBody[TaskPatch], tasks: NamedDependency[TaskService]
    ) -> TaskOut:
        return to_out(await tasks.update(task_id, data))

    @post("/{task_id:uuid}/complete", summary="Complete a task", status_code=200)
    async def complete_task(self, task_id: FromPath[UUID], tasks: NamedDependency[TaskService]) -> TaskOut:
        return to_out(await tasks.complete(task_id))

    @delete("/{task_id:uuid}", summary="Delete a task")
    async def delete_task(self, task_id: FromPath[UUID], tasks: NamedDependency[TaskService]) -> None:
        await tasks.delete(task_id)


router = Router(
    "/tasks",
    route_handlers=[TaskController],
    tags=["Tasks"],
    dependencies={"task_store": Provide(provide_task_store), "tasks": Provide(provide_tasks)},
)
