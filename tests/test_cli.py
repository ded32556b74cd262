import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

import newapi
from newapi import cli, doctor, errors, template
from newapi.doctor import Finding
from tests.small import FOLDER, written

QUICK = ("--yes", "--no-git", "--no-sync", "--no-check")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


class Line(msgspec.Struct):
    """A step in a document: as it is planned, or as it ended."""

    step: str
    command: str = ""
    status: str = ""
    reason: str = ""
    remaining: str = ""


class Document(msgspec.Struct):
    project: str = ""
    answers: dict[str, str | bool] = {}
    files: list[str] = []
    steps: list[Line] = []
    error: dict[str, str | int] = {}
    findings: list[dict[str, str | bool]] = []
    questions: list[dict[str, object]] = []


def document(capsys: pytest.CaptureFixture[str]) -> Document:
    return msgspec.json.decode(capsys.readouterr().out, type=Document)


def test_create_makes_a_project_and_says_what_it_did(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["create", "my-shop", *QUICK]) == 0

    out = capsys.readouterr().out
    assert (here / "my-shop" / "pyproject.toml").exists()
    assert (here / "my-shop" / ".env").exists()
    assert "my-shop" in out
    assert "newapi create my-shop --yes" in out


def test_without_a_terminal_it_never_asks(here: Path) -> None:
    assert cli.run(["create", *QUICK[1:]]) == 0

    assert [path.name for path in here.iterdir()] == ["order-desk"]


def test_a_dry_run_touches_nothing(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["create", "my-shop", "--yes", "--dry-run"]) == 0

    out = capsys.readouterr().out
    assert list(here.iterdir()) == []
    assert all(word in out for word in ("pyproject.toml", "sync", "newapi create my-shop --yes"))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ["--container=none", "--deploy=kubernetes"],
            "deploy cannot be kubernetes where container is none.",
        ),
        (["--no-sample", "--data", "live=channels"], "live cannot be channels where sample is no"),
        (["--jobs", "saq"], "jobs cannot be saq where database is sqlite and cache is memory"),
    ],
)
def test_an_answer_to_a_question_that_is_not_asked_is_refused(
    here: Path, capsys: pytest.CaptureFixture[str], words: list[str], sentence: str
) -> None:
    assert cli.run(["create", "my-shop", *words, *QUICK]) == 2

    assert sentence in capsys.readouterr().err
    assert list(here.iterdir()) == []


def test_what_a_preset_says_gives_way_to_flags(here: Path) -> None:
    assert cli.run(["create", "my-shop", "--preset", "production", "--container", "none", *QUICK]) == 0
    assert cli.run(["create", "same", "--container", "none", "--deploy", "none", *QUICK]) == 0

    assert not (here / "my-shop" / "deploy").exists()


def test_json_is_the_only_thing_on_stdout(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["create", "my-shop", "--json", "--preset", "minimal", *QUICK]) == 0

    said = document(capsys)
    assert said.project == str(here / "my-shop")
    assert (said.answers["database"], said.answers["auth"]) == ("none", "none")
    assert [(step.step, step.status) for step in said.steps] == [("files", "passed"), ("settings", "passed")]
    assert sorted(said.files) == sorted(
        str(path.relative_to(here / "my-shop"))
        for path in (here / "my-shop").rglob("*")
        if path.is_file() and path.name != ".env"
    )


def test_a_planned_json_has_the_steps_to_come(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["create", "my-shop", "--json", "--dry-run"]) == 0

    said = document(capsys)
    assert [step.command for step in said.steps][1:3] == ["uv lock", "uv sync"]
    assert list(here.iterdir()) == []


def test_an_error_is_json_too_when_json_was_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["create", "x", "--json", "--database", "oracle"]) == 2

    assert document(capsys).error["code"] == 2


def test_a_step_that_fails_leaves_the_project_and_the_command_still_to_run(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    own = written(here / "template", "_subdirectory: files\ntitle: x\n", notes="{{ title }}")
    monkeypatch.setenv(cli.ELSEWHERE, str(own.root))

    assert cli.run(["create", "desk", "--yes", "--json"]) == errors.STEP_FAILED

    steps = {step.step: step for step in document(capsys).steps}
    assert (here / "desk" / "notes").read_text() == "x"
    assert (steps["lock"].status, steps["lock"].remaining) == ("failed", "uv lock")
    assert [(steps[name].status, steps[name].reason) for name in ("sync", "git")] == [("skipped", "it needs lock")] * 2
    assert not (here / "desk" / ".git").exists()


def test_ctrl_c_in_a_step_leaves_the_project_and_what_is_still_to_run(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_self: object, _project: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("newapi.steps.Command.run", interrupted)

    assert cli.run(["create", "desk", "--yes", "--json"]) == errors.CANCELLED

    steps = document(capsys).steps
    assert (here / "desk" / "pyproject.toml").exists()
    assert [step.step for step in steps] == ["files", "settings", "lock", "sync", "git", "check"]
    assert [step.remaining for step in steps][2:4] == ["uv lock", "uv sync"]


def test_ctrl_c_before_anything_is_written_leaves_nothing(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object, dest: str, switches: object) -> None:
        del dest, switches
        raise KeyboardInterrupt

    monkeypatch.setattr("newapi.plan.make", interrupted)

    assert cli.run(["create", "desk", *QUICK]) == errors.CANCELLED

    assert list(here.iterdir()) == []
    assert "nothing was created" in capsys.readouterr().err


def test_another_template_can_be_named_by_the_environment(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(cli.ELSEWHERE, str(FOLDER))

    assert cli.run(["create", "desk", "--title", "My Desk", *QUICK]) == 0

    assert (here / "desk" / "my_desk" / "settings.txt").exists()
    assert "--title 'My Desk'" in capsys.readouterr().out


def test_an_error_that_nobody_foresaw_is_one_sentence_unless_debugging(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> None:
        raise ZeroDivisionError("nothing to share")

    monkeypatch.setattr(doctor, "examine", broken)

    assert cli.run(["doctor"]) == 1
    said = capsys.readouterr().err
    assert "ZeroDivisionError: nothing to share" in said
    assert "--debug" in said
    assert "Traceback" not in said
    with pytest.raises(ZeroDivisionError):
        cli.run(["doctor", "--debug"])


@pytest.mark.parametrize(("required", "code"), [(True, errors.MISSING), (False, 0)])
def test_doctor_ends_by_what_is_required(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], required: bool, code: int
) -> None:
    monkeypatch.setattr(doctor, "examine", lambda: (Finding("Make", "", "runs checks", "get make", required),))

    assert cli.run(["doctor"]) == code
    assert "get make" in capsys.readouterr().out
    assert cli.run(["doctor", "--json"]) == code
    assert document(capsys).findings[0]["name"] == "Make"


def test_options_lists_every_question(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["options"]) == 0
    out = capsys.readouterr().out
    assert all(flag in out for flag in ("--project-name", "--database", "--preset minimal"))

    assert cli.run(["options", "--json"]) == 0
    assert [question["name"] for question in document(capsys).questions][:1] == ["project_name"]


@pytest.mark.parametrize("words", [[], ["--help"]])
def test_the_help_lists_the_commands(capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    assert cli.run(words) == 0

    out = capsys.readouterr().out
    assert all(command in out for command in ("create", "options", "doctor"))


@pytest.mark.parametrize("words", [["--version"], ["--help"]])
def test_help_and_version_answer_without_what_the_commands_need(words: list[str]) -> None:
    code = (
        "import sys\nfrom newapi.cli import run\n"
        f"run({words!r})\n"
        "print({'copier', 'jinja2', 'msgspec', 'prompt_toolkit', 'rich', 'yaml'} & sys.modules.keys())"
    )

    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert out.splitlines()[-1] == "set()"


def test_creating_a_service_does_not_import_copier(here: Path) -> None:
    code = (
        f"import sys\nfrom newapi.cli import run\nrun({['create', 'x', *QUICK]!r})\nassert 'copier' not in sys.modules"
    )

    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, cwd=here)


def test_it_runs_as_a_module() -> None:
    done = subprocess.run([sys.executable, "-m", "newapi", "--version"], capture_output=True, text=True, check=True)

    assert done.stdout == f"newapi {newapi.__version__}\n"


@pytest.mark.skipif(os.name == "nt", reason="shells of POSIX systems")
def test_a_shell_completes_choices() -> None:
    env = {
        **os.environ,
        "_NEWAPI_COMPLETE": "complete_bash",
        "COMP_WORDS": "newapi create --database p",
        "COMP_CWORD": "3",
    }

    done = subprocess.run([sys.executable, "-m", "newapi"], capture_output=True, text=True, check=False, env=env)

    assert done.stdout.split() == ["postgresql"]


@pytest.mark.skipif(os.name == "nt", reason="Windows does not replace the folder that one is in")
def test_the_current_folder_can_be_the_target(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "shop").mkdir()
    monkeypatch.chdir("shop")

    assert cli.run(["create", ".", *QUICK]) == 0

    assert (Path.cwd() / ".env").exists()
    assert f"Next\n  cd {here / 'shop'}\n" in capsys.readouterr().out


def test_a_clone_of_an_empty_repository_gets_its_first_commit() -> None:
    def git(*words: str) -> str:
        return subprocess.run(("git", *words), check=True, capture_output=True, text=True).stdout

    git("init", "--bare", "origin")
    git("clone", "origin", "shop")

    assert cli.run(["create", "shop", "--yes", "--no-sync"]) == 0

    git("-C", "shop", "push", "origin", "HEAD")
    assert git("-C", "origin", "log", "--all", "--format=%s").splitlines() == [
        f"Start from newapi {template.load().version}"
    ]


@pytest.mark.skipif(os.name == "nt", reason="Windows does not remove the folder that one is in")
def test_a_whole_path_needs_no_current_folder(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "gone").mkdir()
    monkeypatch.chdir("gone")
    (here / "gone").rmdir()

    assert cli.run(["create", str(here / "shop"), *QUICK]) == 0
    assert f"cd {here / 'shop'}" in capsys.readouterr().out


def test_a_name_that_looks_like_an_option_is_shown_as_one_can_type_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["create", "--project-slug", "desk", *QUICK, "--", "-rf"]) == 0

    out = capsys.readouterr().out
    assert "  cd ./-rf\n" in out
    assert "newapi create ./-rf --yes" in out
