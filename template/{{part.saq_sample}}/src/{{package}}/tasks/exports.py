"""Tasks as a table, made by a worker: a request asks for it, and what it gets is a job."""

from http import HTTPStatus
from uuid import UUID

from litestar import Controller, Router, post
from litestar.datastructures import ResponseHeader, State
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from msgspec import Struct

from ..errors import AnyRequest, DomainError
from ..plugins.formats import Answer
from ..plugins.jobs import File, Jobs
from .export import table
from .store import provide_open_task_store

MOST_CHARACTERS = 1_000_000
LOCATION = ResponseHeader(name="location", description="What becomes of it", documentation_only=True)


class ExportQueued(Struct):
    job: UUID


async def export_tasks(state: State, *, owner: UUID) -> File:
    """A job: all tasks of an owner. It fails where they are more than a file of a job should be."""
    text = ""
    async for page in table(await provide_open_task_store(state), owner):
        text += page
        if len(text) > MOST_CHARACTERS:
            raise DomainError("There are too many tasks for one file.")
    return File("tasks.csv", "text/csv", text)


class ExportController(Controller):
    """Tables that take longer than anybody waits."""

    @post(summary="Ask for tasks as a table", status_code=HTTPStatus.ACCEPTED, response_headers=[LOCATION])
    async def ask_for_task_export(
        self,
        request: AnyRequest,
        jobs: NamedDependency[SkipValidation[Jobs]],
        owner: NamedDependency[UUID],
    ) -> Answer[ExportQueued]:
        """`Location` says what became of it. Until it is made, asking again is the same job."""
        job = await jobs.add(export_tasks, owner=owner)
        return Answer(ExportQueued(job), headers={"location": request.app.route_reverse("get_job", job_id=job)})


router = Router("/tasks/exports", route_handlers=[ExportController], tags=["Tasks"])
