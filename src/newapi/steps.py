"""Steps: what is done to a project once its files are there. A step never raises; its outcome says how it ended."""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

import msgspec
from uv import find_uv_bin

from newapi import process

Status: TypeAlias = Literal["passed", "failed", "skipped"]


class Outcome(msgspec.Struct, frozen=True):
    """How a step ended: what it printed, why it was skipped, and the command that is still to run, if any."""

    step: str
    status: Status
    seconds: float = 0.0
    output: str = ""
    reason: str = ""
    remaining: str = ""


class Step(Protocol):
    """`command` is what a person types for the same; `needs` names the steps without which it makes no sense."""

    @property
    def name(self) -> str: ...
    @property
    def command(self) -> str: ...
    @property
    def needs(self) -> tuple[str, ...]: ...

    def run(self, project: Path) -> Outcome: ...


class Command(msgspec.Struct, frozen=True):
    """One program. Where it is `optional` and the machine does not have it, the step is skipped.

    The program `uv` is looked up when it runs, so that a plan can be carried out on another machine.
    """

    name: str
    argv: tuple[str, ...]
    command: str
    needs: tuple[str, ...] = ()
    optional: bool = False
    timeout: float = 900

    def run(self, project: Path) -> Outcome:
        if self.optional and not shutil.which(self.argv[0]):
            return Outcome(self.name, "skipped", reason=f"{self.argv[0]} is not installed", remaining=self.command)
        argv = (uv(), *self.argv[1:]) if self.argv[0] == "uv" else self.argv
        done = process.run(argv, project, timeout=self.timeout, env=environment())
        if done.code:
            return Outcome(self.name, "failed", done.seconds, done.output, remaining=self.command)
        return Outcome(self.name, "passed", done.seconds, done.output)


def run_all(steps: Iterable[Step], project: Path, started: Callable[[str], None]) -> Iterator[Outcome]:
    """Run the steps in order; those that need a step that did not pass are skipped."""
    absent: set[str] = set()
    for step in steps:
        started(step.name)
        lacking = absent.intersection(step.needs)
        if lacking:
            reason = f"it needs {', '.join(sorted(lacking))}"
            outcome = Outcome(step.name, "skipped", reason=reason, remaining=step.command)
        else:
            outcome = step.run(project)
        if outcome.status != "passed":
            absent.add(step.name)
        yield outcome


def uv() -> str:
    """The uv that came with this program, else the one on PATH."""
    try:
        return find_uv_bin()
    except FileNotFoundError:
        return "uv"


def environment() -> dict[str, str]:
    """For programs in the project: whatever they call finds uv, as the last one on PATH."""
    return process.environment(PATH=os.pathsep.join((os.environ.get("PATH", os.defpath), str(Path(uv()).parent))))
