"""The only place where a program is started, and where it always ends."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

import msgspec

# What the caller's shell, make, git hook or virtual environment left behind, and what would mislead a child.
PRIVATE = (
    "VIRTUAL_ENV", "PYTHONHOME", "PYTHONPATH", "MAKEFLAGS", "MAKELEVEL", "MFLAGS", "GIT_DIR", "GIT_WORK_TREE",
    "GIT_PREFIX", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
)  # fmt: skip
NEW_GROUP: int = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)  # what Windows has instead of a session
GRACE = 3.0  # seconds between asking a program to end and ending it
NOT_FOUND, NOT_STARTED, TIMED_OUT = 127, 126, 124


class Finished(msgspec.Struct, frozen=True):
    """How a program ended. Codes of its own: 127 not found, 126 cannot be started, 124 took longer than allowed."""

    code: int
    output: str
    seconds: float


def run(argv: Sequence[str], cwd: Path, *, timeout: float = 60, env: Mapping[str, str] | None = None) -> Finished:
    """Run a program to its end, with its own process group and without a terminal; whatever it started ends with it."""
    start = time.monotonic()
    try:
        file = tempfile.TemporaryFile()  # noqa: SIM115 - it is closed below
    except OSError as error:
        return Finished(NOT_STARTED, f"{argv[0]} cannot be started: no temporary file for it ({error.strerror}).", 0)
    with file as output:
        code, note = _run(argv, cwd, timeout, environment() if env is None else env, output)
        output.seek(0)
        text = output.read().decode(errors="replace")
    return Finished(code, "\n".join(part for part in (text.rstrip(), note) if part), time.monotonic() - start)


def environment(**extra: str) -> dict[str, str]:
    """The environment for a child that works in another project than the caller's."""
    return {name: value for name, value in os.environ.items() if name not in PRIVATE} | extra


def _run(argv: Sequence[str], cwd: Path, timeout: float, env: Mapping[str, str], output: IO[bytes]) -> tuple[int, str]:
    # A file takes the output: with a pipe, whatever a program leaves running would keep the reader waiting.
    try:
        child = subprocess.Popen(
            argv,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # POSIX only, without a terminal to ask for a password at
            creationflags=NEW_GROUP,
        )
    except FileNotFoundError:
        return NOT_FOUND, f"{argv[0]} was not found."
    except OSError as error:
        return NOT_STARTED, f"{argv[0]} cannot be started: {error.strerror}."
    try:
        return child.wait(timeout), ""
    except subprocess.TimeoutExpired:
        return TIMED_OUT, f"Ended after {timeout:.0f} s, the time it had."
    finally:
        _end(child)


def _end(child: "subprocess.Popen[bytes]") -> None:
    """End what is left of the child's group: politely, then not."""
    if sys.platform == "win32":
        if child.poll() is None:
            child.kill()
            child.wait()
        return
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            child.wait(GRACE)
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
