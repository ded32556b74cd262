"""Jobs over HTTP: what became of them."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Literal, cast
from uuid import UUID

import msgspec
from litestar import Controller, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation
from litestar.response import Stream
from msgspec import Struct
from saq import Job, Status

from ...errors import ConflictError, NotFoundError
from ..docs.responses import problems
from .files import Left, content_of
from .queueing import Jobs

type JobStatus = Literal["queued", "running", "done", "failed"]

STATUS: dict[Status, JobStatus] = {
    Status.NEW: "queued",
    Status.QUEUED: "queued",
    Status.ACTIVE: "running",
    Status.ABORTING: "running",
    Status.ABORTED: "failed",
    Status.FAILED: "failed",
    Status.COMPLETE: "done",
}


class JobOut(Struct, kw_only=True):
    """`failed` says that it is not tried again; `attempts` how often it was begun."""

    id: UUID
    name: str
    status: JobStatus
    attempts: int
    queued_at: datetime
    finished_at: datetime | None


def to_out(key: UUID, job: Job) -> JobOut:
    return JobOut(
        id=key,
        name=job.function,
        status=STATUS[job.status],
        attempts=job.attempts,
        queued_at=moment(job.queued),
        finished_at=moment(job.completed) if job.completed else None,
    )


def moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


async def find(jobs: Jobs, job_id: UUID) -> Job:
    if job := await jobs.find(job_id):
        return job
    raise NotFoundError(f"There is no job {job_id}.")


class JobController(Controller):
    """Work that was left to a worker. A job is there for who asked for it."""

    @get("/{job_id:uuid}", name="get_job", summary="Read what became of a job")
    async def get_job(self, job_id: FromPath[UUID], jobs: NamedDependency[SkipValidation[Jobs]]) -> JobOut:
        return to_out(job_id, await find(jobs, job_id))

    @get(
        "/{job_id:uuid}/result",
        name="get_job_result",
        summary="Take what a job has left",
        media_type="text/plain",
        responses=problems(HTTPStatus.CONFLICT),
    )
    async def get_job_result(self, job_id: FromPath[UUID], jobs: NamedDependency[SkipValidation[Jobs]]) -> Stream:
        job = await find(jobs, job_id)
        if job.status is not Status.COMPLETE:
            raise ConflictError(f"Job {job_id} is not done: it is {STATUS[job.status]}.")
        left = cast("Left | None", msgspec.convert(cast("object", job.result), Left | None))
        if left is None:
            raise NotFoundError(f"Job {job_id} has left nothing.")
        content = await content_of(jobs.queue, left)
        headers = {
            "content-type": f"{left.media_type}; charset=utf-8",  # the decorator's would come before the stream's
            "content-disposition": f'attachment; filename="{left.name}"',
        }
        return Stream(content, headers=headers)


router = Router("/api/v1/jobs", route_handlers=[JobController], tags=["Jobs"])
