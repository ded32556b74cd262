"""The processes of a run, wherever they have gone.

Each has the run's mark in the environment that it began with. One that began with another environment is known by the
run's folders: it works there, or its command names them. Out of reach is what keeps nothing of all that: a daemon with
an environment of its own that works elsewhere, of a program from elsewhere. On macOS the working folder is not told.
"""

import os
import re
import signal
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from newapi import process
from newapi.verify.place import MARK, Run

PROC = Path("/proc")
TRACKER = "multiprocessing.resource_tracker"
PATIENCE = 10.0
LINE = re.compile(r"\s*(\d+) +(\S+) +(.*)")
TERMINAL = 4  # the place in /proc/PID/stat, counted from the name on; 0 is none


class Process(msgspec.Struct, frozen=True):
    """What the system tells of a process, as far as it can be read: of one that has ended nothing."""

    pid: int
    environment: list[str]
    words: list[str]
    folder: str = ""
    terminal: bool = False

    @property
    def program(self) -> str:
        return self.words[0].partition(":")[0].rpartition("/")[2]  # PostgreSQL says after ":" what it does


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
    """Those of the run, each with the name of its program.

    A person who looks into the run's folders has a terminal, and without the mark is none of them; nothing that is
    started here has one. Python's own tracker of shared resources is none either: it ends when the last process that it
    tidies up after has.
    """
    mark, folders = f"{MARK}={run.folder}", {str(run.folder), str(run.folder.resolve()), str(run.data)}

    def belongs(one: Process) -> bool:
        if any(TRACKER in word for word in one.words):
            return False
        named = any(folder in word for folder in folders for word in (one.folder, *one.words))
        return mark in one.environment or (named and not one.terminal)

    listed = _listed() if PROC.joinpath("self", "environ").exists() else _shown()
    return {one.pid: one.program for one in listed if belongs(one)}


def _until_none(run: Run, wanted: Callable[[str], bool]) -> Iterator[list[int]]:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = [pid for pid, program in processes(run).items() if wanted(program)]
        if not found:
            return
        yield found
        time.sleep(0.02)


def _listed() -> Iterator[Process]:
    for place in PROC.iterdir():
        if place.name.isdecimal() and int(place.name) != os.getpid():
            stat = _read(place / "stat").rpartition(")")[2].split()
            yield Process(
                int(place.name),
                _read(place / "environ").split("\0"),
                _read(place / "cmdline").split("\0"),
                _target(place / "cwd"),
                stat[TERMINAL] != "0" if stat else False,
            )


def _read(path: Path) -> str:
    with suppress(OSError):  # it has ended, or is another account's
        return path.read_bytes().decode(errors="replace")
    return ""


def _target(path: Path) -> str:
    with suppress(OSError):
        return str(path.readlink())
    return ""


def _shown() -> Iterator[Process]:
    """The same where there is no /proc: macOS shows the environment behind the command."""
    shown = process.run(("ps", "-A", "-E", "-ww", "-o", "pid=,tty=,command="), Path("/"))
    for match in filter(None, map(LINE.match, shown.output.splitlines())):
        words = match[3].split()
        yield Process(int(match[1]), words, words, terminal=not match[2].startswith("?"))
