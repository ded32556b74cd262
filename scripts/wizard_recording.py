"""Records the wizard for the README: drives the real program in a terminal and draws what stood on its screen.

python -m scripts.wizard_recording docs/images/create.svg [flags for `newapi create`]
"""

import sys
import tempfile
from pathlib import Path

from scripts.drawing import Frame, drawing, rows
from tests.terminal import Terminal

COLUMNS, ROWS = 84, 26
LABEL = (
    "newapi create offers presets, of which production is taken; it asks for a name, a licence and what the preset "
    "leaves open, shows the plan and makes it"
)

# Keys to press, what the screen shows then, and for how many seconds a reader needs to see it.
SCRIPT = (
    ((), "What to start from", 2.4),
    (("4",), "opentelemetry", 3.0),
    (("enter",), "Name of the service", 1.6),
    (("ctrl-u", "Parcel Desk"), "❯ Parcel Desk", 1.4),
    (("enter",), "❯ parcel-desk", 1.2),
    (("enter",), "❯ parcel_desk", 0.8),
    (("enter",), "What the service does", 0.8),
    (("enter",), "Licence", 1.0),
    (("enter",), "A sample feature", 1.6),
    (("enter",), "Events that other", 1.6),
    (("enter",), "Ready to create", 3.0),
    (("page-down",), "Steps", 2.4),
    (("page-up",), "❯ Create", 1.0),
    (("enter",), r"✓ +sync", 2.0),
    ((), "✓ Created", 5.0),
)


def record(flags: list[str]) -> list[Frame]:
    frames: list[Frame] = []
    with tempfile.TemporaryDirectory() as folder:
        arguments = ["create", "--author-name", "Ada Lovelace", "--author-email", "ada@example.org", *flags]
        with Terminal(arguments, Path(folder), (COLUMNS, ROWS)) as terminal:
            for keys, sign, seconds in SCRIPT:
                terminal.press(*keys)
                terminal.sees(sign)
                terminal.settle()
                frames.append(Frame(tuple(rows(terminal.screen)), seconds))
    return frames


def main() -> None:
    path, *flags = sys.argv[1:] or ["docs/images/create.svg"]
    picture = Path(path)
    picture.parent.mkdir(parents=True, exist_ok=True)
    frames = record(flags)
    picture.write_text(drawing(frames, COLUMNS, ROWS, LABEL), encoding="utf-8")
    print(f"{picture}: {len(frames)} frames, {picture.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()
