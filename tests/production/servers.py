"""Servers of a test's own, which can be killed and started again where they were."""

import os
import re
import signal
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Protocol

from newapi import binaries, process
from newapi.errors import MissingError
from newapi.verify import marked
from newapi.verify.place import Run
from newapi.verify.servers import cluster, redis, resp
from newapi.verify.servers.postgresql import Postgresql

PATIENCE = 120.0


class Server(Protocol):
    """`url` stays the same, whatever happens to it."""

    url: str

    def kill(self) -> None: ...
    def start(self) -> None: ...


class Database:
    """PostgreSQL."""

    def __init__(self, run: Run) -> None:
        self.server: Postgresql = cluster.start(run)
        self.url: str = self.server.url
        self._run: Run = run

    def kill(self) -> None:
        """Kill all of its processes, as a machine does that is switched off."""
        found = self._send(signal.SIGKILL)
        until(lambda: not any(map(alive, found)), "PostgreSQL to be gone")

    @contextmanager
    def hung(self) -> Generator[None]:
        """Let it do nothing at all, and close no connection."""
        self._send(signal.SIGSTOP)
        try:
            yield
        finally:
            self._send(signal.SIGCONT)

    def _send(self, number: signal.Signals) -> list[int]:
        found = [pid for pid, program in marked.processes(self._run).items() if program == "postgres"]
        for pid in found:
            with suppress(ProcessLookupError):  # the children end with the first of them
                os.kill(pid, number)
        return found

    def start(self) -> None:
        """With the options that it had, which it keeps beside its data."""
        programs, data = Path(self.server.psql).parent, self._run.data / "postgresql"
        argv = (str(programs / "pg_ctl"), "-s", "-w", "-D", str(data), "-l", str(data / "again.log"), "restart")
        done = process.run(argv, Path("/"), account=cluster.owner())
        assert done.code == 0, done.output

    @contextmanager
    def locked(self, table: str) -> Generator[None]:
        """Let nobody read a table."""
        statement = f"begin; lock table {table}; select pg_sleep(600)"
        argv = (self.server.psql, "-X", "-d", self.url, "-c", statement)
        with process.running(argv, Path("/"), self._run.folder / "lock.log"):
            until(lambda: self.locks(table, granted=True), f"the lock on {table}")
            try:
                yield
            finally:
                self.server.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'PgSleep'"
                )

    def locks(self, table: str, *, granted: bool) -> int:
        """How many have a table to themselves, or wait for it."""
        found = f"select mode, granted from pg_locks where relation = '{table}'::regclass"  # noqa: S608 - of our own making
        locks = self.server.execute(found).splitlines()
        return locks.count("AccessExclusiveLock|t") if granted else sum(lock.endswith("|f") for lock in locks)


class Cache:
    """Redis."""

    def __init__(self, run: Run, stack: ExitStack) -> None:
        self.url: str = redis.start(run).url
        self._run: Run = run
        self._stack: ExitStack = stack

    def kill(self) -> None:
        with resp.connected(self.url) as ask:
            pid = re.search(r"process_id:(\d+)", str(ask("INFO", "server")))
        assert pid
        os.kill(int(pid[1]), signal.SIGKILL)
        until(lambda: not self._answers(), "Redis to be gone")

    def start(self) -> None:
        argv = (str(binaries.redis()), str(self._run.folder / "redis.conf"))
        self._stack.enter_context(process.running(argv, self._run.folder, self._run.folder / "again.log"))
        until(self._answers, "Redis to be back")

    def _answers(self) -> bool:
        try:
            with resp.connected(self.url):
                return True
        except MissingError:
            return False


@contextmanager
def gone(*servers: Server) -> Generator[None]:
    """Kill them; they are back after the block."""
    for server in servers:
        server.kill()
    try:
        yield
    finally:
        for server in servers:
            server.start()


def until(holds: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
    """Wait for something that nobody tells."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"Waited {seconds:.0f} s for {what}"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False
