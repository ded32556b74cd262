"""What stood on the screen of a terminal, as one SVG that stands alone.

Text is in the reader's own monospace font; of several frames, CSS shows one after the other.
"""

from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

import msgspec
import pyte

CELL_WIDTH, CELL_HEIGHT, BASELINE, MARGIN = 8.4, 18, 13, 14
PALETTE = {"default": "#d8dee6", "cyan": "#56c8d8", "red": "#ff7b72", "brightblack": "#8b949e"}
BACKGROUND = "#0d1117"
FONTS = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace"


class Frame(msgspec.Struct, frozen=True):
    rows: tuple[tuple["Run", ...], ...]
    seconds: float


class Run(msgspec.Struct, frozen=True):
    """Neighbouring cells that look the same."""

    column: int
    text: str
    colour: str
    bold: bool


def rows(screen: pyte.Screen) -> Iterator[tuple[Run, ...]]:
    for number in range(screen.lines):
        line = screen.buffer[number]
        cells = [(column, line[column]) for column in range(screen.columns)]
        runs: list[Run] = []
        for (colour, bold), group in groupby(cells, key=lambda cell: (cell[1].fg, cell[1].bold)):
            run = list(group)
            text = "".join(char.data for _, char in run)
            if text.strip():
                runs.append(Run(run[0][0], text, colour, bold))
        yield tuple(runs)


def drawing(frames: Sequence[Frame], columns: int, lines: int, label: str) -> str:
    """All frames in one picture; each is visible for its part of the whole time."""
    whole = sum(frame.seconds for frame in frames)
    width, height = columns * CELL_WIDTH + 2 * MARGIN, lines * CELL_HEIGHT + 2 * MARGIN
    styles: list[str] = []
    groups: list[str] = []
    start = 0.0
    for number, frame in enumerate(frames):
        begin, end = 100 * start / whole, 100 * (start + frame.seconds) / whole
        before = f"0%,{begin:.2f}%{{visibility:hidden}}" if number else ""
        after = f"{end:.2f}%,100%{{visibility:hidden}}" if number < len(frames) - 1 else ""
        styles.append(f"@keyframes f{number}{{{before}{begin:.2f}%,{end:.2f}%{{visibility:visible}}{after}}}")
        styles.append(f"#f{number}{{animation:f{number} {whole:.1f}s steps(1,end) infinite}}")
        # Without animations the first frame of all is the one that is seen.
        hidden = ' visibility="hidden"' if number else ""
        groups.append(f'<g id="f{number}"{hidden}>{"".join(_texts(frame))}</g>')
        start += frame.seconds
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" width="{width:.0f}" height="{height}"
 role="img" aria-label="{label}">
<style>text{{font-family:{FONTS};font-size:14px;white-space:pre}}{"".join(styles)}</style>
<rect width="100%" height="100%" rx="8" fill="{BACKGROUND}"/>{"".join(groups)}</svg>
"""


def _texts(frame: Frame) -> Iterator[str]:
    for number, runs in enumerate(frame.rows):
        for run in runs:
            text = run.text.rstrip()
            blank = len(text) - len(text.lstrip())
            x = MARGIN + (run.column + blank) * CELL_WIDTH
            y = MARGIN + number * CELL_HEIGHT + BASELINE
            text = text.lstrip()
            weight = ' font-weight="bold"' if run.bold else ""
            # The length keeps the columns straight whatever font the reader has.
            length = f'textLength="{len(text) * CELL_WIDTH:.1f}" lengthAdjust="spacingAndGlyphs"'
            yield f'<text x="{x:.1f}" y="{y}" fill="{PALETTE[run.colour]}"{weight} {length}>{escape(text)}</text>'
