from pathlib import Path

import msgspec

from newapi import plan
from newapi.finish import Switches
from newapi.perform import perform
from newapi.steps import Outcome
from tests.small import questionnaire


class Watched:
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def start(self, name: str) -> None:
        self.told.append(f"start {name}")

    def finish(self, outcome: Outcome) -> None:
        self.told.append(f"{outcome.status} {outcome.step}")


class Interrupted(msgspec.Struct, frozen=True):
    """A step during which somebody presses Ctrl-C."""

    name: str = "long"
    command: str = "do it"
    needs: tuple[str, ...] = ()

    def run(self, project: Path) -> Outcome:
        raise KeyboardInterrupt(project)


def planned(target: Path) -> plan.Plan:
    ours = questionnaire()
    return plan.make(ours, ours.complete({}), dest=str(target), switches=Switches(git=False, sync=False))


def test_the_files_come_first_and_are_told_like_any_step(tmp_path: Path) -> None:
    watched = Watched()

    outcomes = perform(planned(tmp_path / "desk"), watched)

    assert [outcome.step for outcome in outcomes] == ["files", "settings"]
    assert watched.told == ["start files", "passed files", "start settings", "skipped settings"]
    assert (tmp_path / "desk" / "RELEASE").exists()


def test_ctrl_c_in_a_step_leaves_the_project_and_the_steps_that_are_still_to_run(tmp_path: Path) -> None:
    interrupted = msgspec.structs.replace(planned(tmp_path / "desk"), steps=(Interrupted(), Interrupted(name="more")))

    outcomes = perform(interrupted, Watched())

    assert [(one.step, one.status, one.reason, one.remaining) for one in outcomes[1:]] == [
        ("long", "skipped", "cancelled", "do it"),
        ("more", "skipped", "cancelled", "do it"),
    ]
    assert (tmp_path / "desk" / "RELEASE").exists()
