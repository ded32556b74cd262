"""The processes of a run, wherever they have gone: each has the run's mark in the environment that it began with."""

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from newapi import process
from newapi.verify.place import MARK, Run

PROC = Path("/proc")
PATIENCE = 10.0
LINE = re.compile(r"\s*(\d+) (.*)")


def kill(run: Run, *, spare: Callable[[], int | None] = lambda: None) -> None:
    """Kill all processes of the run but one, until none of them is left to start another."""
    deadline = time.monotonic() + PATIENCE
    while (found := processes(run) - {spare()}) and time.monotonic() < deadline:
        for pid in found:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.02)


def processes(run: Run) -> set[int]:
    """Those with the mark, and those that serve the run's data: another account's environment may be hidden."""
    mark, data = f"{MARK}={run.folder}", str(run.data)
    if PROC.joinpath("self", "environ").exists():
        return {pid for pid, environment, command in _listed() if mark in environment or data in command}
    shown = process.run(("ps", "-A", "-E", "-ww", "-o", "pid=,command="), Path("/"))
    found = filter(None, map(LINE.match, shown.output.splitlines()))
    return {int(match[1]) for match in found if mark in match[2].split() or data in match[2]}


def _listed() -> Iterator[tuple[int, list[str], str]]:
    """Each process with its environment and its command, as far as they can be read; one that has ended has neither."""
    for folder in PROC.iterdir():
        if folder.name.isdecimal() and int(folder.name) != os.getpid():
            yield int(folder.name), _read(folder / "environ").split("\0"), _read(folder / "cmdline")


def _read(path: Path) -> str:
    with suppress(OSError):
        return path.read_bytes().decode(errors="replace")
    return ""
