"""Queueing: what a handler leaves to the workers, once what it did is stored."""

import logging
from collections.abc import Awaitable, Callable
from typing import cast
from uuid import UUID, uuid5

import msgspec
import structlog
from saq import Job

from .broker import JobQueue
from .settings import JobsSettings
from .work import Work, name_of, written

type Defer = Callable[[Callable[[], Awaitable[None]]], Awaitable[None]]

LONGEST_DELAY = 600.0

# Its lines have what the jobs were given; ours have not.
logging.getLogger("saq").setLevel(logging.CRITICAL)


class Jobs:
    """What one owner may queue. Nobody else can ask what became of it."""

    def __init__(self, queue: JobQueue, settings: JobsSettings, owner: UUID, defer: Defer) -> None:
        self.queue = queue
        self.settings = settings
        self.owner = owner
        self.defer = defer

    async def add[**P](self, work: Work[P], *args: P.args, **kwargs: P.kwargs) -> UUID:
        """Queue it, and return the job's id.

        Asked for again while it waits or runs, with the same arguments, it is the same job.
        """
        name, given = name_of(work), written(work, *args, **kwargs)
        key = uuid5(self.owner, name + msgspec.json.encode(given, order="sorted").decode())
        settings = self.settings
        job = Job(
            function=name,
            kwargs=given,
            key=str(key),
            timeout=settings.timeout,
            retries=settings.retries + 1,
            retry_delay=settings.retry_delay,
            retry_backoff=LONGEST_DELAY,
            ttl=settings.keep_dead,
            meta={"owner": str(self.owner), "request_id": request_id()},
        )

        async def enqueue() -> None:
            _ = await self.queue.enqueue(job)

        await self.defer(enqueue)
        return key

    async def find(self, key: UUID) -> Job | None:
        """A job of this owner."""
        job = await self.queue.job(str(key))
        return job if job and job.meta.get("owner") == str(self.owner) else None


async def at_once(action: Callable[[], Awaitable[None]]) -> None:
    """Where there is no transaction to wait for."""
    await action()


def request_id() -> str:
    """The request that is answered now: the job's lines in the log have it too."""
    return cast("str", structlog.contextvars.get_contextvars().get("request_id", ""))
