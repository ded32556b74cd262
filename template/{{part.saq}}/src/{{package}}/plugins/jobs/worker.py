"""The worker: takes jobs out of the queue, and runs them until it is told to end."""

import asyncio
import functools
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import cast, override

import msgspec
import structlog
from litestar.datastructures import State
from saq import CronJob, Job
from saq import Worker as SaqWorker
from saq.types import Context, Function

from ..logging import describe
from .broker import JobQueue
from .files import put_away
from .patience import LOOK_SECONDS
from .settings import JobsSettings
from .work import AnyWork, name_of, read

BEAT_SECONDS = 1
INFO_SECONDS = 10
ABORT_SECONDS = 2.0


class Worker(SaqWorker[Context]):
    """SAQ's own sleeps through its end: its chores are cancelled in the middle of what they do."""

    heartbeat: str = ""

    @override
    async def upkeep(self) -> list[asyncio.Task[None]]:
        async def worker_info(seconds: float) -> None:
            _ = await self.worker_info(ttl=round(seconds) * 3)

        async def sweep(seconds: float) -> None:
            _ = await self.queue.sweep(lock=round(seconds), abort=ABORT_SECONDS)

        async def schedule(_: float) -> None:
            await self.schedule()

        async def beat(_: float) -> None:
            self.beat()

        timers = self.timers
        chores: Mapping[str, tuple[Callable[[float], Awaitable[None]], int]] = {
            "abort": (self.abort, timers["abort"]),
            "beat": (beat, BEAT_SECONDS),
            "schedule": (schedule, timers["schedule"]),
            "sweep": (sweep, timers["sweep"]),
            "worker_info": (worker_info, timers["worker_info"]),
        }
        return [
            asyncio.create_task(self.repeat(chore, seconds), name=name) for name, (chore, seconds) in chores.items()
        ]

    def beat(self) -> None:
        """Show that the loop turns. The file is small and near, and no reason for a thread."""
        if self.heartbeat:
            Path(self.heartbeat).touch()

    async def repeat(self, chore: Callable[[float], Awaitable[None]], seconds: float) -> None:
        said = ""
        while not self.event.is_set():
            try:
                await chore(seconds)
                said = ""
            except Exception as error:  # whatever the broker's driver raises: it may be back the next time
                if said != (said := describe(error)):
                    structlog.stdlib.get_logger("jobs").warning("the broker cannot do this now", error=said)
            try:
                async with asyncio.timeout(seconds):
                    _ = await self.event.wait()
            except TimeoutError:
                continue


def make_worker(
    settings: JobsSettings, queue: JobQueue, state: State, work: Sequence[AnyWork], periodic: Mapping[AnyWork, str]
) -> Worker:
    """A worker for this work; `periodic` says when, in the five fields of cron and in UTC."""
    names = [name_of(one) for one in (*work, *periodic)]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"Two jobs cannot have one name: {', '.join(sorted(twice))}")

    async def say(_: Context) -> None:
        structlog.stdlib.get_logger("jobs").info("worker started", concurrency=settings.concurrency)

    worker = Worker(
        queue,
        [(name_of(one), runner(one, state, queue, settings.keep)) for one in work],
        cron_jobs=[
            CronJob(
                runner(one, state, queue, settings.keep),
                cron,
                timeout=settings.timeout,
                retries=settings.retries + 1,
                ttl=settings.keep_dead,
            )
            for one, cron in periodic.items()
        ],
        concurrency=settings.concurrency,
        startup=say,  # when it can be told to end
        after_process=report,
        timers={"schedule": 1, "worker_info": INFO_SECONDS, "sweep": settings.sweep, "abort": 1},
        dequeue_timeout=LOOK_SECONDS,
        shutdown_grace_period_s=settings.grace,
    )
    worker.heartbeat = settings.heartbeat
    return worker


def runner(work: AnyWork, state: State, queue: JobQueue, keep: int) -> Function[Context]:
    """The work as SAQ calls it. What succeeds is not kept for as long as what is dead."""

    @functools.wraps(work)
    async def run(context: Context, **given: object) -> object:
        job = job_of(context)
        structlog.contextvars.clear_contextvars()
        _ = structlog.contextvars.bind_contextvars(job=job.key, request_id=job.meta.get("request_id", ""))
        file = await work(state, **read(work, given))
        job.ttl = keep
        left = file and await put_away(queue, file, keep)
        return cast("object", msgspec.to_builtins(left))

    return run


def job_of(context: Context) -> Job:
    """SAQ's type of it says that there may be none; where a job runs there is."""
    return cast("Job", context.get("job"))


async def report(context: Context) -> None:
    """A line for each attempt."""
    job, error = job_of(context), context.get("exception")
    log = structlog.stdlib.get_logger("jobs")
    facts = {"job": job.key, "name": job.function, "attempt": job.attempts, "status": str(job.status.value)}
    if error is None:
        log.info("job", **facts, milliseconds=round(time.time() * 1000) - job.started if job.started else None)
    else:
        log.error("job", **facts, exc_info=error)
