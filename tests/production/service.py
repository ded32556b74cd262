"""The service of the production preset, as its `__main__` runs it, and whoever asks it something."""

import http.client
import itertools
import json
import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import cast

import msgspec

from newapi import process
from newapi.process import Running
from newapi.verify.place import HOST, free_port
from tests.production.servers import until

API = "/api/v1"
TASKS = f"{API}/tasks"
PASSWORD = "correct horse battery"  # noqa: S105 - of nobody
NUMBERS = itertools.count()


class Answer(msgspec.Struct, frozen=True):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, object]:
        return msgspec.json.decode(self.body, type=dict[str, object])

    @property
    def problem(self) -> object:
        """The status that a problem document has; it must be the answer's own."""
        assert self.headers["content-type"] == "application/problem+json", self
        assert self.json["status"] == self.status, self
        return self.status


class Client(msgspec.Struct, frozen=True):
    """Somebody who opens a connection for each request; with a token, an account of their own."""

    port: int
    token: str = ""
    refresh_token: str = ""

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """The answer, whatever it is; raises where there is none within 30 seconds."""
        line = http.client.HTTPConnection(HOST, self.port, timeout=30)
        try:
            content = None if body is None else json.dumps(body).encode()
            line.request(method, path, content, self.headers(**headers))
            answer = line.getresponse()
            return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        finally:
            line.close()

    def headers(self, **more: str) -> dict[str, str]:
        known = {"authorization": f"Bearer {self.token}"} if self.token else {}
        given = {name.replace("_", "-"): value for name, value in more.items()}
        return {"content-type": "application/json", **known, **given}

    def status(self, path: str) -> int:
        return self.ask("GET", path).status

    def signed_up(self) -> "Client":
        """The same with a new account."""
        form = {"email": f"ada-{next(NUMBERS)}@example.org", "password": PASSWORD}
        registered = self.ask("POST", f"{API}/auth/register", form)
        assert registered.status == 201, registered
        return self.signed_in(form)

    def signed_in(self, form: dict[str, str]) -> "Client":
        tokens = self.ask("POST", f"{API}/auth/login", form)
        assert tokens.status == 200, tokens
        return self.holding(tokens)

    def holding(self, tokens: Answer) -> "Client":
        return Client(self.port, str(tokens.json["access_token"]), str(tokens.json["refresh_token"]))


class Served(msgspec.Struct, frozen=True):
    """The service at work."""

    program: Running
    port: int
    log: Path

    @property
    def client(self) -> Client:
        return Client(self.port)

    @property
    def worker(self) -> int:
        """The process of its one worker; raises where there is not exactly one."""
        (pid,) = [int(pid) for pid, command in children(self.program.pid) if "spawn_main" in command]
        return pid

    def is_ready(self) -> bool:
        with suppress(OSError, http.client.HTTPException):
            return self.client.status("/health/ready") == 200
        return False

    def lines(self) -> list[dict[str, object]]:
        """What it has logged."""
        return [cast("dict[str, object]", json.loads(line)) for line in self.log.read_text().splitlines()]

    def last(self, path: str, method: str) -> dict[str, object]:
        """Its line of the last request of this kind."""
        found = [line for line in self.lines() if (line.get("path"), line.get("method")) == (path, method)]
        return found[-1] if found else {}

    def bugs(self) -> list[dict[str, object]]:
        """Errors that it took for its own."""
        return [line for line in self.lines() if line.get("event") == "unhandled error" or line.get("status") == 500]


class Production(msgspec.Struct, frozen=True):
    """The project, installed; `settings` are those of its processes."""

    folder: Path
    logs: Path
    settings: dict[str, str]

    @contextmanager
    def serving(self, **settings: str) -> Generator[Served]:
        """The service, ready for requests; ended with the block."""
        port = free_port()
        log = self.logs / f"service-{port}.log"
        with self._running(log, SERVER_PORT=str(port), **settings) as program:
            served = Served(program, port, log)
            until(lambda: served.is_ready() or program.code is not None, "the service to be ready")
            assert program.code is None, log.read_text()
            yield served

    @contextmanager
    def working(self) -> Generator[Running]:
        """A worker for its jobs."""
        log = self.logs / f"worker-{next(NUMBERS)}.log"
        with self._running(log, "worker") as program:
            until(lambda: "worker started" in log.read_text(), "the worker to start")
            yield program

    @contextmanager
    def _running(self, log: Path, *command: str, **settings: str) -> Generator[Running]:
        given = {"PATH": os.environ["PATH"]} | self.settings | settings
        argv = (str(self.folder / ".venv" / "bin" / "python"), "-m", "desk", *command)
        with process.running(argv, self.folder, log, env=given, grace=0) as program:
            yield program


def children(pid: int) -> list[tuple[int, str]]:
    """The processes that one has started, with their commands."""
    listed = process.run(("ps", "-A", "-ww", "-o", "pid=,ppid=,args="), Path("/")).output
    rows = [line.split(None, 2) for line in listed.splitlines()]
    return [(int(row[0]), row[2]) for row in rows if row[1] == str(pid)]


def megabytes(pid: int) -> float:
    """The memory that a process has in use."""
    return int(process.run(("ps", "-o", "rss=", "-p", str(pid)), Path("/")).output) / 1000
