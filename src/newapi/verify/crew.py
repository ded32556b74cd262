"""Who does the jobs: processes on this machine; the workers of a cluster are in `dask`."""

import multiprocessing
import signal
from collections.abc import Callable, Generator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from threading import Thread
from typing import Protocol, TypeAlias

from newapi.verify.job import Event, Job, Result, work
from newapi.verify.servers import Servers

Tell: TypeAlias = Callable[[Event], None]
Serve: TypeAlias = Callable[[Path], Servers]
PROJECTS = "projects"  # in the folder of a run


class Crew(Protocol):
    """Does `size` jobs at once. A job whose worker is lost raises `BrokenExecutor`, and can be submitted again."""

    @property
    def size(self) -> int: ...
    def submit(self, job: Job) -> "Future[Result]": ...


class Pool:
    """A crew of any executor."""

    def __init__(self, size: int, executor: Callable[[], Executor], do: Callable[[Job], Result]) -> None:
        self.size: int = size
        self._make: Callable[[], Executor] = executor
        self._do: Callable[[Job], Result] = do
        self.executor: Executor = executor()

    def submit(self, job: Job) -> "Future[Result]":
        try:
            return self.executor.submit(self._do, job)
        except BrokenProcessPool:  # a process was killed; its pool takes nothing more
            self.executor = self._make()
            return self.executor.submit(self._do, job)


@contextmanager
def processes(size: int, folder: Path, serve: Serve, tell: Tell) -> Generator[Crew]:
    """Processes of this machine that share the servers of one run. On an error nothing is waited for."""
    context = multiprocessing.get_context("spawn")
    events: SimpleQueue[Event | None] = context.SimpleQueue()

    def executor() -> Executor:
        return ProcessPoolExecutor(size, context, initializer=_begin, initargs=(events,))

    pool = Pool(size, executor, partial(_in_process, folder, serve))
    reader = Thread(target=_read, args=(events, tell), daemon=True)
    reader.start()
    try:
        yield pool
    except BaseException:
        pool.executor.shutdown(wait=False, cancel_futures=True)
        raise
    pool.executor.shutdown()
    events.put(None)
    reader.join()


def _read(events: "SimpleQueue[Event | None]", tell: Tell) -> None:
    while event := events.get():
        tell(event)


_events: list["SimpleQueue[Event | None]"] = []  # of a pool's process: a queue can only be handed down at its start


def _begin(events: "SimpleQueue[Event | None]") -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that the person started
    _events.append(events)


def _in_process(folder: Path, serve: Serve, job: Job) -> Result:
    return work(job, folder / PROJECTS, serve(folder), _events[0].put)
