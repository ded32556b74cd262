"""Jobs are handed out to a crew, and what comes of them is handed on as it comes."""

import os
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import suppress
from functools import partial
from itertools import islice
from pathlib import Path
from threading import Lock

from newapi.verify import crew, dask, keeper
from newapi.verify.crew import Crew
from newapi.verify.job import Done, Event, Job, Result
from newapi.verify.request import Request
from newapi.verify.servers import Servers
from newapi.verify.watch import Watcher

LOST = "The process that worked on it was lost: it was killed, or the machine ran out of memory."
SPARE = 2  # jobs beside one for each core: each waits for a good part of its time, for servers, locks and clocks
BEAT = 5.0  # seconds after which is looked and told how things are, when nothing has happened


def results(request: Request, count: int, make: Callable[[Path], Iterator[Job]], watcher: Watcher) -> Generator[Result]:
    """The results of all jobs as they come, or until the first that fails where that is enough.

    `make` makes the jobs for a run in a folder, `count` in all, each when somebody is there to do it. All that was
    started is ended when the last result was taken, or when the generator is closed.
    """
    calls, serve = _Calls(watcher), partial(Servers, urls=request.urls)
    with keeper.run_folder() as run:
        size = min(request.jobs or (os.cpu_count() or 1) + SPARE, count)
        hired = (
            dask.workers(request.scheduler, serve, calls.tell)
            if request.scheduler
            else crew.processes(size, run.folder, serve, calls.tell)
        )
        with suppress(_Enough), hired as working:
            for result in completed(make(run.folder), working, calls.waiting):
                for one in result.done:
                    if one.output == LOST:  # nobody was left to tell
                        calls.tell(Event(result.variant, one.check, "failed"))
                calls.done(result.variant)
                yield result
                if request.fail_fast and any(one.status == "failed" for one in result.done):
                    raise _Enough


def completed(jobs: Iterator[Job], working: Crew, waiting: Callable[[], None]) -> Generator[Result]:
    """Keep the crew at work until all jobs are done; only as many are handed out as it can do.

    A job whose process was lost is done again when nothing else is: the fault may have been another's.
    """
    lost: deque[Job] = deque()
    running: dict[Future[Result], Job] = {}
    while True:
        for job in islice(jobs, max(working.size - len(running), 0)):
            running[working.submit(job)] = job
        alone = not running
        if alone and not lost:
            return
        if alone:
            job = lost.popleft()
            running[working.submit(job)] = job
        while not (over := wait(running, timeout=BEAT, return_when=FIRST_COMPLETED).done):
            working.require()
            waiting()
        for future in over:
            job = running.pop(future)
            try:
                yield future.result()
            except working.lost:
                if alone:
                    done = (Done(check, "failed", 0.0, LOST) for check in job.checks)
                    yield Result(job.subject.variant.name, tuple(done))
                else:
                    lost.append(job)


class _Enough(Exception):  # noqa: N818 - it is no error
    """The first failure was enough."""


class _Calls:
    """One call after the other to the watcher, whichever thread has something to tell."""

    def __init__(self, watcher: Watcher) -> None:
        self._watcher: Watcher = watcher
        self._alone: Lock = Lock()

    def tell(self, event: Event) -> None:
        with self._alone:
            if event.status is None:
                self._watcher.started(event.variant, event.check)
            else:
                self._watcher.finished(event.variant, event.check, event.status, event.seconds)

    def waiting(self) -> None:
        with self._alone:
            self._watcher.waiting()

    def done(self, variant: str) -> None:
        with self._alone:
            self._watcher.done(variant)
