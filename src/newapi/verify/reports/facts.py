"""What every view of a report says of it in words: how it ended, and the facts behind that."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

import msgspec

from newapi.verify.model import Combination, Coverage, Report, Verdict
from newapi.verify.reports.wording import count, duration, listed, reached

STRENGTHS = {1: "answers", 2: "pairs", 3: "triples"}


class Fact(msgspec.Struct, frozen=True):
    name: str
    text: str


def headline(report: Report) -> str:
    """The end of the run in one sentence."""
    failed = sum(one.status == "failed" for one in report.variants)
    if failed:
        return f"{failed} of {count(len(report.variants), 'variant')} fail{'s' if failed == 1 else ''}"
    if not report.variants:
        return "There was nothing to check"
    if not report.passed:
        return "Nothing was checked"
    return f"All checks hold for {count(len(report.variants), 'variant')}"


def facts(report: Report) -> list[Fact]:
    """What was verified, and what was not, in the order in which people ask."""
    return [
        Fact("variants", f"{len(report.variants):,} of {reached(report.space, report.distinct)}"),
        Fact("runs", ", ".join([f"{_runs(report):,} made", *(f"{n:,} {why}" for why, n in report.saved.items())])),
        *_skipped(report),
        *(Fact(strength(one), covered(one)) for one in report.covered),
        *_changes(report),
        Fact("time", duration(report.seconds)),
    ]


def origin(report: Report) -> list[Fact]:
    """What the report is about and where it is from."""
    given = {
        "template": f"{report.template} {report.version}".rstrip(),
        "tier": report.tier,
        "coverage": report.coverage,
        "shard": report.shard,
        "started": report.started,
        "newapi": report.newapi,
    }
    return [Fact(name, text) for name, text in given.items() if text]


def strength(coverage: Coverage) -> str:
    return STRENGTHS.get(coverage.strength, f"combinations of {coverage.strength}")


def covered(coverage: Coverage) -> str:
    """How many combinations were run, and the names of those that were not."""
    said = f"{len(coverage.run):,} of {coverage.total:,} run"
    return f"{said}; missing: {listed([joined(one) for one in coverage.missing])}" if coverage.missing else said


def joined(combination: Combination) -> str:
    return " with ".join(combination)


def origin_of(verdict: Verdict) -> str:
    """Where a verdict is from, in words."""
    return {
        "run": f"run in {duration(verdict.seconds)}",
        "shared": f"shared with {verdict.by}",
        "kept": "kept from an earlier run",
        "none": verdict.reason or "not run",
    }[verdict.how]


def _runs(report: Report) -> int:
    return sum(verdict.how == "run" for one in report.variants for verdict in one.verdicts)


def _skipped(report: Report) -> Iterator[Fact]:
    """Checks that were not made, together where the reason is the same."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for one in report.variants:
        for verdict in one.verdicts:
            if verdict.status == "skipped":
                found[verdict.reason or "no reason is known"][verdict.check] += 1
    said = [f"{_counted(checks)}: {reason}" for reason, checks in found.items()]
    if said:
        yield Fact("skipped", "; ".join(said))


def _counted(checks: Mapping[str, int]) -> str:
    return listed([f"{check} of {count(number, 'variant')}" for check, number in checks.items()])


def _changes(report: Report) -> Iterator[Fact]:
    since = report.since
    if not since:
        return
    changed = len({name for change in since.changes for name in change.variants})
    parts = [f"{count(changed, 'variant')} by {count(len(since.changes), 'change')}"] if changed else []
    parts += [f"{since.unchanged:,} unchanged"] if since.unchanged else []
    parts += [f"added: {listed(since.added)}"] if since.added else []
    parts += [f"removed: {listed(since.removed)}"] if since.removed else []
    yield Fact(f"since {since.ref}", "; ".join(parts) or "nothing changes")
