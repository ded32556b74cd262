"""Ends a run, however it ends: the keeper is a process that outlives it and leaves nothing of it behind.

A run holds a lock on a file of its folder, which the kernel releases when the run is over, killed or not. The keeper
waits for that lock. Then it ends every process of the run, and removes the run's folders. Where the keeper was killed,
the run gets the lock back and does the same itself; where both were, the next run does.
"""

import os
import secrets
import shutil
import signal
import stat
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager, suppress
from fcntl import LOCK_EX, LOCK_NB, LOCK_UN, flock
from pathlib import Path
from typing import IO

from newapi import process
from newapi.errors import DiskError, MissingError
from newapi.verify import marked, servers
from newapi.verify.place import MARK, PREFIX, Run
from newapi.verify.servers import cluster, redis

MEMORY = Path("/dev/shm")  # noqa: S108 - a folder with a random name is made in it
ROOM = 2 * 1024**3  # what a server of databases may come to need
START = 30.0
PATIENCE = 30.0  # seconds for the keeper to tidy up before it is left alone with it


@contextmanager
def run_folder() -> Generator[Run]:
    """A private folder for one run; all that is started in the block ends with it, however the block ends.

    Workers have to be spawned: a forked one looks like its parent, and keeps the lock when that is killed.
    """
    sweep()
    run, lock = _make()
    with lock:
        try:
            _start_keeper(run)
        except BaseException:
            _remove(run)
            raise
        outer = os.environ.get(MARK)
        os.environ[MARK] = str(run.folder)
        try:
            yield run
        finally:
            os.environ.pop(MARK)
            if outer is not None:
                os.environ[MARK] = outer
            flock(lock, LOCK_UN)
            _see_finished(run, lock)


def sweep() -> None:
    """Finish runs that were killed, and their keepers too: the locks of these are free."""
    for lock in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/lock"):
        with suppress(OSError):
            if lock.parent.lstat().st_uid == os.geteuid():
                with lock.open("r+") as held:
                    flock(held, LOCK_EX | LOCK_NB)
                    finish(Run(lock.parent))


def finish(run: Run) -> None:
    """End all processes of a run that is over, servers by their own means, and remove what it has left."""
    cluster.settle(run)
    marked.kill(run, spare=cluster.PROGRAMS)
    cluster.stop(run)
    redis.stop(run)
    marked.kill(run)
    cluster.release(run)
    servers.clean(run)
    _remove(run)


def keep(run: Run) -> None:
    """Go on as a process of its own, wait until the run is over, and finish it."""
    with (run.folder / "lock").open("r+") as lock:
        if child := os.fork():
            os.setpgid(child, child)  # what is left in our own group ends with us
            os._exit(0)
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        flock(lock, LOCK_EX)
        finish(run)


def _see_finished(run: Run, lock: IO[str]) -> None:
    """Wait for the keeper, which has the lock until it ends: by itself with the work done, or killed without."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        time.sleep(0.01)  # a keeper that lives takes the lock first
        with suppress(BlockingIOError):
            flock(lock, LOCK_EX | LOCK_NB)
            if run.folder.exists():
                finish(run)
            return


def _make() -> tuple[Run, IO[str]]:
    """The run's folders, and its lock: it is held before it has the name by which a sweep looks for it."""
    run = Run(Path(tempfile.gettempdir()) / f"{PREFIX}{secrets.token_hex(8)}")
    try:
        run.folder.mkdir(mode=0o700)
        with ExitStack() as on_failure:
            lock = on_failure.enter_context((run.folder / "new").open("w"))
            flock(lock, LOCK_EX)
            (run.folder / "new").rename(run.folder / "lock")
            data = _roomy() / f"newapi-data-{run.id}"
            (run.folder / "data").symlink_to(data)
            data.mkdir(mode=0o700)
            on_failure.pop_all()
    except OSError as error:
        _remove(run)
        raise DiskError(
            f"No folder for the run can be made in {run.folder.parent}: {error.strerror}.",
            "Make room there, or name another folder in TMPDIR.",
        ) from error
    return run, lock


def _roomy() -> Path:
    """Memory, where there is room in it and programs may lie there; else the usual folder for temporary files."""
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK):
        system = os.statvfs(MEMORY)
        if system.f_bavail * system.f_frsize > ROOM and not system.f_flag & os.ST_NOEXEC:
            return MEMORY
    return Path(tempfile.gettempdir())


def _start_keeper(run: Run) -> None:
    environment = process.environment(PYTHONPATH=os.pathsep.join(filter(None, sys.path)))  # wherever newapi is found
    environment.pop(MARK, None)  # of a run around this one, which may end first
    argv = (sys.executable, "-P", "-m", "newapi.verify.keeper", str(run.folder))
    done = process.run(argv, Path("/"), timeout=START, env=environment)
    if done.code:
        raise MissingError("The process that tidies up after a run does not start.", done.output)


def _remove(run: Run) -> None:
    """Remove the folders of a run, and last the one by which it is known."""
    for folder in (run.data, run.folder):
        shutil.rmtree(folder, ignore_errors=True)
        if folder.exists():  # something in it may not be written to
            for above, names, _ in os.walk(str(folder)):
                for name in names:
                    if not Path(above, name).is_symlink():
                        Path(above, name).chmod(stat.S_IRWXU)
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    keep(Run(Path(sys.argv[1])))
