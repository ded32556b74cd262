"""Commands and paths as text that can be pasted into a shell."""

import os
import re
from pathlib import Path

WORD = r"""(?:[^\s'"]|'[^']*'|"[^"]*")+"""
PIECE = re.compile(rf"--?\w[\w-]*\s+(?!-){WORD}|{WORD}")  # an option stays on one line with its value


def continued(command: str, width: int) -> list[str]:
    """A command over lines of a width, broken between its words by a backslash."""
    lines: list[str] = []
    line = ""
    for match in PIECE.finditer(command):
        piece = match.group()
        if line and len(line) + len(piece) + len("  \\") > width:
            lines.append(line + " \\")
            line = "  " + piece
        else:
            line += f" {piece}" if line else piece
    return [*lines, line]


def near(path: Path) -> str:
    """A path as a person would type it from here, wherever that is."""
    try:
        here = Path.cwd()
    except FileNotFoundError:
        return str(path)
    return operand(str(path.relative_to(here))) if path.is_relative_to(here) and path != here else str(path)


def operand(path: str) -> str:
    """A path that no program takes for one of its options."""
    return os.path.join(".", path) if path.startswith("-") else path  # noqa: PTH118 - pathlib drops the "."
