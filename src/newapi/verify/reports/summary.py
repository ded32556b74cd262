"""The report as Markdown, which GitHub shows on the page of a run: what failed comes first."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from newapi.verify.model import Change, Failure, Report, Verdict, Verified
from newapi.verify.reports.facts import facts, headline
from newapi.verify.reports.wording import clean, count, listed, tail

LIMIT = 1024 * 1024 - 4096  # bytes; GitHub shows nothing at all of a file above 1 MiB
LINES = 40  # of a failure's output
ROWS = 100  # of the table
SPECIAL = re.compile(r"[!-'*<>@\[-`{-~]")
MARKS = {"run": "✓", "shared": "=", "kept": "·"}


def append(report: Report, path: Path) -> None:
    """Add the report to what the step has said already; the variable GITHUB_STEP_SUMMARY names the file."""
    with path.open("ab") as file:
        file.write(encode(report, LIMIT - file.tell()))


def encode(report: Report, limit: int = LIMIT) -> bytes:
    """As many of the sections as fit, in the order of what matters; a last line says when some do not."""
    cut = b"\nThe rest is longer than GitHub shows: it is in the reports of `--html` and `--json`.\n"
    written = b""
    for section in _sections(report):
        text = section.encode() + b"\n"
        if len(written) + len(text) + len(cut) > limit:
            return written + cut if len(written) + len(cut) <= limit else written
        written += text
    return written


def _sections(report: Report) -> Iterator[str]:
    yield f"## {'✓' if report.passed else '✗'} {_text(headline(report))}\n"
    yield from map(_failure, report.failures)
    yield _table(("fact", ""), ((fact.name, _text(fact.text)) for fact in facts(report)))
    yield from (f"> {_text(note)}\n" for note in report.notes)
    yield _folded("Variants and checks", _matrix(report))
    for change in report.since.changes if report.since else ():
        yield _change(change)


def _failure(failure: Failure) -> str:
    title = f"<code>{_text(failure.variant)}</code>: {_text(failure.check)} failed"
    also = [f"Also for {_text(listed(failure.stands_for))}.\n"] if failure.stands_for else []
    again = [_fenced([failure.command], "sh")] if failure.command else []
    return _folded(title, "\n".join([*also, _fenced(tail(failure.output, LINES)), *again]), shown=True)


def _matrix(report: Report) -> str:
    rows = [_row(report, one) for one in report.variants[:ROWS]]
    rest = len(report.variants) - len(rows)
    more = f"\n{count(rest, 'variant')} more.\n" if rest else ""
    legend = "✓ run, = shared, · kept, ✗ failed, - skipped\n"
    return _table(("variant", *map(_text, report.checks)), rows) + more + "\n" + legend


def _row(report: Report, one: Verified) -> tuple[str, ...]:
    verdicts = {verdict.check: verdict for verdict in one.verdicts}
    name = f"<code>{_text(one.variant.name)}</code>"
    return name, *(_mark(verdicts[check]) if check in verdicts else "" for check in report.checks)


def _mark(verdict: Verdict) -> str:
    return {"failed": "✗", "skipped": "-"}.get(verdict.status) or MARKS.get(verdict.how, "✓")


def _change(change: Change) -> str:
    title = f"{count(len(change.variants), 'variant')} changed alike: {_text(listed(change.variants))}"
    return _folded(title, _fenced(clean(change.diff).splitlines(), "diff"))


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [[*head], *([*row] for row in rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _folded(title: str, body: str, *, shown: bool = False) -> str:
    return f"<details{' open' if shown else ''}><summary>{title}</summary>\n\n{body}\n</details>\n"


def _fenced(lines: Iterable[str], language: str = "text") -> str:
    """Lines as they are, whatever they hold: the fence is longer than any run of backticks in them."""
    text = "\n".join(map(clean, lines))
    runs: list[str] = re.findall("`+", text)
    fence = "`" * max([3, *(len(run) + 1 for run in runs)])
    return f"{fence}{language}\n{text}\n{fence}\n"


def _text(text: str) -> str:
    """Text that is neither HTML nor Markdown, on one line."""
    return SPECIAL.sub(lambda found: f"&#{ord(found[0])};", " ".join(clean(text).split()))
