"""Tasks as a table, made by a worker: a request asks for it, and what it gets is a job."""

from http import HTTPStatus
from uuid import UUID

from litestar import Controller, Router, post
from litestar.datastructures import ResponseHeader, State
from litestar.di import NamedDependency
from litestar.exceptions import TooManyRequestsException
from litestar.params import SkipValidation
from msgspec import Struct

from ..errors import AnyRequest, DomainError
from ..plugins.docs.responses import problems
from ..plugins.formats import Answer
from ..plugins.jobs import File, Jobs
from ..plugins.stores import Counters
from .export import table
from .store import provide_open_task_store

# Each is kept for a while: together they are what one owner may fill the queue's storage with.
MOST_BYTES = 1_000_000
MOST_EXPORTS = 20
LOCATION = ResponseHeader(name="location", description="What becomes of it", documentation_only=True)


class ExportQueued(Struct):
    job: UUID


async def export_tasks(state: State, *, owner: UUID) -> File:
    """A job: all tasks of an owner. It fails where they are more than a file of a job should be."""
    pages: list[str] = []
    size = 0
    async for page in table(await provide_open_task_store(state), owner):
        pages.append(page)
        size += len(page.encode())
        if size > MOST_BYTES:
            raise DomainError("There are too many tasks for one file.")
    return File("tasks.csv", "text/csv", "".join(pages))


class ExportController(Controller):
    """Tables that take longer than anybody waits."""

    @post(
        summary="Ask for tasks as a table",
        status_code=HTTPStatus.ACCEPTED,
        response_headers=[LOCATION],
        responses=problems(HTTPStatus.TOO_MANY_REQUESTS),
    )
    async def ask_for_task_export(
        self,
        request: AnyRequest,
        jobs: NamedDependency[SkipValidation[Jobs]],
        counters: NamedDependency[SkipValidation[Counters]],
        owner: NamedDependency[UUID],
    ) -> Answer[ExportQueued]:
        """`Location` says what became of it. Until it is made, asking again is the same job."""
        asked, rest = await counters.add(f"exports {owner}", jobs.settings.keep)
        if asked > MOST_EXPORTS:
            raise TooManyRequestsException("There were too many exports; wait.", headers={"retry-after": str(rest)})
        job = await jobs.add(export_tasks, owner=owner)
        return Answer(ExportQueued(job), headers={"location": request.app.route_reverse("get_job", job_id=job)})


router = Router("/tasks/exports", route_handlers=[ExportController], tags=["Tasks"])
