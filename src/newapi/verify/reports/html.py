"""The report as one page of HTML that needs nothing else: no network, no script."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import jinja2
import msgspec

from newapi.verify.model import Failure, Report, Status, Verdict
from newapi.verify.reports.facts import covered, facts, headline, joined, origin, origin_of, strength
from newapi.verify.reports.pairs import picture
from newapi.verify.reports.wording import clean, count, duration, listed, tail

HERE = Path(__file__).parent
MARKS = {"run": "✓", "shared": "=", "kept": "·", "failed": "✗", "skipped": "-"}
SHOWN, LINES = 15, 2_000  # of a failure's output: at once, and at all
SLOWEST = 15  # variants whose durations are drawn


class Cell(msgspec.Struct, frozen=True):
    """A verdict in the matrix: `kind` is its style, `short` what is seen of it, `full` what is read out."""

    kind: str
    mark: str
    short: str
    full: str
    log: str = ""


class Row(msgspec.Struct, frozen=True):
    number: int
    name: str
    status: Status
    cells: tuple[Cell, ...]


NOTHING = Cell("absent", "", "", "not part of this run")


class Log(msgspec.Struct, frozen=True):
    id: str
    failure: Failure
    shown: str
    more: str


class Bar(msgspec.Struct, frozen=True):
    name: str
    seconds: float
    share: float
    runs: int


def encode(report: Report) -> bytes:
    page = _environment().get_template("page.html.jinja")
    logs = [_log(number, failure) for number, failure in enumerate(report.failures, 1)]
    pairs = [one for one in report.covered if one.strength == 2]
    return page.render(
        report=report,
        style=(HERE / "page.css").read_text(encoding="utf-8"),
        headline=headline(report),
        facts=facts(report),
        origin=origin(report),
        rows=list(_rows(report, logs)),
        logs=logs,
        picture=picture(pairs[0], [one.variant.picks for one in report.variants]) if pairs else None,
        durations=_durations(report),
        **WORDING,
    ).encode()


def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        finalize=_finalize,
    )


def _finalize(value: object) -> object:
    """No text comes into the page uncleaned; what is marked as HTML is this package's own."""
    return clean(value) if type(value) is str else value


def _log(number: int, failure: Failure) -> Log:
    lines = tail(failure.output, LINES)
    shown = tail(failure.output, SHOWN)
    return Log(f"failure-{number}", failure, "\n".join(shown), "\n".join(lines) if len(lines) > len(shown) else "")


def _rows(report: Report, logs: Sequence[Log]) -> Iterator[Row]:
    numbers = {one.variant.name: number for number, one in enumerate(report.variants, 1)}
    links = {(log.failure.variant, log.failure.check): log.id for log in logs}
    for one in report.variants:
        name = one.variant.name
        verdicts = {verdict.check: verdict for verdict in one.verdicts}
        cells = [
            _cell(name, verdicts[check], numbers, links) if check in verdicts else NOTHING for check in report.checks
        ]
        yield Row(numbers[name], name, one.status, tuple(cells))


def _cell(variant: str, verdict: Verdict, numbers: Mapping[str, int], links: Mapping[tuple[str, str], str]) -> Cell:
    short = {
        "run": duration(verdict.seconds),
        "shared": f"as {numbers[verdict.by]}" if verdict.by in numbers else "shared",
        "kept": "kept",
        "none": "",
    }[verdict.how]
    kind = verdict.how if verdict.status == "passed" else verdict.status
    link = links.get((verdict.by or variant, verdict.check), "") if kind == "failed" else ""
    return Cell(kind, MARKS.get(kind, "✓"), short, f"{verdict.status}, {origin_of(verdict)}", link)


def _durations(report: Report) -> Mapping[str, Sequence[Bar]]:
    """What the runs took, by check and by variant."""
    checks: dict[str, list[float]] = {check: [] for check in report.checks}
    variants: dict[str, list[float]] = {}
    for one in report.variants:
        for verdict in one.verdicts:
            if verdict.how == "run":
                checks.setdefault(verdict.check, []).append(verdict.seconds)
                variants.setdefault(one.variant.name, []).append(verdict.seconds)
    slowest = sorted(variants, key=lambda name: -sum(variants[name]))[:SLOWEST]
    return {"check": _bars(checks), "variant": _bars({name: variants[name] for name in slowest})}


def _bars(seconds: Mapping[str, Sequence[float]]) -> Sequence[Bar]:
    longest = max(map(sum, seconds.values()), default=0)
    return [
        Bar(name, sum(runs), round(100 * sum(runs) / longest, 1) if longest else 0, len(runs))
        for name, runs in seconds.items()
        if runs
    ]


def _styled(diff: str) -> Iterator[tuple[str, str]]:
    """The lines of a diff, each with what it is."""
    for line in clean(diff).splitlines():
        head = line.startswith(("--- ", "+++ ", "@@", "diff "))
        yield ("head" if head else {"+": "added", "-": "removed"}.get(line[:1], "same")), line


# What the page calls to put values into words.
WORDING = {
    "count": count,
    "covered": covered,
    "duration": duration,
    "joined": joined,
    "listed": listed,
    "strength": strength,
    "styled": _styled,
}
