"""The processes of a run, wherever they have gone: each has the run's mark in the environment that it began with."""

import os
import re
import signal
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from pathlib import Path

from newapi import process
from newapi.verify.place import MARK, Run

PROC = Path("/proc")
TRACKER = "multiprocessing.resource_tracker"
PATIENCE = 10.0
LINE = re.compile(r"\s*(\d+) (.*)")


def kill(run: Run, *, spare: Collection[str] = ()) -> None:
    """Kill all processes of the run but these programs, until none of them is left to start another."""
    for found in _until_none(run, lambda program: program not in spare):
        for pid in found:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)


def wait(run: Run, programs: Collection[str]) -> None:
    """Wait for programs of the run that end by themselves."""
    for _ in _until_none(run, lambda program: program in programs):
        pass


def processes(run: Run) -> dict[int, str]:
    """Those with the mark, and those that serve the run's data: another account's environment may be hidden.

    Each is given with the name of its program. Python's own tracker of shared resources is none of them: it ends when
    the last process that it tidies up after has.
    """
    mark, data = f"{MARK}={run.folder}", str(run.data)
    return {
        pid: words[0].partition(":")[0].rpartition("/")[2]  # a server of PostgreSQL says after ":" what it does
        for pid, environment, words in (_listed() if PROC.joinpath("self", "environ").exists() else _shown())
        if (mark in environment or any(data in word for word in words)) and not any(TRACKER in word for word in words)
    }


def _until_none(run: Run, wanted: Callable[[str], bool]) -> Iterator[list[int]]:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = [pid for pid, program in processes(run).items() if wanted(program)]
        if not found:
            return
        yield found
        time.sleep(0.02)


def _listed() -> Iterator[tuple[int, list[str], list[str]]]:
    """Each process with its environment and its command, as far as they can be read; one that has ended has neither."""
    for folder in PROC.iterdir():
        if folder.name.isdecimal() and int(folder.name) != os.getpid():
            yield int(folder.name), _read(folder / "environ"), _read(folder / "cmdline")


def _read(path: Path) -> list[str]:
    with suppress(OSError):
        return path.read_bytes().decode(errors="replace").split("\0")
    return [""]


def _shown() -> Iterator[tuple[int, list[str], list[str]]]:
    """The same where there is no /proc: macOS shows the environment behind the command."""
    shown = process.run(("ps", "-A", "-E", "-ww", "-o", "pid=,command="), Path("/"))
    for match in filter(None, map(LINE.match, shown.output.splitlines())):
        yield int(match[1]), match[2].split(), match[2].split()
