import io
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console, RenderableType

from newapi import plan, views
from newapi.doctor import Finding
from newapi.errors import UsageError
from newapi.finish import Switches
from newapi.plan import Plan
from newapi.steps import Outcome
from tests.questionnaires import questionnaire

ANSI = re.compile(r"\x1b\[[\d;]*m")
COLOUR = re.compile(r"\x1b\[(?:\d+;)*(?:3[0-7]|9[0-7])(?:;\d+)*m")
NAME = "[bold]Shop[/bold] & [link=x]sons"
OUTCOMES = (
    Outcome("lock", "passed", 1.23),
    Outcome("sync", "failed", 12.3, "\n".join(f"line {n} [red]" for n in range(1, 21)), remaining="uv sync"),
    Outcome("git", "skipped", reason="git is not installed", remaining="git init -b main"),
    Outcome("check", "skipped", reason="it needs sync", remaining="make check"),
)


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plan:
    monkeypatch.chdir(tmp_path)
    asked = questionnaire(tmp_path / "template")
    answers = asked.complete({"project_name": NAME, "project_slug": "shop", "store": "server"})
    return plan.make(asked, answers, dest="shop", switches=Switches(git=False))


def printed(view: RenderableType, width: int = 80, *, terminal: bool = False, no_color: bool = False) -> str:
    out = io.StringIO()
    colours = "standard" if terminal else None
    console = Console(
        file=out, width=width, force_terminal=terminal, no_color=no_color, color_system=colours, markup=False
    )
    views.show(console, view)
    return out.getvalue()


def test_a_plan_shows_answers_files_steps_and_the_command(made: Plan, tmp_path: Path) -> None:
    text = printed(views.plan(made), width=200)

    assert f"Nothing is written. This would create {tmp_path / 'shop'}" in text
    assert "  store          server\n" in text
    assert "4 files\n  ├── src/\n  │   └── store/\n  │       ├── pool.py\n" in text
    assert "  lock       uv lock\n" in text
    assert "git" not in text.split("Steps")[1].split("The same")[0]
    assert f"The same without questions\n  {made.command}\n" in text


def test_what_people_typed_is_not_read_as_markup(made: Plan) -> None:
    assert NAME in printed(views.plan(made), width=200)
    assert NAME in printed(views.result(made, (), 1.0), width=200)
    assert "line 20 [red]" in printed(views.result(made, OUTCOMES, 1.0))
    assert "[bold]x" in printed(views.error(UsageError("no [bold]x", "try [red]y")))


def test_a_result_says_what_was_made_and_what_comes_next(made: Plan) -> None:
    text = printed(views.result(made, OUTCOMES[:1], 2.5), width=200)

    assert text.startswith("✓ Created shop  4 files, 2.5 s\n")
    assert "Next\n  cd shop\n  make run\n  make test\n" in text
    assert "Still to run" not in text


def test_a_failed_step_shows_the_end_of_its_output_and_the_commands_still_to_run(made: Plan) -> None:
    text = printed(views.result(made, OUTCOMES, 14.0))

    assert "sync failed\n  … 8 lines before\n  line 9 [red]\n" in text
    assert "Still to run\n  cd shop\n  uv sync\n  git init -b main\n  make check\n" in text
    assert "Next\n  make run\n  make test\n" in text


def test_options_are_listed_with_their_flags_choices_and_defaults(made: Plan) -> None:
    text = printed(views.options(made.template))

    assert "--store          Where data is kept\n" in text
    assert re.search(r"files +in a folder +default\n", text)
    assert re.search(r"server +on another machine\n", text)
    assert "default: Order Desk\n" in text
    assert "default: follows from the others\n" in text
    assert re.search(r"depends on --store\n", text)


def test_doctor_says_what_is_there_and_how_to_get_what_is_not() -> None:
    text = printed(
        views.doctor([
            Finding("uv", "0.9.1", "installs services", "pip install uv", required=True),
            Finding("make", "", "runs checks", "apt install make", required=False),
            Finding("Python 3.14", "", "runs services", "uv python install", required=True),
            Finding("Docker", "", "runs images", "its page", required=False, problem="does not answer"),
        ])
    )  # fmt: skip

    assert re.search(r"✓ +uv +0\.9\.1 +installs services\n", text)
    assert re.search(r"- +make +not found +runs checks\n +get it: apt install make\n", text)
    assert re.search(r"✗ +Python 3\.14 +not found", text)
    assert re.search(r"- +Docker +does not answer +runs images\n +start it, or see: its page\n", text)


def test_an_error_is_its_sentence_and_the_way_out() -> None:
    assert printed(views.error(UsageError("There is no x.", "Take y."))) == "error There is no x.\nTake y.\n"
    assert printed(views.error(UsageError("There is no x."))) == "error There is no x.\n"


@pytest.mark.parametrize("width", [60, 80, 120])
def test_every_view_fits_its_width(made: Plan, width: int) -> None:
    finding = Finding(
        "Python 3.14", "", "runs services " * 6, "https://example.org/a/rather/long/address", required=True
    )
    for view in (
        views.result(made, OUTCOMES, 14.0),
        views.options(made.template),
        views.doctor([finding]),
        views.error(UsageError("a sentence " * 20, "a hint " * 20)),
    ):
        text = ANSI.sub("", printed(view, width, terminal=True))
        assert max(len(line.rstrip()) for line in text.splitlines()) <= width


def test_a_value_too_long_for_the_terminal_can_still_be_pasted(made: Plan) -> None:
    text = printed(views.result(made, (), 1.0), width=60)
    command = text.split("The same without questions\n")[1]

    assert command.replace("\\\n", "").split() == made.command.split()


def test_without_a_terminal_a_command_is_one_line_and_no_line_ends_in_spaces(
    made: Plan, capsys: pytest.CaptureFixture[str]
) -> None:
    views.show(views.console(), views.result(made, OUTCOMES, 1.0))
    lines = capsys.readouterr().out.splitlines()

    assert f"  {made.command}" in lines
    assert [line for line in lines if line != line.rstrip()] == []
    assert not ANSI.search("".join(lines))


def test_colour_can_be_had_in_a_log(
    made: Plan, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    views.show(views.console(), views.result(made, OUTCOMES, 1.0))
    out = capsys.readouterr().out

    assert COLOUR.search(out)
    assert f"  {made.command}\n" in out
    assert max(map(len, ANSI.sub("", out).splitlines())) < 200


def test_without_colour_there_is_no_colour_code(made: Plan) -> None:
    view = views.result(made, OUTCOMES, 1.0)

    assert COLOUR.search(printed(view, terminal=True))
    assert not COLOUR.search(printed(view, terminal=True, no_color=True))


def test_views_leave_the_heavy_parts_of_rich_alone() -> None:
    heavy = "{'pygments', 'rich.markdown', 'rich.syntax', 'rich.traceback', 'prompt_toolkit', 'copier'}"
    program = f"import sys, newapi.views, newapi.progress; sys.exit(repr({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert done.stderr.strip() == "set()"
