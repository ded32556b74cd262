"""Where one run of the harness works: a folder of its own, and the mark that everything it starts carries."""

import os
import socket
from collections.abc import Generator
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_UN, flock
from pathlib import Path
from typing import cast

import msgspec

MARK = "NEWAPI_RUN"  # the variable of the environment that every process of a run inherits; it names the folder
PREFIX = "newapi-run-"
HOST = "127.0.0.1"


class Run(msgspec.Struct, frozen=True):
    """A run, known by its folder, which is gone when it is over."""

    folder: Path

    @property
    def id(self) -> str:
        return self.folder.name.removeprefix(PREFIX)

    @property
    def data(self) -> Path:
        """Where servers keep what is of no use after the run; another account than ours may own it."""
        return (self.folder / "data").resolve()

    @contextmanager
    def alone(self, work: str) -> Generator[None]:
        """Let one process of the run at a time do some work; the others wait here."""
        with (self.folder / f"{work}.lock").open("w") as lock:
            flock(lock, LOCK_EX)
            try:
                yield
            finally:
                flock(lock, LOCK_UN)


def current() -> Run | None:
    """The run that this process belongs to."""
    folder = os.environ.get(MARK)
    return Run(Path(folder)) if folder else None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return cast("int", probe.getsockname()[1])
