"""Every variant of the template as a person gets it: created, checked, tested, booted, walked over HTTP, and ended."""

import itertools
import re
import socket
import sys
import time
from collections.abc import Generator
from pathlib import Path

import msgspec
import pytest

from newapi import process, template
from newapi.steps import environment
from newapi.verify.servers import Servers
from scripts.service import Service, serving

OPTIONS = ("database", "auth")
SLUG, PACKAGE = "order-desk", "order_desk"
GRACE = 10


class Project(msgspec.Struct, frozen=True):
    """A created service. `database` is the setting that its environment needs on this machine, if any."""

    folder: Path
    answers: dict[str, str]
    database: dict[str, str]

    def run(self, *command: str, **settings: str) -> str:
        """What a command printed that has to succeed."""
        done = process.run(command, self.folder, timeout=600, env=environment() | settings)
        assert done.code == 0, f"`{' '.join(command)}` ended with exit code {done.code}:\n{done.output}"
        return done.output


def variants() -> list[dict[str, str]]:
    """Every combination of the choices that copier.yml has for these options."""
    asked = {question.name: question for question in template.load().questions}
    choices = [[str(choice.value) for choice in asked[name].choices] for name in OPTIONS]
    return [dict(zip(OPTIONS, values, strict=True)) for values in itertools.product(*choices)]


def parameters() -> list[object]:
    """One name for a variant in all that pytest prints, and one worker for all of its tests."""
    named = [("-".join(answers.values()), answers) for answers in variants()]
    return [pytest.param(answers, id=name, marks=pytest.mark.xdist_group(name)) for name, answers in named]


@pytest.fixture(scope="module", params=parameters())
def answers(request: pytest.FixtureRequest) -> dict[str, str]:
    return request.param


@pytest.fixture(scope="module")
def database(answers: dict[str, str], request: pytest.FixtureRequest) -> Generator[dict[str, str]]:
    """Only PostgreSQL needs a server; the others must work with nothing set."""
    if answers["database"] != "postgresql":
        yield {}
        return
    servers = msgspec.convert(request.getfixturevalue("postgresql"), Servers)
    with servers.postgresql() as url:
        yield {"DATABASE_URL": url.replace("postgresql://", "postgresql+asyncpg://")}


@pytest.fixture(scope="module")
def project(answers: dict[str, str], database: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Created by the program, without the last step: the tests below do those checks one by one."""
    above = tmp_path_factory.mktemp("created")
    flags = [f"--{name}={answer}" for name, answer in answers.items()]
    command = [sys.executable, "-m", "newapi", "create", SLUG, "--yes", "--no-check", *flags]
    done = process.run(command, above, timeout=600)
    assert done.code == 0, done.output
    return Project(above / SLUG, answers, database)


@pytest.mark.parametrize("check", ["ruff check", "ruff format --check", "basedpyright", "lint-imports"])
def test_passes_a_check(project: Project, check: str) -> None:
    assert f"uv run {check}" in (project.folder / "Makefile").read_text()
    output = project.run("uv", "run", *check.split())
    assert check != "basedpyright" or "0 errors, 0 warnings" in output


def test_passes_its_own_suite(project: Project) -> None:
    test_database = {f"TEST_{name}": value for name, value in project.database.items()}
    output = project.run("make", "test", **test_database)
    assert re.search(r"\d+ passed", output)
    assert not re.search(r"\d+ (skipped|xfailed|deselected|warnings?)", output), output


def test_serves_what_its_smoke_test_walks_through(project: Project, tmp_path: Path) -> None:
    workers = "1" if project.answers["database"] == "none" else "2"
    with serving(project.folder, PACKAGE, tmp_path / "log", SERVER_WORKERS=workers, **project.database) as service:
        started = service.log.read_text()
        output = project.run("make", "smoke", f"URL={service.url}")
    assert not re.search(r"(?i)warning|error|traceback", started), started
    assert re.search(r"\d+ passed", output)


def test_ends_in_time_and_answers_the_request_in_flight(project: Project, tmp_path: Path) -> None:
    settings = {"SERVER_KILL_TIMEOUT": str(GRACE)} | project.database
    with serving(project.folder, PACKAGE, tmp_path / "log", **settings) as service:
        path, body = a_request(project)
        with half_a_request(service, path, body) as connection:
            service.process.terminate()
            time.sleep(0.5)  # it has been told, and has had time to close what it should not
            assert service.process.poll() is None
            connection.sendall(body[1:])
            answer = connection.makefile("rb").readline()
        assert b" 201 " in answer, service.log.read_text()
        assert service.process.wait(GRACE) == 0, service.log.read_text()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", service.port)).close()


def test_no_worker_outlives_a_server_that_was_killed(project: Project, tmp_path: Path) -> None:
    with serving(project.folder, PACKAGE, tmp_path / "log", **project.database) as service:
        service.process.kill()
        deadline = time.monotonic() + GRACE
        while listens(service.port) and time.monotonic() < deadline:
            time.sleep(0.2)
        assert not listens(service.port)


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def test_leaves_its_repository_as_it_was(project: Project) -> None:
    """Runs after all of the above: what they leave behind is ignored, and nothing that is tracked has changed."""
    assert project.run("git", "status", "--porcelain") == ""
    assert project.run("git", "log", "--format=%an <%ae>") == "Ada <ada@example.org>"
    assert ".env" not in project.run("git", "ls-files").split()


def a_request(project: Project) -> tuple[str, bytes]:
    """Something that anybody may post."""
    if project.answers["auth"] == "none":
        return "/api/v1/tasks", b'{"title": "Answer what is in flight"}'
    return "/api/v1/auth/register", b'{"email": "flight@example.org", "password": "correct horse battery staple"}'


def half_a_request(service: Service, path: str, body: bytes) -> socket.socket:
    """A connection on which all of the request but the body's end was sent, so that the service is at work on it."""
    head = f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1:{service.port}\r\ncontent-type: application/json\r\n"
    connection = socket.create_connection(("127.0.0.1", service.port), timeout=GRACE)
    connection.sendall(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body[:1])
    time.sleep(0.5)
    return connection
