"""The steps while they run: a live table in a terminal, one line a step elsewhere."""

import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from newapi.perform import Watcher
from newapi.steps import Outcome
from newapi.views import ACCENT, DIM, row


@contextmanager
def progress(console: Console, names: Sequence[str]) -> Generator[Watcher]:
    """Show the steps as they run, and leave standing how each of them went."""
    if not console.is_interactive or not console.file.isatty():
        yield Lines(console, max(map(len, names), default=0))
        return
    table = LiveTable(names)
    with Live(table, console=console, refresh_per_second=10):
        yield table


class Lines:
    """For logs: a line when a step has ended."""

    def __init__(self, console: Console, width: int) -> None:
        self._console: Console = console
        self._width: int = width

    def start(self, name: str) -> None:
        """Say nothing: the line comes when there is something to say."""
        del name

    def finish(self, outcome: Outcome) -> None:
        mark, name, seconds, said = (text.plain for text in row(outcome))
        with suppress(OSError):  # that nobody can read it does not stop the steps; the result will say so
            # Not by Rich, which ends the program when a reader has gone.
            print(f"{mark}  {name:{self._width}}  {seconds:7}  {said}".rstrip(), file=self._console.file, flush=True)


class LiveTable:
    def __init__(self, names: Sequence[str]) -> None:
        self._names: Sequence[str] = names
        self._outcomes: dict[str, Outcome] = {}
        self._running: str = ""
        self._since: float = 0
        self._spinner: Spinner = Spinner("dots", style=ACCENT)

    def start(self, name: str) -> None:
        self._running, self._since = name, time.monotonic()

    def finish(self, outcome: Outcome) -> None:
        self._outcomes[outcome.step] = outcome
        self._running = ""

    def __rich__(self) -> Table:
        table = Table.grid(padding=(0, 2))
        for name in self._names:
            if name in self._outcomes:
                table.add_row(*row(self._outcomes[name]))
            elif name == self._running:
                time_so_far = Text(f"{time.monotonic() - self._since:5.1f} s", DIM)
                table.add_row(self._spinner, Text(name), time_so_far)
            else:
                table.add_row(Text(" "), Text(name, DIM))
        return table
