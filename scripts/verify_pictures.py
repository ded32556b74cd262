"""Takes the pictures of a verification for the pages: a real run in a terminal, and its report in a real browser.

    python -m scripts.verify_pictures docs/images [flags for `newapi verify`]

It writes verify.svg and verify-report.webp, and needs Chromium.
"""

import shlex
import sys
import tempfile
import time
from pathlib import Path

from scripts.browser import browser
from scripts.drawing import Frame, Run, drawing, rows
from tests.terminal import Terminal

COLUMNS, ROWS = 120, 60
PATIENCE = 3600.0
LABEL = (
    "newapi verify has run variants by checks; it counts the runs that were made and saved, and the pairs it has run"
)
WIDTH, HEIGHT, SCALE = 1280, 1000, 1.0
DRAWN = "document.readyState === 'complete'"


def verified(flags: list[str], report: Path) -> list[tuple[Run, ...]]:
    """What stands in the terminal when the run is over, below the command."""
    command = ["newapi", "verify", *flags]
    nothing_known = {"NEWAPI_CACHE": str(report.parent)}
    words = [*command[1:], "--html", str(report)]
    with Terminal(words, Path.cwd(), (COLUMNS, ROWS), nothing_known) as terminal:
        deadline = time.monotonic() + PATIENCE
        while not report.exists() and time.monotonic() < deadline:
            terminal.settle()
        if terminal.ended():
            sys.exit(f"That is no picture for the pages:\n{terminal.text}")
        lines = list(rows(terminal.screen))
    while not lines[-1]:
        lines.pop()
    return [(Run(0, f"$ {shlex.join(command)}", "default", bold=True),), (), *lines]


def main() -> None:
    place, *flags = sys.argv[1:] or ["docs/images"]
    folder = Path(place)
    with tempfile.TemporaryDirectory() as beside:
        report = Path(beside) / "report.html"
        lines = verified(flags, report)
        frame = Frame(tuple(lines), 1.0)
        folder.joinpath("verify.svg").write_text(drawing([frame], COLUMNS, len(lines), LABEL), encoding="utf-8")
        with browser() as page:
            page.open(report.as_uri(), WIDTH, HEIGHT, SCALE)
            page.wait_for(DRAWN)
            folder.joinpath("verify-report.webp").write_bytes(page.picture())
    for name in ("verify.svg", "verify-report.webp"):
        print(f"{folder / name}: {(folder / name).stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()
