"""One variant's project on disk, where checks run: its programs, its servers, and itself as a running service."""

import os
import shlex
import socket
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Protocol, cast
from urllib.request import ProxyHandler, build_opener

import msgspec

from newapi import process, steps
from newapi.process import Finished, Running
from newapi.verify import contract
from newapi.verify.place import HOST, free_port
from newapi.verify.subject import Subject

# What a program needs of the environment of whoever runs the harness; all else could be taken for a setting.
KEPT = frozenset(
    "PATH HOME USER LOGNAME LANG TMPDIR CURL_CA_BUNDLE REQUESTS_CA_BUNDLE NODE_EXTRA_CA_CERTS"
    " HTTP_PROXY HTTPS_PROXY NO_PROXY http_proxy https_proxy no_proxy".split()
)
KEPT_PREFIXES = ("LC_", "NEWAPI_", "PIP_", "SSL_", "UV_", "XDG_", "npm_config_")


class Servers(Protocol):
    """Places on the servers of the run, each of them empty, and gone when its block ends."""

    def postgresql(self) -> AbstractContextManager[str]: ...
    def redis(self) -> AbstractContextManager[str]: ...


class NotReadyError(Exception):
    """The service, or its worker, ended, stayed silent or lost its port; the text says which, and ends with its log."""


class Settled(msgspec.Struct, frozen=True):
    """Settings for one use, and the places that they name: what the contract has in braces."""

    places: dict[str, str]
    settings: dict[str, str]

    def filled(self, text: str) -> str:
        return contract.filled(text, self.places)


class Started(msgspec.Struct, frozen=True):
    """A program of the project at work, and what it says."""

    program: Running
    log: Path

    def said(self, lines: int = 40) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


class Served(Started, frozen=True):
    """A service that has said it is ready, after `seconds`; `given` is what it was started with."""

    url: str
    port: int
    given: Settled
    seconds: float = 0


class Site(msgspec.Struct, frozen=True):
    """`folder` is the project, locked under `pins`; logs and the like go `beside` it."""

    subject: Subject
    folder: Path
    beside: Path
    servers: Servers | None = None
    pins: tuple[str, ...] = ()

    def has(self, program: str) -> bool:
        return self._bin().joinpath(program).exists()

    def run(
        self,
        command: str | Sequence[str],
        timeout: float,
        settings: Mapping[str, str] | None = None,
        *,
        beside: bool = False,
    ) -> Finished:
        """Run a command in the project, or beside it, with its environment's programs first on PATH."""
        argv = shlex.split(command) if isinstance(command, str) else command
        folder = self.beside if beside else self.folder
        return process.run(argv, folder, timeout=timeout, env=self._environment(settings or {}))

    @contextmanager
    def settled(self, settings: Mapping[str, str]) -> Generator[Settled]:
        """Settings of the contract with everything filled in; the places on servers that they name are there."""
        port = str(free_port())
        places = {"port": port, "url": f"http://{HOST}:{port}"}
        with ExitStack() as stack:
            for name in contract.SERVERS:
                if any(f"{{{name}}}" in value for value in settings.values()):
                    places[name] = stack.enter_context(self._place(name)).partition("://")[2]
            yield Settled(places, {name: contract.filled(value, places) for name, value in settings.items()})

    @contextmanager
    def serving(self) -> Generator[Served]:
        """The service as its contract starts it, ready for requests; ended with the block, however that ends."""
        terms, start = self.subject.contract, time.monotonic()
        with self.settled(terms.settings) as given, self._started(terms.serve, "service", given) as started:
            url, port = given.places["url"], int(given.places["port"])
            served = Served(started.program, started.log, url, port, given)
            self._wait_until_ready(served, served.url + terms.ready, start)
            yield msgspec.structs.replace(served, seconds=time.monotonic() - start)

    @contextmanager
    def working(self, served: Served) -> Generator[Started | None]:
        """The worker of a service, where its contract names one; ended with the block, however that ends."""
        if command := self.subject.contract.worker:
            with self._started(command, "worker", served.given) as worker:
                self._wait_until_heard(worker)
                yield worker
        else:
            yield None

    @contextmanager
    def _started(self, command: str, name: str, given: Settled) -> Generator[Started]:
        log, argv = self.beside / f"{name}-{given.places['port']}.log", shlex.split(given.filled(command))
        with process.running(argv, self.folder, log, env=self._environment(given.settings)) as running:
            yield Started(running, log)

    def _place(self, server: str) -> AbstractContextManager[str]:
        if self.servers is None:
            raise LookupError(server)
        return self.servers.redis() if server == "redis" else self.servers.postgresql()

    def _wait_until_ready(self, served: Served, url: str, start: float) -> None:
        patience = self.subject.contract.start
        while not answers(url):
            ended = served.program.code
            if ended is not None:
                raise NotReadyError(f"It ended with exit code {ended} before it was ready:\n{served.said()}")
            if time.monotonic() - start > patience:
                heard = (
                    "listens, but is not ready" if listens(served.port) else f"does not listen on port {served.port}"
                )
                raise NotReadyError(f"After {patience:.0f} s it {heard}:\n{served.said()}")
            time.sleep(0.05)

    def _wait_until_heard(self, worker: Started) -> None:
        start, patience = time.monotonic(), self.subject.contract.start
        while not worker.log.stat().st_size:
            ended = worker.program.code
            if ended is not None:
                raise NotReadyError(f"The worker ended with exit code {ended}, and said nothing.")
            if time.monotonic() - start > patience:
                raise NotReadyError(f"After {patience:.0f} s the worker has said nothing.")
            time.sleep(0.05)

    def _bin(self) -> Path:
        return self.folder / ".venv" / "bin"

    def _environment(self, settings: Mapping[str, str]) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name in KEPT or name.startswith(KEPT_PREFIXES)}
        path = os.pathsep.join((str(self._bin()), steps.environment()["PATH"]))
        here = ",".join(filter(None, (kept.get("NO_PROXY") or kept.get("no_proxy"), HOST, "localhost")))
        own = {"PATH": path, "NO_COLOR": "1", "UV_NO_PROGRESS": "1", "NO_PROXY": here, "no_proxy": here}
        return kept | own | dict(settings)


def answers(url: str) -> bool:
    """Whether there is an answer that is no error."""
    with suppress(OSError, HTTPException):
        fetched(url)
        return True
    return False


def fetched(url: str) -> bytes:
    """The body of an answer; raises OSError or HTTPException for anything but a good one."""
    direct = build_opener(ProxyHandler({}))  # it is on this machine, whatever proxy leads elsewhere
    with cast("HTTPResponse", direct.open(url, timeout=5)) as answer:
        return answer.read()


def listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection((HOST, port), timeout=1):
        return True
    return False
