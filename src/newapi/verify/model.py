"""The values of a verification: variants, what was found out about each, and the report of all of it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec

if TYPE_CHECKING:
    from newapi.template import Value
else:
    Value = object  # msgspec takes no type that is made of itself, as the one of answers is

Tier: TypeAlias = Literal["render", "static", "full"]
Status: TypeAlias = Literal["passed", "failed", "skipped"]
How: TypeAlias = Literal["run", "shared", "kept", "none"]
# Answers that a variant has together, each as `question=value`, in the order of the questions.
Combination: TypeAlias = tuple[str, ...]

FORMAT = 1


class Variant(msgspec.Struct, frozen=True):
    """One set of answers that a person can reach. The name is made of the answers, and the same everywhere."""

    name: str
    answers: Mapping[str, Value]
    picks: Combination


class Verdict(msgspec.Struct, frozen=True):
    """What one check says of one variant.

    `how` tells where the verdict is from: it was run on this variant, it was run on variant `by`, whose bytes are the
    same in all that the check reads (shared), or an earlier run is on disk (kept). A check that was not run (none)
    says why in `reason`. `seconds` is what the run took, wherever and whenever that was.
    """

    check: str
    status: Status
    how: How
    by: str = ""
    seconds: float = 0.0
    reason: str = ""


class Verified(msgspec.Struct, frozen=True):
    """One variant with its verdicts, in the order of the checks."""

    variant: Variant
    verdicts: tuple[Verdict, ...]

    @property
    def status(self) -> Status:
        """Failed when any check failed, skipped when none was made."""
        found = {verdict.status for verdict in self.verdicts}
        return "failed" if "failed" in found else "passed" if "passed" in found else "skipped"


class Failure(msgspec.Struct, frozen=True):
    """A check that was run and did not hold.

    `output` ends with the lines that matter, `folder` is the project that was kept, `command` repeats the check.
    """

    variant: str
    check: str
    seconds: float
    output: str
    folder: str = ""
    command: str = ""
    stands_for: tuple[str, ...] = ()


class Coverage(msgspec.Struct, frozen=True):
    """Which combinations of `strength` answers were run: a fact about variants that have verdicts, not a plan."""

    strength: int
    run: tuple[Combination, ...]
    missing: tuple[Combination, ...]

    @property
    def total(self) -> int:
        return len(self.run) + len(self.missing)


class Change(msgspec.Struct, frozen=True):
    """One change of generated projects, as a unified diff, and all the variants that have it, among others maybe."""

    variants: tuple[str, ...]
    diff: str


class Since(msgspec.Struct, frozen=True):
    """What a change of the template does to generated projects. `added` and `removed` are variants, by name."""

    ref: str
    changes: tuple[Change, ...]
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    unchanged: int = 0


class Report(msgspec.Struct, frozen=True):
    """A whole verification: what `--json` writes, what `--merge` joins, and what every other report is made of.

    `space` counts the variants that can be reached, `distinct` the different services among them: two are the same when
    all that can run or be tested is; None where counting them would take too long. `digest` stands for all that was to
    be verified, by which shards know each other: projects, what the template says of them, pins and checks. `saved`
    counts the runs that were not needed, by why. `started` is UTC, ISO 8601.
    """

    newapi: str
    template: str
    version: str
    tier: Tier
    coverage: str
    started: str
    seconds: float
    space: int
    distinct: int | None
    digest: str
    checks: tuple[str, ...]
    variants: tuple[Verified, ...]
    failures: tuple[Failure, ...]
    covered: tuple[Coverage, ...]
    saved: Mapping[str, int] = {}
    shard: str = ""
    since: Since | None = None
    notes: tuple[str, ...] = ()
    format: int = FORMAT

    @property
    def passed(self) -> bool:
        """Whether everything holds, and something was checked: unless nothing has changed, or is left for a shard."""
        return not self.failures and (not self.variants or any(one.status == "passed" for one in self.variants))


class Selected(msgspec.Struct, frozen=True):
    """What a run is about: the variants, of how many, and the combinations that can be had at all, by strength.

    `distinct` is that of `Report`.
    """

    variants: Sequence[Variant]
    space: int
    distinct: int | None
    reachable: Mapping[int, Sequence[Combination]]
