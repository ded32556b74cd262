"""A program in a terminal of its own: what is on its screen, and keys for it."""

import os
import re
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import pexpect
import pyte

KEYS = {
    "enter": "\r", "tab": "\t", "esc": "\x1b", "up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D",
    "shift-tab": "\x1b[Z", "page-up": "\x1b[5~", "page-down": "\x1b[6~", "f1": "\x1bOP",
    "ctrl-b": "\x02", "ctrl-c": "\x03", "ctrl-u": "\x15",
}  # fmt: skip
PATIENCE = 30.0  # seconds; machines that test are slow at times


class Screen(pyte.Screen):
    """Dim text, which pyte does not know, is bright black."""

    def select_graphic_rendition(self, *attrs: int) -> None:
        super().select_graphic_rendition(*(90 if attr == 2 else attr for attr in attrs))


class Terminal:
    """Runs a program, `newapi` unless it is another one, with arguments; leaving the block ends it."""

    def __init__(
        self,
        arguments: Sequence[str],
        cwd: Path,
        size: tuple[int, int] = (80, 24),
        env: Mapping[str, str] | None = None,
        program: Sequence[str] = (sys.executable, "-m", "newapi"),
    ) -> None:
        columns, rows = size
        settings: Mapping[str, str] = {
            **os.environ,
            "TERM": "xterm-256color",
            "PROMPT_TOOLKIT_NO_CPR": "1",
            **(env or {}),
        }
        self.screen: Screen = Screen(columns, rows)
        self.received: bytes = b""
        self._stream: pyte.ByteStream = pyte.ByteStream(self.screen)
        self._child: pexpect.spawn[bytes] = pexpect.spawn(
            program[0], [*program[1:], *arguments], cwd=str(cwd), env=dict(settings), dimensions=(rows, columns)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._child.close(force=True)

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen.display)

    @property
    def pid(self) -> int:
        assert self._child.pid is not None
        return self._child.pid

    def press(self, *keys: str) -> None:
        """Press keys by their names; other words are typed."""
        for key in keys:
            self._child.send(KEYS.get(key, key))

    def sees(self, *patterns: str) -> str:
        """Wait until all patterns are on the screen; its text."""
        deadline = time.monotonic() + PATIENCE
        while not all(re.search(pattern, self.text) for pattern in patterns):
            assert time.monotonic() < deadline, f"{patterns} never came; the screen:\n{self.text}"
            assert self._receive() or self._matches(patterns), f"the program ended without {patterns}:\n{self.text}"
        return self.text

    def settle(self) -> None:
        """Wait until nothing more is drawn for a moment, or a second has gone by."""
        drawn, deadline = -1, time.monotonic() + 1
        while drawn < len(self.received) and time.monotonic() < deadline:
            drawn = len(self.received)
            self._receive()

    def resize(self, columns: int, rows: int) -> None:
        self.screen.resize(rows, columns)
        termios.tcsetwinsize(self._child.child_fd, (rows, columns))

    def ended(self) -> int:
        """Wait for the end; the exit code."""
        deadline = time.monotonic() + PATIENCE
        while self._receive():
            assert time.monotonic() < deadline, f"it does not end; the screen:\n{self.text}"
        self._child.close()
        assert self._child.exitstatus is not None, f"ended by signal {self._child.signalstatus}"
        return self._child.exitstatus

    def _matches(self, patterns: Sequence[str]) -> bool:
        return all(re.search(pattern, self.text) for pattern in patterns)

    def _receive(self) -> bool:
        """Take what the program has drawn; whether it still runs."""
        try:
            drawn = self._child.read_nonblocking(65536, timeout=0.1)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.received += drawn
        self._stream.feed(drawn)
        return True
