"""What a person sees of a verification that is over, or that is only listed."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.text import Text

from newapi.shell import continued
from newapi.verify.model import Change, Failure, How, Report, Selected, Verdict, Verified
from newapi.verify.reports.facts import facts, headline
from newapi.verify.reports.wording import clean, count, duration, listed, reached, tail
from newapi.verify.watch import Listed
from newapi.views import ACCENT, BOLD, DIM, INDENT, MARKS, WRONG

ROWS = 40  # of a table that is still read line by line
TAIL, FULL = 15, 8  # lines of a failure's output that are shown, and failures of which they are
HELD: dict[How, str] = {"run": "✓", "shared": "=", "kept": "·"}
LEGEND = "✓ run  = shared  · kept  ✗ failed  - skipped"
DIFF = {"+": "green", "-": WRONG, "@": ACCENT}


def result(report: Report) -> RenderableType:
    """The matrix, the failures and how to repeat them, what changes, and the facts last, where one looks."""
    mark, style = MARKS["passed" if report.passed else "failed"]
    return Group(
        *([_Matrix(report)] if report.variants else []),
        *(part for failure in report.failures[:FULL] for part in _failure(failure)),
        *_others(report.failures[FULL:]),
        *(part for change in (report.since.changes if report.since else ()) for part in _change(change)),
        Text(),
        Text.assemble((f"{mark} ", style), (headline(report), BOLD)),
        *(_indented(Text.assemble((f"{fact.name}: ", DIM), clean(fact.text))) for fact in facts(report)),
        *(_indented(Text(clean(note), DIM)) for note in report.notes),
    )


def listing(selected: Selected, costs: Sequence[Listed]) -> RenderableType:
    """What `--list` shows: each variant with what its checks will cost, and the sum of it."""
    every = [cost for one in costs for cost in one.costs.values()]
    runs = [cost.seconds for cost in every if cost.how == "run"]
    saved = [f"{sum(cost.how == how for cost in every):,} {how}" for how in ("shared", "kept")]
    space = f" of {reached(selected.space, selected.distinct)}"
    return Group(
        *(part for one in costs for part in _listed(one)),
        Text(),
        Text.assemble((count(len(costs), "variant"), BOLD), space),
        _indented(Text(", ".join([f"{count(len(runs), 'run')} of {duration(sum(runs))} in all", *saved]))),
    )


class _Matrix:
    """Variants by checks, the names of the checks as stairs above; what is too much for that, in groups."""

    def __init__(self, report: Report) -> None:
        self.report: Report = report

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        checks, variants = self.report.checks, self.report.variants
        longest = max((len(one.variant.name) for one in variants), default=0)
        if len(variants) > ROWS or INDENT + 2 * len(checks) + 1 + longest > options.max_width:
            yield from _groups(variants)
            return
        for number, check in enumerate(checks):
            yield _indented(Text.assemble(("│ " * number, DIM), check))
        for one in variants:
            verdicts = {verdict.check: verdict for verdict in one.verdicts}
            marks = [part for check in checks for part in (_mark(verdicts.get(check)), " ")]
            yield _indented(Text.assemble(*marks, " ", (one.variant.name, WRONG if one.status == "failed" else "")))
        yield _indented(Text(LEGEND, DIM))


def _mark(verdict: Verdict | None) -> tuple[str, str]:
    if not verdict:
        return " ", ""
    return (HELD.get(verdict.how, "✓"), ACCENT) if verdict.status == "passed" else MARKS[verdict.status]


def _groups(variants: Sequence[Verified]) -> Iterator[RenderableType]:
    """Variants of which the same is to say, together."""
    alike: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in variants:
        alike[one.status, _said(one)].append(one.variant.name)
    for (status, said), names in sorted(alike.items(), key=lambda item: (item[0][0] == "failed", -len(item[1]))):
        yield _indented(Text.assemble(MARKS[status], f" {count(len(names), 'variant')}: {said}"))
        yield _indented(Text(listed(names), DIM), 2)


def _said(one: Verified) -> str:
    checks = {status: [verdict.check for verdict in one.verdicts if verdict.status == status] for status in MARKS}
    other = [f"{', '.join(checks[status])} {status}" for status in ("failed", "skipped") if checks[status]]
    return "; ".join([*other, f"{count(len(checks['passed']), 'check')} hold{'s' * (len(checks['passed']) == 1)}"])


def _failure(failure: Failure) -> Iterator[RenderableType]:
    yield Text()
    yield _title(failure)
    yield from (_indented(Text(line, DIM, no_wrap=True, overflow="ellipsis")) for line in tail(failure.output, TAIL))
    if failure.stands_for:
        yield _indented(Text.assemble(("the same for ", DIM), listed(failure.stands_for)))
    if failure.folder:
        yield _whole(Text.assemble(("kept in ", DIM), failure.folder))
    if failure.command:
        yield _Command(failure.command)


def _others(failures: Sequence[Failure]) -> Iterator[RenderableType]:
    if failures:
        yield Text()
        yield from map(_title, failures)
        yield _indented(Text("Their output is in the reports of --html and --json.", DIM))


def _title(failure: Failure) -> Text:
    mark = MARKS["failed"]
    return Text.assemble(
        mark, " ", (failure.check, BOLD), f" of {failure.variant}", (f"  {duration(failure.seconds)}", DIM)
    )


class _Command:
    """The command that repeats a check, in lines that can be pasted together."""

    def __init__(self, command: str) -> None:
        self.command: str = command

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in continued(self.command, options.max_width - INDENT):
            yield _whole(Text(line))


def _change(change: Change) -> Iterator[RenderableType]:
    names = count(len(change.variants), "variant")
    yield Text()
    yield Text.assemble(
        (f"{names} {'changes' if len(change.variants) == 1 else 'change alike'}: ", BOLD), listed(change.variants)
    )
    for line in clean(change.diff).splitlines():
        style = BOLD if line.startswith(("--- ", "+++ ")) else DIFF.get(line[:1], "")
        yield _indented(Text(line, style, overflow="fold"))


def _listed(one: Listed) -> Iterator[RenderableType]:
    """The checks of a variant by where their verdict will be from."""
    costs = one.costs.items()
    parts: dict[str, list[str]] = defaultdict(list)
    for check, cost in costs:
        shared = f"shared with {cost.by}"
        where = {"run": "run", "shared": shared, "kept": "kept", "none": "not run"}[cost.how]
        parts[where].append(f"{check} {duration(cost.seconds)}" if cost.how == "run" else check)
    total = sum(cost.seconds for _, cost in costs if cost.how == "run")
    yield Text.assemble((one.variant, BOLD), (f"  {duration(total)}", DIM))
    yield from (_indented(Text.assemble((f"{where}: ", DIM), ", ".join(found))) for where, found in parts.items())


def _whole(text: Text) -> Text:
    """A line that is left whole, also where it is too long: it is there to be copied."""
    return Text.assemble(" " * INDENT, text, no_wrap=True, overflow="ignore")


def _indented(text: Text, levels: int = 1) -> RenderableType:
    return Padding(text, (0, 0, 0, INDENT * levels))
