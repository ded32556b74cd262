"""Lines of styled text at a width."""

import textwrap
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.utils import get_cwidth

Line: TypeAlias = list[tuple[str, str]]  # pieces of a style and a text

ACCENT, BOLD, DIM, WRONG = "class:accent", "class:bold", "class:dim", "class:wrong"
POINTER = "❯ "
INDENT = "  "


def wrapped(text: str, width: int, style: str = "", *, first: str = INDENT, rest: str | None = None) -> list[Line]:
    """Paragraphs of text at a width; `first` stands before the first line and `rest` before the others."""
    rest = first if rest is None else rest
    lines = [line for paragraph in text.splitlines() for line in broken(paragraph, width - len(rest))]
    return [[("", rest if number else first), (style, line)] for number, line in enumerate(lines)]


def broken(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, max(width, 10), break_on_hyphens=False) or [""]


def fitted(names: Sequence[str], width: int, rows: int) -> list[str]:
    """As many names as fit in so many rows."""
    names = [cut(name, width - 1) for name in names]  # with its comma, each fits in one
    for count in range(len(names), 1, -1):
        more = ", …" if count < len(names) else ""
        lines = broken(", ".join(names[:count]) + more, width)
        if len(lines) <= rows:
            return lines
    return [names[0]] if names else []


def counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def cut(text: str, width: int) -> str:
    while get_cwidth(text) > width:
        text = text[:-2] + "…"
    return text


def beside(left: Sequence[Line], right: Sequence[Line], width: int) -> list[Line]:
    """Two columns, the left one of a width."""
    rows = max(len(left), len(right))
    return [
        [*line, ("", " " * (width - width_of(line))), *other]
        for line, other in zip([*left, *[[]] * (rows - len(left))], [*right, *[[]] * (rows - len(right))], strict=True)
    ]


def width_of(line: Line) -> int:
    return sum(get_cwidth(text) for _, text in line)


def joined(lines: Iterable[Line]) -> StyleAndTextTuples:
    """Lines as one text, in prompt_toolkit's type."""
    pieces: StyleAndTextTuples = []
    for number, line in enumerate(lines):
        pieces += [("", "\n"), *line] if number else line
    return pieces
