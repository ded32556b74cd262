"""What a developer does first with a service that was created: a column more, by the commands of its README."""

import re
import sys
from pathlib import Path

import pytest

from newapi import process
from newapi.steps import environment

BEFORE = "    completed_at: Mapped[datetime | None] ="
COLUMN = "    estimate: Mapped[int | None] = mapped_column(default=None)\n"
TABLE = '\n\nclass NoteRow(Row):\n    __tablename__ = "note"\n\n    text: Mapped[str] = mapped_column(Text)\n'


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    above = tmp_path_factory.mktemp("created")
    done = process.run([sys.executable, "-m", "newapi", "create", "desk", "--yes", "--no-check"], above, timeout=600)
    assert done.code == 0, done.output
    return above / "desk"


def run(project: Path, *command: str) -> str:
    done = process.run(command, project, env=environment(), timeout=600)
    assert done.code == 0, done.output
    return done.output


@pytest.mark.xdist_group("new column")
def test_a_changed_model_gets_a_migration_that_passes_the_projects_own_checks(project: Path) -> None:
    store = project / "src" / "desk" / "tasks" / "store.py"
    store.write_text(store.read_text().replace(BEFORE, COLUMN + BEFORE) + TABLE)

    run(project, "make", "migration", "m=Estimates and notes")

    (migration,) = (project / "src" / "desk" / "migrations" / "versions").glob("*estimates_and_notes.py")
    assert re.search(r'down_revision = \("accounts", "tasks"\)', migration.read_text())
    checked = run(project, "make", "check")
    assert set(re.findall(r"(?m)^uv run (\S+)", checked)) == {"ruff", "basedpyright", "lint-imports", "deptry"}
    run(project, "uv", "run", "python", "-m", "desk", "db", "upgrade")
    run(project, "uv", "run", "python", "-m", "desk", "db", "check")


@pytest.mark.xdist_group("new column")
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
