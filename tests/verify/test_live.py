import errno
import io
import re

import pyte
import pytest
from rich.console import Console

from newapi.verify import live
from newapi.verify.live import Lines, Screen
from newapi.verify.watch import Planned, Watcher

WORK = [Planned(f"MIT-variant-{number}", ("lint", "suite", "boot"), 6.0) for number in range(30)]


class Terminal(io.StringIO):
    """What the program draws, and the screen that comes of it."""

    def __init__(self, columns: int, rows: int) -> None:
        super().__init__()
        self.screen: pyte.Screen = pyte.Screen(columns, rows)
        self._stream: pyte.Stream = pyte.Stream(self.screen)

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self._stream.feed(text.replace("\n", "\r\n"))
        return super().write(text)

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self.screen.display if line.strip()]


class Gone(io.StringIO):
    """Where nobody reads any more."""

    def write(self, text: str) -> int:
        raise BrokenPipeError(errno.EPIPE, text)


def terminal(monkeypatch: pytest.MonkeyPatch, columns: int, rows: int = 24) -> tuple[Terminal, Console]:
    resized(monkeypatch, columns, rows)
    out = Terminal(columns, rows)
    return out, Console(file=out, force_terminal=True, color_system="standard", width=columns, highlight=False)


def resized(monkeypatch: pytest.MonkeyPatch, columns: int, rows: int) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("LINES", str(rows))


def begun(watcher: Watcher, flying: int) -> None:
    watcher.planned(WORK, variants=40, shared=12, kept=0)
    for one in WORK[:flying]:
        watcher.started(one.variant, "install")
        watcher.finished(one.variant, "install", "passed", 1.0)
        watcher.started(one.variant, "lint")


def drawn(screen: Screen, columns: int) -> list[str]:
    out = io.StringIO()
    Console(file=out, width=columns).print(screen.view())
    return out.getvalue().splitlines()


def test_without_a_terminal_there_is_a_line_for_a_failure_and_for_a_variant_that_is_done() -> None:
    out = io.StringIO()
    with live.watching(Console(file=out, width=80)) as watcher:
        begun(watcher, 2)
        watcher.finished(WORK[0].variant, "lint", "passed", 0.2)
        watcher.done(WORK[0].variant)
        watcher.finished(WORK[1].variant, "lint", "failed", 12.0)
        watcher.done(WORK[1].variant)
    first, *lines = out.getvalue().splitlines()

    assert isinstance(watcher, Lines)
    assert first == "40 variants, 90 runs, 12 shared"
    assert re.fullmatch(r"✓ MIT-variant-0  [\d.]+ m?s  \(1 of 30\)", lines[0])
    assert lines[1] == "✗ MIT-variant-1  lint  12 s"
    assert re.fullmatch(r"✗ MIT-variant-1  lint failed, [\d.]+ m?s  \(2 of 30\)", lines[2])
    assert "\x1b" not in out.getvalue()


def test_a_log_that_was_quiet_for_a_while_says_what_is_in_work() -> None:
    out, now = io.StringIO(), [100.0]
    lines = Lines(Console(file=out, width=80), lambda: now[-1])
    begun(lines, 2)
    lines.finished(WORK[0].variant, "lint", "passed", 1.0)
    lines.started(WORK[0].variant, "suite")
    for moment in (105.0, 129.0, 131.0, 136.0, 160.0, 162.0):
        now.append(moment)
        lines.waiting()

    assert out.getvalue().splitlines()[1:] == [
        f"  1 of 90 runs, {left}; in work: MIT-variant-0 (suite {seconds}), MIT-variant-1 (lint {seconds})"
        for left, seconds in (("about 7 min 14 s left", "31 s"), ("about 14 min 28 s left", "1 min 2 s"))
    ]


def test_a_reader_who_has_gone_does_not_end_the_work() -> None:
    with live.watching(Console(file=Gone(), width=80)) as watcher:
        begun(watcher, 1)
        watcher.finished(WORK[0].variant, "lint", "failed", 1.0)
        watcher.done(WORK[0].variant)


def test_in_a_terminal_only_failures_are_left_standing(monkeypatch: pytest.MonkeyPatch) -> None:
    out, console = terminal(monkeypatch, 80)
    with live.watching(console) as watcher:
        begun(watcher, 3)
        watcher.finished(WORK[1].variant, "lint", "failed", 3.0)
        watcher.done(WORK[0].variant)

    assert isinstance(watcher, Screen)
    assert out.lines == ["✗ MIT-variant-1  lint  3.0 s"]
    assert console.width == 80


def test_the_view_shows_how_far_all_is_and_what_each_variant_is_doing(monkeypatch: pytest.MonkeyPatch) -> None:
    _, console = terminal(monkeypatch, 80)
    screen = Screen(console)
    begun(screen, 2)
    screen.finished(WORK[0].variant, "lint", "passed", 1.0)
    screen.started(WORK[0].variant, "suite")
    head, known, _, first, second = drawn(screen, 80)

    assert re.fullmatch(r"[━─]{20}  1 of 90 runs  1 passed  0 failed", head)
    assert known.startswith("40 variants, 12 shared, 0 s so far")
    assert re.fullmatch(r"\S +MIT-variant-0 +suite +0 s +1 of 3 *", first)
    assert re.fullmatch(r"\S +MIT-variant-1 +lint +0 s +0 of 3 *", second)


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_the_view_fits_the_terminal_and_takes_no_more_than_its_height(
    monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    _, console = terminal(monkeypatch, columns, rows=12)
    screen = Screen(console)
    checks = tuple(f"check-{number}" for number in range(1_000))
    long = [Planned(f"{'Apache-2.0-postgresql-' * 4}{number}", checks, 1.0) for number in range(30)]
    screen.planned(long, variants=1_000, shared=12_000, kept=5_000)
    for one in long:
        screen.started(one.variant, "migrations")
        for check in checks:
            screen.finished(one.variant, check, "passed", 1.0)
    lines = drawn(screen, console.width)

    assert max(map(len, lines)) <= columns
    assert len(lines) < 12
    assert "30,000 of 30,000 runs  30,000 passed  0 failed" in lines[0]
    assert lines[-1].strip() == "and 24 more"


def test_the_view_follows_a_terminal_that_gets_another_size(monkeypatch: pytest.MonkeyPatch) -> None:
    _, console = terminal(monkeypatch, 120)
    screen = Screen(console)
    begun(screen, 1)
    screen.view()
    assert console.width == 80  # no wider, so that it does not break when the terminal is made narrower

    resized(monkeypatch, 64, 24)
    screen.view()
    assert console.width == 64


def test_without_colour_there_is_no_colour_code(monkeypatch: pytest.MonkeyPatch) -> None:
    resized(monkeypatch, 80, 24)
    out = Terminal(80, 24)
    with live.watching(Console(file=out, force_terminal=True, no_color=True, width=80)) as watcher:
        begun(watcher, 1)
        watcher.finished(WORK[0].variant, "lint", "failed", 1.0)

    assert not re.search(r"\x1b\[(?:\d+;)*(?:3[0-7]|9[0-7])(?:;\d+)*m", out.getvalue())
    assert out.lines == ["✗ MIT-variant-0  lint  1.0 s"]
