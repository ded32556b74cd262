"""Tasks over HTTP."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Literal, cast
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Controller, Router, delete, get, patch, post, put
from litestar.datastructures import Cookie, ResponseHeader
from litestar.di import NamedDependency, Provide
from litestar.params import (
    CookieParameter,
    FromPath,
    FromQuery,
    HeaderParameter,
    JSONBody,
    QueryParameter,
    SkipValidation,
)

from ..errors import AnyRequest
from ..plugins.docs.responses import problems
from ..plugins.formats import Answer
from .dashboard import look
from .export import MOST, to_csv
from .models import (
    LARGEST_PAGE,
    PRINTABLE,
    SortKey,
    Task,
    TaskBatch,
    TaskCreate,
    TaskDashboard,
    TaskOut,
    TaskPage,
    TaskPatch,
    TaskPriority,
    TaskQuery,
    TaskSelection,
    TaskStatus,
    TaskView,
)
from .service import Expected, OpenTaskStore, TaskService, TaskStore, anything
from .store import provide_open_task_store, provide_task_store

PATH = "/tasks"
PAGE = 20
DASHBOARD_SECONDS = 5
VIEW = "task_page_size"
YEAR = 365 * 24 * 60 * 60

# Not `type` statements: Litestar reads what stands in them, not the name.
Limit = Annotated[int | None, QueryParameter(ge=1, le=LARGEST_PAGE, description=f"{PAGE} unless a view says otherwise")]
PageSize = Annotated[int | None, CookieParameter(name=VIEW, ge=1, le=LARGEST_PAGE, description="Set by the view")]
IfMatch = Annotated[str | None, HeaderParameter(name="if-match", description="The ETag of what is to be changed")]


async def provide_tasks(
    task_store: NamedDependency[SkipValidation[TaskStore]], owner: NamedDependency[UUID]
) -> TaskService:
    return TaskService(task_store, owner)


async def provide_exported(tasks: NamedDependency[TaskService]) -> Sequence[Task]:
    found, _ = await tasks.list(TaskQuery(limit=MOST))
    return found


def to_out(task: Task) -> TaskOut:
    return msgspec.convert(task, TaskOut, from_attributes=True)


def tag(task: Task) -> str:
    return f'"{task.version}"'


def matching(if_match: str | None) -> Expected:
    """What a task has to be for a request with this header (RFC 9110, 13.1.1)."""
    if if_match is None or if_match.strip() == "*":
        return anything
    tags = {one.strip() for one in if_match.split(",")}
    return lambda task: tag(task) in tags


def tagged(task: Task, **headers: str) -> Answer[TaskOut]:
    return Answer(to_out(task), headers={"etag": tag(task), **headers})


def links(request: AnyRequest, limit: int, offset: int, total: int) -> str:
    """The pages around this one (RFC 8288). They begin with the path: what the client calls this host is its affair."""
    last = max(total - 1, 0) // limit * limit
    offsets = {"first": 0, "prev": max(offset - limit, 0), "next": offset + limit, "last": last}
    if not offset:
        del offsets["prev"]
    if offset + limit >= total:
        del offsets["next"]
    given = cast("dict[str, str]", {**request.query_params, "limit": limit})
    addresses = {name: f"{request.scope['path']}?{urlencode({**given, 'offset': at})}" for name, at in offsets.items()}
    return ", ".join(f'<{address}>; rel="{name}"' for name, address in addresses.items())


class TaskController(Controller):
    """Things to do."""

    @post(summary="Create a task")
    async def create_task(
        self, data: JSONBody[TaskCreate], request: AnyRequest, tasks: NamedDependency[TaskService]
    ) -> Answer[TaskOut]:
        task = await tasks.create(data)
        return tagged(task, location=request.app.route_reverse("get_task", task_id=task.id))

    @get(name="list_tasks", summary="List tasks")
    async def list_tasks(
        self,
        request: AnyRequest,
        tasks: NamedDependency[TaskService],
        limit: Limit = None,
        offset: Annotated[int, QueryParameter(ge=0, le=1_000_000)] = 0,
        status: FromQuery[TaskStatus | None] = None,
        priority: FromQuery[TaskPriority | None] = None,
        search: Annotated[str, QueryParameter(max_length=200, pattern=PRINTABLE)] = "",
        sort: FromQuery[SortKey] = "created_at",
        order: FromQuery[Literal["asc", "desc"]] = "desc",
        page_size: PageSize = None,
    ) -> Answer[TaskPage]:
        query = TaskQuery(
            limit=limit or page_size or PAGE,
            offset=offset,
            status=status,
            priority=priority,
            search=search,
            sort=sort,
            descending=order == "desc",
        )
        found, total = await tasks.list(query)
        page = TaskPage(items=[to_out(task) for task in found], total=total, limit=query.limit, offset=offset)
        return Answer(page, headers={"link": links(request, query.limit, offset, total)})

    @get("/{task_id:uuid}", name="get_task", summary="Read a task")
    async def get_task(self, task_id: FromPath[UUID], tasks: NamedDependency[TaskService]) -> Answer[TaskOut]:
        return tagged(await tasks.get(task_id))

    @patch(
        "/{task_id:uuid}",
        summary="Change some fields of a task",
        responses=problems(HTTPStatus.PRECONDITION_FAILED),
    )
    async def update_task(
        self,
        task_id: FromPath[UUID],
        data: JSONBody[TaskPatch],
        tasks: NamedDependency[TaskService],
        if_match: IfMatch = None,
    ) -> Answer[TaskOut]:
        """With `If-Match`, a task that somebody else has changed meanwhile stays as they left it."""
        return tagged(await tasks.update(task_id, data, matching(if_match)))

    @post("/{task_id:uuid}/complete", summary="Complete a task", status_code=200)
    async def complete_task(self, task_id: FromPath[UUID], tasks: NamedDependency[TaskService]) -> Answer[TaskOut]:
        return tagged(await tasks.complete(task_id))

    @delete("/{task_id:uuid}", summary="Delete a task")
    async def delete_task(self, task_id: FromPath[UUID], tasks: NamedDependency[TaskService]) -> None:
        await tasks.delete(task_id)


class TasksController(Controller):
    """Many tasks at once."""

    @post("/bulk", summary="Create tasks: all of them or none")
    async def create_tasks(self, data: JSONBody[TaskBatch], tasks: NamedDependency[TaskService]) -> list[TaskOut]:
        return [to_out(task) for task in await tasks.create_all(data.tasks)]

    @post(
        "/bulk/complete",
        summary="Complete tasks: all of them or none",
        status_code=200,
        responses=problems(HTTPStatus.NOT_FOUND),
    )
    async def complete_tasks(self, data: JSONBody[TaskSelection], tasks: NamedDependency[TaskService]) -> list[TaskOut]:
        return [to_out(task) for task in await tasks.complete_all(data.ids)]

    # Kept for as long as nobody minds, and for each caller apart: the plugin of the stores sees to that.
    @get("/dashboard", cache=DASHBOARD_SECONDS, summary="How much there is to do, and what is next")
    async def read_dashboard(
        self, open_task_store: NamedDependency[SkipValidation[OpenTaskStore]], owner: NamedDependency[UUID]
    ) -> TaskDashboard:
        return msgspec.convert(await look(open_task_store, owner), TaskDashboard, from_attributes=True)

    @get(
        "/export",
        summary="Tasks as a table",
        media_type="text/csv",
        response_headers=[ResponseHeader(name="content-disposition", value='attachment; filename="tasks.csv"')],
        dependencies={"exported": Provide(provide_exported)},
        sync_to_thread=True,  # writing ten thousand rows would keep everybody else waiting
    )
    def export_tasks(self, exported: NamedDependency[SkipValidation[Sequence[Task]]]) -> str:
        return to_csv(exported)

    @put("/view", summary="Say how many tasks a page has")
    async def set_view(self, data: JSONBody[TaskView], request: AnyRequest) -> Answer[TaskView]:
        """Kept in a cookie that no script can read. It is worth nothing to anybody else, so it needs no CSRF token."""
        path = request.app.route_reverse("list_tasks")
        cookie = Cookie(
            VIEW, value=str(data.page_size), path=path, max_age=YEAR, httponly=True, secure=True, samesite="strict"
        )
        return Answer(data, cookies=[cookie])


router = Router(
    PATH,
    route_handlers=[TaskController, TasksController],
    tags=["Tasks"],
    dependencies={
        "open_task_store": Provide(provide_open_task_store),
        "task_store": Provide(provide_task_store),
        "tasks": Provide(provide_tasks),
    },
)
