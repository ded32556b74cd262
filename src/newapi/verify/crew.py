"""Who does the jobs: processes on this machine; the workers of a cluster are in `dask`."""

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Generator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread
from types import FrameType
from typing import NoReturn, Protocol, TypeAlias, cast

import msgspec

from newapi.verify.job import Event, Job, Result, work
from newapi.verify.servers import Servers

Tell: TypeAlias = Callable[[Event], None]
Serve: TypeAlias = Callable[[Path], Servers]
PROJECTS = "projects"  # in the folder of a run


class Crew(Protocol):
    """Does `size` jobs at once. A job whose worker is lost raises one of `lost`, and can be submitted again."""

    @property
    def size(self) -> int: ...
    @property
    def lost(self) -> tuple[type[Exception], ...]: ...
    def submit(self, job: Job) -> "Future[Result]": ...
    def require(self) -> None:
        """Raise `MissingError` when nobody is left to do what was submitted."""
        ...


class Pool:
    """Processes of this machine; one that is lost is replaced."""

    lost: tuple[type[Exception], ...] = (BrokenProcessPool,)

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

    def require(self) -> None: ...


@contextmanager
def processes(size: int, folder: Path, serve: Serve, tell: Tell) -> Generator[Crew]:
    """Processes of this machine that share the servers of one run. On an error nothing is waited for."""
    context = multiprocessing.get_context("spawn")
    # No queue: a process that is killed would keep its lock. What is written here is short enough to be written whole.
    heard, told = cast("tuple[Connection, Connection]", context.Pipe(duplex=False))

    def executor() -> Executor:
        return ProcessPoolExecutor(size, context, initializer=_begin, initargs=(told,))

    pool = Pool(size, executor, partial(_in_process, folder, serve))
    reader = Thread(target=_read, args=(heard, tell), daemon=True)
    reader.start()
    try:
        yield pool
    except BaseException:
        pool.executor.shutdown(wait=False, cancel_futures=True)
        raise
    else:
        pool.executor.shutdown()
    finally:
        told.send_bytes(b"")
        reader.join()


def _read(heard: Connection, tell: Tell) -> None:
    """Hand on what is told, to the end: whoever tells would wait for ever for someone who has stopped to listen."""
    listening = True
    while event := heard.recv_bytes():
        if listening:
            try:
                tell(msgspec.json.decode(event, type=Event))
            except Exception:  # noqa: BLE001 - a watcher that fails is no reason to lose the work
                listening = False


_told: list[Connection] = []  # of a pool's process: it can only be handed down when the process starts


def _begin(told: Connection) -> None:
    _told.append(told)
    # Ctrl-C is for the process that the person started. It is not ignored: what is started here would ignore it too.
    signal.signal(signal.SIGINT, _go_on)
    signal.signal(signal.SIGTERM, _end)


def _go_on(_number: int, _frame: FrameType | None) -> None: ...


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    """Let what was started be ended; the pool sends this when another of its processes was lost."""
    sys.exit(128 + number)


def _in_process(folder: Path, serve: Serve, job: Job) -> Result:
    try:
        return work(
            job, folder / PROJECTS, serve(folder), lambda event: _told[0].send_bytes(msgspec.json.encode(event))
        )
    except SystemExit:  # else the pool would take it for what came of the job, and wait for this process
        os._exit(1)
