"""A created service as a running process: started on a free port, asked until it is ready, and always ended."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import cast
from urllib.error import URLError
from urllib.request import urlopen

import msgspec

from newapi.steps import environment

READY = "/health/ready"
PATIENCE = 60.0


class Service(msgspec.Struct, frozen=True):
    """`seconds` is how long it took to be ready."""

    url: str
    port: int
    process: "subprocess.Popen[bytes]"
    log: Path
    seconds: float

    def stop(self, timeout: float) -> int:
        """Ask it to end, and return its exit code; raises `TimeoutExpired`."""
        self.process.terminate()
        return self.process.wait(timeout)


class DidNotStartError(Exception):
    """The service ended or stayed silent; the text is its log."""


@contextmanager
def serving(project: Path, package: str, log: Path, **settings: str) -> Generator[Service]:
    """`python -m <package>` in the project, with its own `.env` and these settings on top of it."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    python = project / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    variables = environment() | {"SERVER_HOST": "127.0.0.1", "SERVER_PORT": str(port)} | settings
    start = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen([python, "-m", package], cwd=project, env=variables, stdin=subprocess.DEVNULL,
                                   stdout=output, stderr=subprocess.STDOUT, start_new_session=True)  # fmt: skip
    try:
        while not answers(url + READY):
            if process.poll() is not None or time.monotonic() - start > PATIENCE:
                raise DidNotStartError(log.read_text(errors="replace"))
            time.sleep(0.05)
        yield Service(url, port, process, log, time.monotonic() - start)
    finally:
        end(process)


def answers(url: str) -> bool:
    """Whether the service is there and ready; an answer that says it is not (503) is an error to `urlopen`."""
    try:
        with urlopen(url, timeout=5):  # noqa: S310 (the URL is this module's own)
            return True
    except (URLError, OSError):
        return False


def end(process: "subprocess.Popen[bytes]", grace: float = 10) -> None:
    """End the server and its workers: politely, then not."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(grace)
        except subprocess.TimeoutExpired:
            process.kill()
    if sys.platform != "win32":
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return cast("int", probe.getsockname()[1])
