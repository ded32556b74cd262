import os
import sys
from pathlib import Path

import msgspec
import pytest

from newapi import steps
from newapi.steps import Command, Outcome


class Said(msgspec.Struct, frozen=True):
    """A step whose end is known before."""

    name: str
    status: steps.Status = "passed"
    needs: tuple[str, ...] = ()

    @property
    def command(self) -> str:
        return f"do {self.name}"

    def run(self, project: Path) -> Outcome:
        del project
        return Outcome(self.name, self.status)


def ran(*wanted: Said) -> tuple[list[str], list[Outcome]]:
    started: list[str] = []
    return started, list(steps.run_all(wanted, Path(), started.append))


def python(code: str, *, optional: bool = False) -> Command:
    return Command("code", (sys.executable, "-c", code), "python code", optional=optional)


def test_steps_run_in_order() -> None:
    started, outcomes = ran(Said("a"), Said("b"))

    assert started == ["a", "b"]
    assert [(one.step, one.status) for one in outcomes] == [("a", "passed"), ("b", "passed")]


def test_what_needs_a_failed_step_is_skipped_by_name_and_the_rest_goes_on() -> None:
    _, outcomes = ran(Said("a", "failed"), Said("b", needs=("a",)), Said("c", needs=("b",)), Said("d"))

    assert [one.status for one in outcomes] == ["failed", "skipped", "skipped", "passed"]
    assert (outcomes[1].reason, outcomes[1].remaining) == ("it needs a", "do b")
    assert outcomes[2].reason == "it needs b"


def test_a_command_that_succeeds_has_passed(tmp_path: Path) -> None:
    outcome = python("import os; print(os.getcwd())").run(tmp_path)

    assert (outcome.status, outcome.output, outcome.remaining) == ("passed", str(tmp_path), "")
    assert outcome.seconds > 0


def test_a_command_that_fails_is_still_to_run(tmp_path: Path) -> None:
    outcome = python("import sys; sys.exit('no luck')").run(tmp_path)

    assert (outcome.status, outcome.output, outcome.remaining) == ("failed", "no luck", "python code")


def test_a_command_that_takes_too_long_has_failed(tmp_path: Path) -> None:
    slow = msgspec.structs.replace(python("import time; time.sleep(60)"), timeout=0.5)

    assert slow.run(tmp_path).status == "failed"


def test_a_program_that_is_missing_fails_a_step_and_skips_an_optional_one(tmp_path: Path) -> None:
    needed = Command("x", ("no-such-program",), "no-such-program")
    optional = msgspec.structs.replace(needed, optional=True)

    assert needed.run(tmp_path).status == "failed"
    assert optional.run(tmp_path) == Outcome(
        "x", "skipped", reason="no-such-program is not installed", remaining="no-such-program"
    )


def test_what_runs_in_the_project_finds_uv_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/first")

    assert steps.environment()["PATH"] == os.pathsep.join(("/first", str(Path(steps.uv()).parent)))
