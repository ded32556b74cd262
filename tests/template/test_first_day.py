"""What a developer does first with a service that was created: what its README says, and a column more."""

import json
import re
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from newapi import process
from newapi.steps import environment
from newapi.tree import Tree
from newapi.verify.place import HOST, free_port
from tests.production.servers import until
from tests.terminal import Terminal

pytestmark = pytest.mark.xdist_group("first day")

CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)
CONTINUED = re.compile(r" \\\n *")
INLINE = re.compile(r"`((?:make|uv|uvx|docker|python|kubectl|createdb|openssl|db|jobs|users) [^`]+)`")
DOCUMENTS = ("README.md", "AGENTS.md")
NAMES = re.compile(r"order[-_]desk")

API = "http://127.0.0.1:8000/api/v1"
ADA = """'{"email": "ada@example.org", "password": "a phrase of mine"}'"""
SERVES = "make run"
CREATEDB = "createdb -h localhost -U postgres desk"
TASK = """--json '{"title": "Say hello"}'"""
# With what they say at their end.
USERS = {
    "uv run python -m desk users create-admin you@example.org": "you@example.org is an administrator",
    "uv run python -m desk users set-password you@example.org": "you@example.org has another password",
}
LOGIN = f"curl {API}/auth/login --json {ADA}"
TOKEN = "TOKEN=... # the access_token of that answer"  # noqa: S105 - it is none
CALLS = (
    f"curl {API}/auth/register --json {ADA}",
    LOGIN,
    TOKEN,
    f"curl {API}/auth/me --oauth2-bearer $TOKEN",
    f"curl {API}/tasks --oauth2-bearer $TOKEN {TASK}",
)
FIRST_TASK = f"curl {API}/tasks {TASK}"
# With what each of them writes.
COMMANDS = {
    "make .env": "",
    "make format": "ruff format",
    "make sbom": "",
    "uvx pre-commit install": "pre-commit installed",
    "uv run python -m desk check": "errors: 0",
    "uv run python -m desk routes": "/api/v1/tasks",
    "uv run python -m desk openapi openapi.json": "",
    "uv run python -m desk db upgrade": "up to date",
}
# What is typed in no test of this file.
ELSEWHERE = {
    # By the other tests of a column more, and by the harness for every variant.
    "make check",
    "make test",
    'make migration m="..."',
    'make migration m="what changes"',
    "uv run python -m desk",
    "UV_ENV_FILE=.env make smoke URL=http://127.0.0.1:8000",
    # By the tests of images.
    "docker compose up --build --wait",
    "docker compose down",
    "docker run --rm desk --help",
    # By the service's own tests.
    "uv run python -m desk worker",
    "uv run python -m desk jobs dead",
    "jobs retry ID",
    "db downgrade -1",
    # By nobody: they are other people's programs, and an audit asks a service on the internet.
    CREATEDB,
    "openssl rand -hex 32",
    "make audit",
}


def commands(text: str) -> set[str]:
    """What a document says to type."""
    blocks = [CONTINUED.sub(" ", block) for block in CONSOLE.findall(text)]
    consoles = [line.removeprefix("$ ") for block in blocks for line in block.splitlines()]
    return {NAMES.sub("desk", command) for command in (*consoles, *INLINE.findall(text))}


BEFORE = "    completed_at: Mapped[datetime | None] ="
COLUMN = "    estimate: Mapped[int | None] = mapped_column(default=None)\n"
# What Alembic writes of its second column is longer than a line may be.
TABLE = """

class NoteRow(Row):
    __tablename__ = "note"

    text: Mapped[str] = mapped_column(Text)
    urgency: Mapped[str] = mapped_column(
        Enum("whenever", "this week", "today", "now", native_enum=False, name="urgency")
    )
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return created(tmp_path_factory)


def created(tmp_path_factory: pytest.TempPathFactory, *options: str) -> Path:
    above = tmp_path_factory.mktemp("created")
    create = [sys.executable, "-m", "newapi", "create", "desk", "--yes", "--no-check", *options]
    done = process.run(create, above, timeout=600)
    assert done.code == 0, done.output
    return above / "desk"


def run(project: Path, *command: str) -> str:
    done = process.run(command, project, env=environment(), timeout=600)
    assert done.code == 0, done.output
    return done.output


def test_a_changed_model_gets_a_migration_that_passes_the_projects_own_checks(project: Path) -> None:
    store = project / "src" / "desk" / "tasks" / "store.py"
    store.write_text(store.read_text().replace(BEFORE, COLUMN + BEFORE) + TABLE)

    run(project, "make", "migration", "m=Estimates and notes")

    (migration,) = (project / "src" / "desk" / "migrations" / "versions").glob("*estimates_and_notes.py")
    assert re.search(r'down_revision = \("accounts", "tasks"\)', migration.read_text())
    assert "# ###" not in migration.read_text()  # Alembic's own comments
    checked = run(project, "make", "check")
    assert set(re.findall(r"(?m)^uv run (\S+)", checked)) == {"ruff", "basedpyright", "lint-imports", "deptry"}
    run(project, "uv", "run", "python", "-m", "desk", "db", "upgrade")
    run(project, "uv", "run", "python", "-m", "desk", "db", "check")


def test_a_migration_needs_a_change_and_a_message_and_replaces_no_other_one(project: Path) -> None:
    store = project / "src" / "desk" / "tasks" / "store.py"
    versions = project / "src" / "desk" / "migrations" / "versions"
    before = set(versions.glob("*.py"))

    unchanged = process.run(("make", "migration", "m=Nothing"), project, env=environment(), timeout=600)
    unnamed = process.run(("make", "migration"), project, env=environment(), timeout=600)
    store.write_text(store.read_text().replace(BEFORE, COLUMN.replace("estimate", "effort") + BEFORE))
    run(project, "make", "migration", "m=Estimates and notes")  # the message of the other test

    assert "nothing that the migrations have not" in unchanged.output
    assert "make migration m=" in unnamed.output
    assert len(set(versions.glob("*.py")) - before) == 1
    run(project, "uv", "run", "python", "-m", "desk", "db", "upgrade")


@pytest.fixture(scope="module")
def served(project: Path) -> Generator[Mapping[str, str]]:
    with serving(project) as env:
        yield env


@contextmanager
def serving(project: Path) -> Generator[Mapping[str, str]]:
    """The service, as `make run` has it; the environment to speak to it in, which has its port and not 8000."""
    env = {**environment(), "SERVER_PORT": str(free_port()), "METRICS_PORT": "0", "CURL_HOME": str(project.parent)}
    (project.parent / ".curlrc").write_text("silent\nshow-error\nfail-with-body\n")
    log = project.parent / "log"
    ready = ("curl", f"http://{HOST}:{env['SERVER_PORT']}/health/ready")
    with process.running(SERVES.split(), project, log, env=env):
        until(lambda: process.run(ready, project, env=env).code == 0, "the service to be ready", 60)
        yield env


def test_the_readme_has_been_typed_to_the_last_line(project: Path, served: Mapping[str, str]) -> None:
    for command, says in USERS.items():
        with Terminal((), project, env=served, program=command.split()) as terminal:
            for prompt in ("Password:", "Once more:"):
                terminal.sees(prompt)
                terminal.press("another phrase", "enter")
            terminal.sees(says)

    answers: dict[str, str] = {}
    for call in CALLS:
        typed = call.replace("8000", served["SERVER_PORT"])
        if call == TOKEN:
            served = {**served, "TOKEN": json.loads(answers[LOGIN])["access_token"]}
        else:
            done = process.run(("/bin/sh", "-c", typed), project, env=served)
            assert done.code == 0, (typed, done.output)
            answers[call] = done.output
    me, task = (json.loads(answers[call]) for call in CALLS[-2:])
    assert (me["email"], task["title"]) == ("ada@example.org", "Say hello")

    smoke = f"make smoke URL=http://{HOST}:{served['SERVER_PORT']}"
    walked = process.run(smoke.split(), project, env=served, timeout=120)
    assert walked.code == 0, walked.output
    readme = (project / "README.md").read_text()
    assert {SERVES, *USERS, *CALLS} <= commands(readme)


def test_a_first_task_needs_nobody_where_nobody_signs_in(tmp_path_factory: pytest.TempPathFactory) -> None:
    project = created(tmp_path_factory, "--preset", "minimal", "--sample")
    assert FIRST_TASK in commands((project / "README.md").read_text())

    with serving(project) as env:
        done = process.run(("/bin/sh", "-c", FIRST_TASK.replace("8000", env["SERVER_PORT"])), project, env=env)

    assert json.loads(done.output)["title"] == "Say hello"


def test_the_database_is_made_where_the_service_looks_for_it(variants: Mapping[str, Tree]) -> None:
    on_postgresql = [tree for name, tree in variants.items() if "postgresql" in name]
    assert on_postgresql
    for tree in on_postgresql:
        example, readme = (tree.files[name].content.decode() for name in (".env.example", "README.md"))
        (url,) = re.findall(r"(?m)^DATABASE_URL=(.*)$", example)
        parts = urlsplit(NAMES.sub("desk", url))
        assert CREATEDB in commands(readme)
        assert CREATEDB == f"createdb -h {parts.hostname} -U {parts.username} {parts.path.removeprefix('/')}"


@pytest.mark.parametrize(("command", "says"), COMMANDS.items())
def test_a_command_of_the_readme_does_what_it_says(project: Path, command: str, says: str) -> None:
    assert says in run(project, *command.split())
    assert command in commands((project / "README.md").read_text())


def test_what_commands_of_the_readme_write_is_there(project: Path) -> None:
    for command in ("make sbom", "uv run python -m desk openapi openapi.json"):
        run(project, *command.split())

    assert json.loads((project / "sbom.cdx.json").read_text())["bomFormat"] == "CycloneDX"
    assert "/api/v1/tasks" in json.loads((project / "openapi.json").read_text())["paths"]


def test_nothing_stands_in_a_document_that_nobody_types(variants: Mapping[str, Tree]) -> None:
    known = {SERVES, FIRST_TASK, *USERS, *CALLS, *COMMANDS, *ELSEWHERE}
    shortened = {command.removeprefix("uv run ") for command in known} | {"make smoke", "make smoke URL=..."}
    stand: set[str] = set()
    for name, tree in variants.items():
        for document in DOCUMENTS:
            said = commands(tree.files[document].content.decode())
            assert said <= known | shortened, (name, document)
            stand |= said
    assert not {command for command in known if not {command, command.removeprefix("uv run ")} & stand}


def test_the_first_feature_is_as_the_readme_has_it(tmp_path_factory: pytest.TempPathFactory) -> None:
    project = created(tmp_path_factory, "--no-sample")
    written = re.findall(r"`(\S+\.py)`:\n\n```python\n(.*?)```", (project / "README.md").read_text(), flags=re.DOTALL)
    assert [path for path, _ in written] == ["src/desk/greetings.py", "tests/test_greetings.py"]
    for path, text in written:
        (project / path).write_text(text)
    replace(project / "src" / "desk" / "app.py", "import errors, health", "import errors, greetings, health")
    replace(
        project / "src" / "desk" / "app.py", "# A line for each feature.\n", "\\g<0>            greetings.router,\n"
    )
    replace(project / "pyproject.toml", "# Features.\n", '\\g<0>    "greetings",\n')

    run(project, "make", "check")
    tested = run(
        project,
        "uv",
        "run",
        "pytest",
        "-q",
        "tests/test_greetings.py",
        "tests/test_security.py",
        "tests/plugins/test_docs.py",
    )
    assert " passed" in tested


def replace(file: Path, pattern: str, text: str) -> None:
    changed, times = re.subn(pattern, text, file.read_text())
    assert times == 1, (file, pattern)
    file.write_text(changed)
