"""Commands as text that can be pasted into a shell."""

import re

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
