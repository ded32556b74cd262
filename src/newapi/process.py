"""The only place where a program is started, and where it always ends."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import msgspec

from newapi.errors import DiskError, MissingError

# What the caller's shell, make, git hook or virtual environment left behind, and what would mislead a child.
PRIVATE = (
    "VIRTUAL_ENV", "PYTHONHOME", "PYTHONPATH", "MAKEFLAGS", "MAKELEVEL", "MFLAGS", "GIT_DIR", "GIT_WORK_TREE",
    "GIT_PREFIX", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
)  # fmt: skip
NEW_GROUP: int = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)  # what Windows has instead of a session
GRACE = 3.0  # seconds between asking a program to end and ending it
AT_ONCE = 10.0  # seconds that the system has to end what cannot refuse
NOT_FOUND, NOT_STARTED, TIMED_OUT = 127, 126, 124


class Finished(msgspec.Struct, frozen=True):
    """How a program ended. Codes of its own: 127 not found, 126 cannot be started, 124 took longer than allowed."""

    code: int
    output: str
    seconds: float


class Account(msgspec.Struct, frozen=True):
    """Whom a program runs as, where that is not ourselves: root alone can ask for it."""

    uid: int
    gid: int


class Running:
    """A program at work. What is said to it here is said to it alone, as a supervisor would, not to its group."""

    def __init__(self, child: "subprocess.Popen[bytes]") -> None:
        self._child: subprocess.Popen[bytes] = child

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def code(self) -> int | None:
        """What it ended with, negative for a signal; None while it runs."""
        return self._child.poll()

    def wait(self, timeout: float) -> int | None:
        """Its code, as soon as it has ended; None when it has not within the time."""
        with suppress(subprocess.TimeoutExpired):
            self._child.wait(timeout)
        return self.code

    def terminate(self) -> None:
        self._child.terminate()

    def kill(self) -> None:
        self._child.kill()

    def end(self, grace: float) -> None:
        """End it and whatever it started, even when it has ended itself."""
        _end(self._child, grace)

    def leave(self) -> None:
        """Let it outlive this program; its code is not known from here on."""
        self._child.returncode = 0  # else Python complains about a child for whose end nobody waits


def start(argv: Sequence[str], cwd: Path, log: Path, *, env: Mapping[str, str] | None = None) -> Running:
    """Start a program that goes on, all of its output in `log`; whoever calls this sees to its end."""
    try:
        output = log.open("wb")
    except OSError as error:
        raise DiskError(f"The log {log} cannot be written: {error.strerror}.") from error
    with output:
        try:
            return Running(_start(argv, cwd, environment() if env is None else env, output))
        except OSError as error:
            raise MissingError(_refusal(argv, error), "Install it, or correct the command.") from error


@contextmanager
def running(
    argv: Sequence[str], cwd: Path, log: Path, *, env: Mapping[str, str] | None = None, grace: float = GRACE
) -> Generator[Running]:
    """Start a program that goes on; it and whatever it started end with the block."""
    program = None
    try:
        with _interrupts_held():
            program = start(argv, cwd, log, env=env)
        yield program
    finally:
        if program:
            program.end(grace)


def run(
    argv: Sequence[str],
    cwd: Path,
    *,
    timeout: float = 60,
    env: Mapping[str, str] | None = None,
    account: Account | None = None,
) -> Finished:
    """Run a program to its end, with its own process group and without a terminal; whatever it started ends with it."""
    start = time.monotonic()
    try:
        file = tempfile.TemporaryFile()  # noqa: SIM115 - it is closed below
    except OSError as error:
        return Finished(NOT_STARTED, f"{argv[0]} cannot be started: no temporary file for it ({error.strerror}).", 0)
    with file as output:
        code, note = _run(argv, cwd, timeout, environment() if env is None else env, output, account)
        output.seek(0)
        text = output.read().decode(errors="replace")
    return Finished(code, "\n".join(part for part in (text.rstrip(), note) if part), time.monotonic() - start)


def environment(**extra: str) -> dict[str, str]:
    """The environment for a child that works in another project than the caller's."""
    return {name: value for name, value in os.environ.items() if name not in PRIVATE} | extra


def _run(
    argv: Sequence[str], cwd: Path, timeout: float, env: Mapping[str, str], output: IO[bytes], account: Account | None
) -> tuple[int, str]:
    child = None
    try:
        with _interrupts_held():
            child = _start(argv, cwd, env, output, account)
        return child.wait(timeout), ""
    except OSError as error:
        return NOT_FOUND if isinstance(error, FileNotFoundError) else NOT_STARTED, _refusal(argv, error)
    except subprocess.TimeoutExpired:
        return TIMED_OUT, f"Ended after {timeout:.0f} s, the time it had."
    finally:
        if child:
            _end(child, GRACE)


@contextmanager
def _interrupts_held() -> Generator[None]:
    """Let what interrupts us come after the block: in the middle of a start it would leave a program behind."""
    if threading.current_thread() is not threading.main_thread():
        yield  # Python interrupts its main thread alone
        return
    came: list[int] = []
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    ours = {number: handler for number, handler in handlers.items() if callable(handler)}
    for number in ours:
        signal.signal(number, lambda number, _: came.append(number))
    try:
        yield
    finally:
        for number, handler in reversed(ours.items()):  # what interrupts comes last
            signal.signal(number, handler)
        for number in came:
            signal.raise_signal(number)


def _start(
    argv: Sequence[str], cwd: Path, env: Mapping[str, str], output: IO[bytes], account: Account | None = None
) -> "subprocess.Popen[bytes]":
    # A file takes the output: with a pipe, whatever a program leaves running would keep the reader waiting.
    return subprocess.Popen(
        argv,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,  # POSIX only, without a terminal to ask for a password at
        creationflags=NEW_GROUP,
        user=account and account.uid,
        group=account and account.gid,
        extra_groups=[] if account else None,
    )


def _refusal(argv: Sequence[str], error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"{argv[0]} was not found."
    return f"{argv[0]} cannot be started: {error.strerror}."


def _end(child: "subprocess.Popen[bytes]", grace: float) -> None:
    """End what is left of the child's group: politely, then not, even when the wait is interrupted."""
    if sys.platform == "win32":
        if child.poll() is None:
            child.kill()
            child.wait()
        return
    try:
        with suppress(ProcessLookupError, PermissionError, subprocess.TimeoutExpired):
            os.killpg(child.pid, signal.SIGTERM)
            child.wait(grace)
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        with suppress(subprocess.TimeoutExpired):
            child.wait(AT_ONCE)
