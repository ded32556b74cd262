import io
import re

import pytest
from rich.console import Console

from newapi.progress import LiveTable, progress
from newapi.steps import Outcome

LOCK = Outcome("lock", "passed", 1.25)
CHECK = Outcome("check", "skipped", reason="make is not installed")


def test_without_a_terminal_each_step_is_one_line_when_it_ends() -> None:
    out = io.StringIO()
    with progress(Console(file=out, width=80), ["lock", "check"]) as shown:
        shown.start("lock")
        assert out.getvalue() == ""
        shown.finish(LOCK)
        assert out.getvalue().startswith("✓  lock ")
        shown.start("check")
        shown.finish(CHECK)

    first, second = out.getvalue().splitlines()
    assert re.fullmatch(r"✓  lock   +1\.2 s", first)
    assert re.fullmatch(r"-  check +make is not installed", second)


def test_in_a_terminal_the_steps_are_a_table_that_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr(out, "isatty", lambda: True)
    console = Console(file=out, width=80, force_terminal=True, color_system="standard")
    with progress(console, ["lock", "check"]) as shown:
        shown.start("lock")
        shown.finish(LOCK)

    assert isinstance(shown, LiveTable)
    assert "lock" in out.getvalue().rpartition("\x1b[2K")[2]  # what is drawn last is not erased


def test_the_table_shows_what_is_done_what_runs_and_what_is_to_come() -> None:
    table = LiveTable(["files", "lock", "check"])
    table.finish(Outcome("files", "passed", 0.1))
    table.start("lock")
    out = io.StringIO()
    Console(file=out, width=80).print(table)

    files, lock, check = out.getvalue().splitlines()
    assert re.match(r"✓ +files +0\.1 s", files)
    assert re.match(r"\S +lock +0\.0 s", lock)
    assert check.strip() == "check"
