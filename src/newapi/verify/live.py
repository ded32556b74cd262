"""A verification while it runs: what is in flight in a terminal, a line for each variant elsewhere."""

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from newapi.verify.model import Status
from newapi.verify.pace import Job, Pace
from newapi.verify.reports.wording import count, duration, listed
from newapi.verify.watch import Planned, Watcher
from newapi.views import ACCENT, BOLD, DIM, MARKS, WRONG

NARROWEST, WIDEST = 60, 80  # a line that is not drawn wide does not break when the terminal is made narrower
BAR = 20  # or what the counts leave of the line
QUIET = 30.0  # seconds after which a log says what is in work
HEAD = 5  # lines of the view that are no variant, and one to spare


@contextmanager
def watching(console: Console) -> Generator[Watcher]:
    """Show the work as it is done; failures are left standing, all else is gone when it is over."""
    if not console.is_interactive or not console.file.isatty():
        yield Lines(console)
        return
    wide = console.width
    screen = Screen(console)
    try:
        with Live(console=console, get_renderable=screen.view, refresh_per_second=8, transient=True):
            yield screen
    finally:
        console.width = wide


class Lines:
    """For logs: a line when a check has failed, when a variant is done, and when there was none for a while."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._console: Console = console
        self._pace: Pace = Pace(clock)
        self._clock: Callable[[], float] = clock
        self._said: float = clock()

    def planned(self, work: Sequence[Planned], *, variants: int, shared: int, kept: int) -> None:
        self._pace.planned(work)
        self._say(", ".join([count(variants, "variant"), count(self._pace.runs, "run"), *_saved(shared, kept)]))

    def started(self, variant: str, check: str) -> None:
        self._pace.started(variant, check)

    def finished(self, variant: str, check: str, status: Status, seconds: float) -> None:
        self._pace.finished(variant, check, status)
        if status == "failed":
            self._say(_failed(variant, check, seconds).plain)

    def waiting(self) -> None:
        if self._clock() - self._said < QUIET:
            return
        pace = self._pace
        doing = [f"{job.planned.variant} ({job.doing} {_whole(pace.since(job.since))})" for job in pace.flight()]
        left = pace.left()
        told = [f"{pace.over:,} of {count(pace.runs, 'run')}", *([f"about {_whole(left)} left"] if left else [])]
        self._say(f"  {', '.join(told)}; in work: {listed(doing) or 'nothing yet'}")

    def done(self, variant: str) -> None:
        job = self._pace.done(variant)
        mark, _ = MARKS["failed" if job.failed else "passed"]
        said = ", ".join([*([f"{_names(job)} failed"] if job.failed else []), duration(self._pace.since(job.began))])
        self._say(f"{mark} {variant}  {said}  ({self._pace.variants_over} of {self._pace.variants})")

    def _say(self, line: str) -> None:
        self._said = self._clock()
        with suppress(OSError):  # that nobody can read it does not stop the work; the result will say so
            # Not by Rich, which ends the program when a reader has gone.
            print(line, file=self._console.file, flush=True)


class Screen:
    """For a terminal: how far all is, and below it what is in flight."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._console: Console = console
        self._pace: Pace = Pace(clock)
        self._known: list[str] = []
        self._spinner: Spinner = Spinner("dots", style=ACCENT)

    def planned(self, work: Sequence[Planned], *, variants: int, shared: int, kept: int) -> None:
        self._pace.planned(work)
        self._known = [count(variants, "variant"), *_saved(shared, kept)]

    def started(self, variant: str, check: str) -> None:
        self._pace.started(variant, check)

    def finished(self, variant: str, check: str, status: Status, seconds: float) -> None:
        self._pace.finished(variant, check, status)
        if status == "failed":
            self._console.print(_failed(variant, check, seconds))

    def waiting(self) -> None:
        """Say nothing: what is drawn moves by itself."""

    def done(self, variant: str) -> None:
        self._pace.done(variant)

    def view(self) -> RenderableType:
        """The view as it is now, in a terminal that may have got another size."""
        size = Console(file=self._console.file).size
        self._console.width = min(max(size.width, NARROWEST), WIDEST)
        return Group(*self._head(), *self._flight(max(size.height - HEAD, 1)))

    def _head(self) -> Iterator[RenderableType]:
        pace = self._pace
        share = pace.over / pace.runs if pace.runs else 0.0
        left = pace.left()
        counted = Text.assemble(
            f"  {pace.over:,} of {count(pace.runs, 'run')}  {pace.passed:,} passed",
            (f"  {pace.failed:,} failed", WRONG if pace.failed else DIM),
        )
        size = max(min(BAR, self._console.width - len(counted)), 0)
        filled = round(size * share)
        yield Text.assemble(("━" * filled, ACCENT), ("─" * (size - filled), DIM), counted, no_wrap=True)
        times = [f"{_whole(pace.since())} so far", *([f"about {_whole(left)} left"] if left is not None else [])]
        yield Text(", ".join([*self._known, *times]), DIM)
        yield Text()

    def _flight(self, rows: int) -> Iterator[RenderableType]:
        jobs = self._pace.flight()
        shown = jobs if len(jobs) <= rows else jobs[: rows - 1]
        table = Table.grid(padding=(0, 2, 0, 0), expand=True)
        table.add_column(width=1)
        table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
        table.add_column(no_wrap=True, min_width=10)
        table.add_column(no_wrap=True, justify="right", min_width=10)
        table.add_column(no_wrap=True, justify="right")
        for job in shown:
            table.add_row(
                self._spinner,
                Text(job.planned.variant),
                Text(job.doing, ACCENT),
                Text(_whole(self._pace.since(job.since)), DIM),
                Text(f"{len(job.over)} of {len(job.planned.checks)}", WRONG if job.failed else DIM),
            )
        yield table
        if len(shown) < len(jobs):
            yield Text(f"  and {len(jobs) - len(shown):,} more", DIM)


def _saved(shared: int, kept: int) -> list[str]:
    return [f"{number:,} {how}" for number, how in ((shared, "shared"), (kept, "kept")) if number]


def _failed(variant: str, check: str, seconds: float) -> Text:
    return Text.assemble(MARKS["failed"], f" {variant}  ", (check, BOLD), (f"  {duration(seconds)}", DIM))


def _whole(seconds: float) -> str:
    """A time that still goes on, in steps that can be read."""
    return f"{int(seconds)} s" if seconds < 60 else duration(seconds)


def _names(job: Job) -> str:
    return ", ".join(job.failed)
