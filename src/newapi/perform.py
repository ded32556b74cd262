"""A plan carried out: the project is written, then its steps are run."""

import time
from typing import Protocol

from newapi import steps, tree
from newapi.plan import Plan
from newapi.steps import Outcome

FILES = "files"  # the first step of every plan: writing what was rendered
CANCELLED = "cancelled"


class Watcher(Protocol):
    """Is told what happens while it happens."""

    def start(self, name: str) -> None: ...
    def finish(self, outcome: Outcome) -> None: ...


def perform(plan: Plan, watcher: Watcher) -> list[Outcome]:
    """Write the project and run the steps; once it is written, Ctrl-C only leaves steps that are still to run."""
    start = time.monotonic()
    watcher.start(FILES)
    tree.write(plan.tree, plan.target)
    outcomes = [Outcome(FILES, "passed", time.monotonic() - start)]
    try:
        watcher.finish(outcomes[0])
        for outcome in steps.run_all(plan.steps, plan.target, watcher.start):
            outcomes.append(outcome)
            watcher.finish(outcome)
    except KeyboardInterrupt:
        left = plan.steps[len(outcomes) - 1 :]
        outcomes += [Outcome(step.name, "skipped", reason=CANCELLED, remaining=step.command) for step in left]
    return outcomes
