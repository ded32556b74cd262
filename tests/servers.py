"""A real PostgreSQL server for one test run: started when a test first needs it, gone with the run, however it ends.

Every process of the run that uses the server holds a shared lock on one file. The server's keeper (this module, run as
a program) waits to have that lock for itself: the kernel grants it when the last user is gone, killed or not.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Generator
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, LOCK_SH, LOCK_UN, flock
from pathlib import Path
from typing import NoReturn, cast
from urllib.parse import urlsplit

import msgspec

FOLDER = "newapi-postgresql-"
ROOM = 2 * 1024**3
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "300",
    # What is lost when the machine stops is of no use to anybody.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


class Postgresql(msgspec.Struct, frozen=True):
    """A server, and the `psql` to talk to it with."""

    url: str
    psql: str

    def run(self, statement: str) -> str:
        command = [self.psql, self.url, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", statement]
        return subprocess.run(command, text=True, capture_output=True, check=True).stdout.strip()

    @contextmanager
    def database(self) -> Generator[str]:
        """The URL of a new, empty database, which is dropped at the end."""
        name = f"newapi_{uuid.uuid4().hex}"
        self.run(f"create database {name}")
        try:
            yield urlsplit(self.url)._replace(path=f"/{name}").geturl()
        finally:
            self.run(f"drop database {name} with (force)")


@contextmanager
def shared_server(programs: Path, rendezvous: Path) -> Generator[Postgresql]:
    """The one server of all processes that name the same `rendezvous` folder; the first of them starts it."""
    with (rendezvous / "postgresql.users").open("a") as users, (rendezvous / "postgresql.start").open("a") as start:
        flock(users, LOCK_SH)
        flock(start, LOCK_EX)
        address = rendezvous / "postgresql.url"
        if not address.exists():
            start_keeper(programs, rendezvous)
        flock(start, LOCK_UN)
        yield Postgresql(address.read_text(), str(programs / "psql"))


def start_keeper(programs: Path, rendezvous: Path) -> None:
    log = rendezvous / "postgresql.log"
    with log.open("w") as output:
        started = subprocess.run([sys.executable, __file__, programs, rendezvous], stdout=output, stderr=output,
                                 start_new_session=True, check=False)  # fmt: skip
    if started.returncode:
        raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}")


# From here on: the keeper.


class Owner(msgspec.Struct, frozen=True):
    """Who runs the server where we are root, whom PostgreSQL refuses; else nobody but ourselves."""

    uid: int | None = None
    gid: int | None = None

    def run(self, *command: str | Path) -> None:
        subprocess.run(command, check=True, cwd="/", stdin=subprocess.DEVNULL, stdout=sys.stderr,
                       user=self.uid, group=self.gid, extra_groups=None if self.uid is None else [])  # fmt: skip

    def take(self, folder: Path) -> None:
        if self.uid is not None and self.gid is not None:
            os.chown(folder, self.uid, self.gid)


def find_owner() -> Owner:
    if os.geteuid():
        return Owner()
    names = {account.pw_name: account for account in pwd.getpwall()}
    account = names.get("postgres") or names["nobody"]
    return Owner(account.pw_uid, account.pw_gid)


def roomy_folder() -> Path:
    """Memory, where there is room in it; else the usual folder for temporary files."""
    memory = Path("/dev/shm")  # noqa: S108 (a folder with a random name is made in it)
    fits = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM
    return memory if fits else Path(tempfile.gettempdir())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return cast("int", probe.getsockname()[1])


@contextmanager
def running_server(programs: Path, folder: Path, owner: Owner) -> Generator[str]:
    try:
        owner.run(programs / "initdb", "--version")
    except (PermissionError, subprocess.CalledProcessError):  # the wheel, in a home that others may not enter
        wheel = programs.parents[2]
        programs = shutil.copytree(wheel, folder / "wheel") / programs.relative_to(wheel)
    data, port = folder / "data", free_port()
    owner.run(programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
    options = " ".join(f"-c {name}='{value}'" for name, value in (SETTINGS | {"port": str(port)}).items())
    owner.run(programs / "pg_ctl", "-s", "-w", "-D", data, "-l", folder / "log", "-o", options, "start")
    try:
        yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
    finally:
        owner.run(programs / "pg_ctl", "-s", "-w", "-D", data, "-m", "immediate", "stop")


def sweep(base: Path) -> None:
    """End servers whose keeper was killed: their folder's lock is free."""
    for lock in base.glob(f"{FOLDER}*/lock"):
        with lock.open() as held:
            try:
                flock(held, LOCK_EX | LOCK_NB)
            except BlockingIOError:
                continue
            note = lock.parent / "data" / "postmaster.pid"
            number = note.read_text().split()[0] if note.exists() else "1"
            shown = subprocess.run(["ps", "-o", "args=", "-p", number], text=True, capture_output=True, check=False)
            if str(lock.parent) in shown.stdout:
                os.kill(int(number), signal.SIGQUIT)  # PostgreSQL's "immediate"
            shutil.rmtree(lock.parent, ignore_errors=True)


def keep(programs: Path, rendezvous: Path) -> None:
    owner, base = find_owner(), roomy_folder()
    sweep(base)
    folder = Path(tempfile.mkdtemp(prefix=FOLDER, dir=base))
    owner.take(folder)
    address = rendezvous / "postgresql.url"
    with (folder / "lock").open("w") as lock, (rendezvous / "postgresql.users").open() as users:
        flock(lock, LOCK_EX)
        try:
            with running_server(programs, folder, owner) as url:
                address.write_text(url)
                if os.fork():
                    os._exit(0)  # the server runs, its user may go on; the child is the keeper from here on
                flock(users, LOCK_EX)
        finally:
            address.unlink(missing_ok=True)
            shutil.rmtree(folder)


def stop(*_: object) -> NoReturn:
    sys.exit(1)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, stop)
    keep(Path(sys.argv[1]), Path(sys.argv[2]))
