"""`jobs`: the dead ones, and another try."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import cast

from saq import Job, Queue

from ...commands import Commands, say
from ...config import ConfigurationError
from .broker import GONE, HasBroker, open_queue
from .routes import moment
from .settings import DEAD


def add_job_commands(commands: Commands) -> None:
    jobs = commands.add_parser("jobs", help="look after the jobs")
    actions = jobs.add_subparsers(required=True, metavar="ACTION")
    dead = actions.add_parser("dead", help="list those that are not tried again: id, when, how often, what, why")
    dead.set_defaults(run=list_dead)
    again = actions.add_parser("retry", help="try a dead one again")
    _ = again.add_argument("job", help="its id")
    again.set_defaults(run=retry)


def list_dead(settings: HasBroker, _: argparse.Namespace) -> int:
    async def collect(queue: Queue) -> list[Job]:
        return [job async for job in queue.iter_jobs(list(DEAD))]

    for job in sorted(asyncio.run(with_queue(settings, collect)), key=lambda job: job.completed):
        lines = (job.error or "").strip().splitlines() or [""]
        ended = moment(job.completed).isoformat(timespec="seconds")
        say(f"{job.key} {ended} {job.attempts} {job.function} {lines[-1]}")
    return 0


def retry(settings: HasBroker, given: argparse.Namespace) -> int:
    key = cast("str", given.job)

    async def enqueue(queue: Queue) -> Job | None:
        job = await queue.job(key)
        if job is None or job.status not in DEAD:
            return None
        job.attempts = job.started = job.completed = job.scheduled = 0
        job.error = None
        return await queue.enqueue(job)

    if asyncio.run(with_queue(settings, enqueue)) is None:
        print(f"jobs: There is no dead job {key}.", file=sys.stderr)
        return 1
    return 0


async def with_queue[T](settings: HasBroker, action: Callable[[Queue], Awaitable[T]]) -> T:
    queue = open_queue(settings)
    try:
        await queue.connect()
        return await action(queue)
    except GONE as error:
        raise ConfigurationError(f"The queue of jobs cannot be reached: {error}") from error
    finally:
        await queue.disconnect()
