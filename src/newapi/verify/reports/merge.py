"""The reports of shards as one report: what the whole run would have said, apart from its times."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

import msgspec

from newapi.errors import UsageError, quoted
from newapi.verify import coverage
from newapi.verify.model import Combination, Coverage, Failure, Report, Verdict, Verified

Name = TypeVar("Name", str, Combination)
DIGITS = 12  # of a digest, which is to be told from others and not to be checked
SHARD = re.compile(r"\d+/(\d+)")
# Of two verdicts on the same thing the one that says more is told: a failure first, and what is nearest to a run.
SAYS = {word: rank for rank, word in enumerate(("failed", "passed", "skipped", "run", "shared", "kept", "none"))}


def merge(files: Mapping[str, Report]) -> Report:
    """Join the reports of files, in any order; raises `UsageError` where they are not all parts of one verification.

    A shard does not know the whole that it was taken from, so what was in the order of the whole is now sorted. What a
    change does to projects (`since`) is no matter of shards: each of them tells all of it.
    """
    reports = list(files.values())
    if not reports:
        raise UsageError("No report is given to merge.", "Name the files that `newapi verify --json FILE` wrote.")
    _refuse_strangers(files)
    _refuse_gaps({report.shard for report in reports})
    ordered = sorted(reports, key=lambda report: (report.shard, report.started))
    variants = tuple(_variants(ordered))
    return msgspec.structs.replace(
        ordered[0],
        started=min(report.started for report in reports),
        seconds=max(report.seconds for report in reports),
        variants=variants,
        failures=tuple(_failures(failure for report in ordered for failure in report.failures)),
        covered=tuple(_covered(ordered, variants)),
        saved=_added(report.saved for report in ordered),
        shard="",
        notes=tuple(dict.fromkeys(note for report in ordered for note in report.notes)),
    )


def _refuse_strangers(files: Mapping[str, Report]) -> None:
    (first, report), *others = files.items()
    for file, other in others:
        told = _subject(other)
        for name, value in _subject(report).items():
            if value != told[name]:
                both = f"{quoted(value)} and {quoted(told[name])}"
                problem = f"{first} and {file} are not of one verification: {name} is {both}."
                raise UsageError(problem, "Merge what shards wrote that ran with the same template and options.")


def _subject(report: Report) -> Mapping[str, object]:
    """What the parts of one verification have in common."""
    return {
        "newapi": report.newapi,
        "template": report.template,
        "version": report.version,
        "tier": report.tier,
        "coverage": report.coverage,
        "the list of checks": report.checks,
        "the size of the space": report.space,
        "the number of distinct services": report.distinct,
        "--since": report.since.ref if report.since else "",
        "the digest of the template and the chosen variants": report.digest[:DIGITS],
    }


def _refuse_gaps(given: set[str]) -> None:
    """A shard without a report may have failed: what the others say proves nothing of the whole."""
    shards = sorted(given & set(filter(SHARD.fullmatch, given)))
    totals = {int(shard.partition("/")[2]) for shard in shards}
    missing = [shard for total in totals for shard in _all(total) if shard not in given]
    if missing:
        raise UsageError(
            f"No report of shard {', '.join(missing)} is given, only of {', '.join(shards)}.",
            "Name the reports of all shards; run again those that wrote none.",
        )


def _all(total: int) -> Iterator[str]:
    return (f"{number}/{total}" for number in range(1, total + 1))


def _variants(reports: Sequence[Report]) -> Iterator[Verified]:
    found: dict[str, list[Verified]] = defaultdict(list)
    for report in reports:
        for one in report.variants:
            found[one.variant.name].append(one)
    for _, parts in sorted(found.items()):
        verdicts = [verdict for part in parts for verdict in part.verdicts]
        told = {verdict.check: verdict for verdict in sorted(verdicts, key=_says, reverse=True)}
        checks = [*reports[0].checks, *told]  # all that there are, those of the report in its order
        yield Verified(parts[0].variant, tuple(told[check] for check in dict.fromkeys(checks) if check in told))


def _says(verdict: Verdict) -> tuple[int, int]:
    return SAYS[verdict.status], SAYS[verdict.how]


def _failures(failures: Iterable[Failure]) -> Iterator[Failure]:
    """Each failure once, with all that it stands for."""
    found: dict[tuple[str, str], Failure] = {}
    for failure in failures:
        known = found.setdefault((failure.variant, failure.check), failure)
        found[failure.variant, failure.check] = msgspec.structs.replace(
            known, stands_for=_union(known.stands_for, failure.stands_for)
        )
    return (found[key] for key in sorted(found))


def _covered(reports: Sequence[Report], variants: Sequence[Verified]) -> Iterator[Coverage]:
    """What was run by all of them together: a variant may have had some of its checks in each."""
    run = coverage.verified(variants, reports[0].checks)
    reachable: dict[int, set[Combination]] = defaultdict(set)
    for one in (one for report in reports for one in report.covered):
        reachable[one.strength].update(one.run, one.missing)
    return (coverage.covered(strength, sorted(found), run) for strength, found in sorted(reachable.items()))


def _added(counts: Iterable[Mapping[str, int]]) -> Mapping[str, int]:
    total: Counter[str] = Counter()
    for count in counts:
        total.update(count)
    return dict(total)


def _union(*parts: Sequence[Name]) -> tuple[Name, ...]:
    return tuple(sorted({one for part in parts for one in part}))
