import os
import stat
import subprocess
from pathlib import Path

import pytest

from newapi import finish, template
from newapi.errors import TemplateError
from newapi.finish import Commit, Settings, Switches
from newapi.steps import Command
from tests.small import written

COMMIT = Commit("Start from newapi v0.1.0")


def git(project: Path, *arguments: str) -> str:
    return subprocess.run(("git", *arguments), cwd=project, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "desk"
    folder.mkdir()
    (folder / ".gitignore").write_text(".env\n")
    (folder / ".env.example").write_text(
        "# settings\nPORT=8000\nAUTH_SECRET=\nOTHER_SECRET=given\nJOB_SECRET=\nSECRET_NAME=\n"
    )
    (folder / "notes.md").write_text("notes\n")
    return folder


def test_settings_have_secrets_of_their_own(project: Path) -> None:
    assert Settings().run(project).status == "passed"

    lines = (project / ".env").read_text().splitlines()
    assert lines[:2] == ["# settings", "PORT=8000"]
    assert lines[3] == "OTHER_SECRET=given"
    assert lines[5] == "SECRET_NAME="
    secrets = {line.partition("=")[2] for line in (lines[2], lines[4])}
    assert [len(secret) for secret in secrets] == [64, 64]


@pytest.mark.skipif(os.name == "nt", reason="rights are a matter of POSIX")
def test_settings_are_for_their_owner_only(project: Path) -> None:
    Settings().run(project)

    assert stat.S_IMODE((project / ".env").stat().st_mode) == 0o600


def test_settings_that_are_there_are_left_alone(project: Path) -> None:
    (project / ".env").write_text("MINE=1\n")

    assert Settings().run(project).status == "skipped"
    assert (project / ".env").read_text() == "MINE=1\n"


def test_settings_that_cannot_be_made_are_still_to_make(project: Path) -> None:
    (project / ".env.example").write_bytes(b"\xff")

    outcome = Settings().run(project)

    assert (outcome.status, outcome.remaining) == ("failed", "make .env")


def test_the_first_commit_has_the_whole_project_on_main_without_its_secrets(project: Path) -> None:
    Settings().run(project)

    assert COMMIT.run(project).status == "passed"

    assert git(project, "ls-files").split() == [".env.example", ".gitignore", "notes.md"]
    assert git(project, "log", "--format=%s by %an") == "Start from newapi v0.1.0 by Ada"
    assert git(project, "branch", "--show-current") == "main"
    assert git(project, "status", "--porcelain") == ""


def test_secrets_stay_out_even_when_the_template_does_not_ignore_them(project: Path) -> None:
    (project / ".gitignore").unlink()
    (project / ".env").write_text("A_SECRET=1\n")

    assert COMMIT.run(project).status == "passed"

    assert ".env" not in git(project, "ls-files").split()


def test_the_users_own_git_settings_do_not_break_the_first_commit(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("pre-commit", "commit-msg", "post-commit"):
        (hooks / name).write_text("#!/bin/sh\nexit 1\n")
        (hooks / name).chmod(0o755)
    (tmp_path / "ignored").write_text("*.md\n")
    (tmp_path / "gitconfig").write_text(
        f"[core]\nhooksPath = {hooks}\nexcludesFile = {tmp_path / 'ignored'}\n"
        f"[init]\ntemplateDir = {tmp_path}\ndefaultBranch = trunk\n"
        "[commit]\ngpgSign = true\n[gpg]\nprogram = /no/such/program\n[user]\nname = Ada\nemail = ada@example.org\n"
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))

    assert COMMIT.run(project).status == "passed"

    assert "notes.md" in git(project, "ls-files").split()
    assert git(project, "branch", "--show-current") == "main"


def test_without_an_author_the_first_commit_is_newapis(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)

    assert COMMIT.run(project).status == "passed"

    assert git(project, "log", "--format=%an <%ae>") == "newapi <newapi@localhost>"


def test_inside_a_repository_there_is_no_other_one(project: Path) -> None:
    git(project.parent, "init", "--quiet")

    outcome = COMMIT.run(project)

    assert (outcome.status, outcome.remaining) == ("skipped", "")
    assert str(project.parent) in outcome.reason
    assert not (project / ".git").exists()


def test_a_repository_that_is_there_gets_the_first_commit_and_keeps_what_it_has(project: Path) -> None:
    git(project.parent, "init", "--quiet")
    git(project, "init", "--quiet", "--initial-branch", "trunk")
    git(project, "remote", "add", "origin", "https://example.org/desk.git")
    config = (project / ".git" / "config").read_bytes()

    assert COMMIT.run(project).status == "passed"

    assert git(project, "log", "--format=%s") == COMMIT.message
    assert git(project, "branch", "--show-current") == "trunk"
    assert (project / ".git" / "config").read_bytes() == config


def test_where_a_repository_ignores_the_project_it_gets_its_own(project: Path) -> None:
    git(project.parent, "init", "--quiet")
    (project.parent / ".gitignore").write_text(f"/{project.name}/\n")

    assert COMMIT.run(project).status == "passed"

    assert Path(git(project, "rev-parse", "--show-toplevel")) == project.resolve()


def test_a_git_hook_that_runs_newapi_does_not_mislead_it(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", str(project.parent / "elsewhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(project.parent / "index"))

    assert COMMIT.run(project).status == "passed"

    monkeypatch.undo()
    assert (project / ".git").is_dir()


def test_without_git_the_first_commit_is_still_to_make(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(project))

    outcome = COMMIT.run(project)

    assert (outcome.status, outcome.reason) == ("skipped", "git is not installed")
    assert outcome.remaining == "git init -b main && git add -A && git commit -m 'Start from newapi v0.1.0'"


def names(**switches: bool) -> list[str]:
    return [step.name for step in finish.steps(template.load(), Switches(**switches))]


def test_each_step_can_be_switched_off() -> None:
    assert names() == ["settings", "lock", "sync", "git", "check"]
    assert names(git=False) == ["settings", "lock", "sync", "check"]
    assert names(check=False) == ["settings", "lock", "sync", "git"]
    assert names(sync=False) == ["settings", "git"]
    assert Switches(git=False, sync=False).flags == ("--no-git", "--no-sync")


def lock(own: template.Template) -> Command:
    step = next(step for step in finish.steps(own, Switches()) if step.name == "lock")
    assert isinstance(step, Command)
    return step


def test_the_lock_starts_from_the_versions_that_the_template_was_verified_with(tmp_path: Path) -> None:
    own = written(tmp_path, "_newapi: {versions: pins.txt}\nname: x\n")
    (tmp_path / "pins.txt").write_text("# verified\nmsgspec==0.20.0\n\nanyio==4.12.0  # held back\n")

    assert lock(own).argv[1:] == ("lock", "--upgrade-package", "msgspec==0.20.0", "--upgrade-package", "anyio==4.12.0")
    assert lock(own).command == "uv lock"


def test_a_template_without_verified_versions_locks_the_newest(tmp_path: Path) -> None:
    assert lock(written(tmp_path, "name: x\n")).argv[1:] == ("lock",)


def test_versions_that_cannot_be_read_are_the_templates_fault(tmp_path: Path) -> None:
    own = written(tmp_path, "_newapi: {versions: pins.txt}\nname: x\n")

    with pytest.raises(TemplateError, match=r"pins\.txt cannot be read"):
        finish.steps(own, Switches())


def test_a_lock_under_pins_holds_them_and_is_free_to_be_upgraded(tmp_path: Path) -> None:
    own = written(tmp_path / "template", "_newapi: {versions: pins.txt}\nname: x\n")
    (own.root / "pins.txt").write_text("idna==3.10\nnot-needed==1\n")
    project = tmp_path / "desk"
    project.mkdir()
    (project / "pyproject.toml").write_text(
        '[project]\nname = "desk"\nversion = "0"\nrequires-python = ">=3.11"\ndependencies = ["anyio>=4"]\n'
    )

    outcome = lock(own).run(project)

    assert outcome.status == "passed", outcome.output
    text = (project / "uv.lock").read_text()
    assert 'name = "idna"\nversion = "3.10"' in text
    assert "not-needed" not in text
    assert "manifest" not in text
