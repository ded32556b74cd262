"""What a run of `newapi verify` has started, as the system shows it."""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

SHOWN = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="here nobody shows what was inherited")


def started(folder: Path) -> dict[int, str]:
    """Processes that were started by the run in this folder, and the command of each."""
    found: dict[int, str] = {}
    for environ in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if f"NEWAPI_RUN={folder}".encode() in environ.read_bytes():
                found[int(environ.parent.name)] = (environ.parent / "cmdline").read_text().replace("\0", " ")
    return found


def at_its_tests(folder: Path) -> bool:
    return any(".venv/bin/pytest" in command for command in started(folder).values())


def keeper(folder: Path) -> int:
    """The keeper of the run in this folder."""
    told = f"newapi.verify.keeper\0{folder}/".encode()
    (found,) = (path.parent for path in Path("/proc").glob("[0-9]*/cmdline") if told in path.read_bytes())
    return int(found.name)


def until(holds: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.1)
    return holds()
