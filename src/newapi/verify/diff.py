"""The difference of two files as text, as git shows it."""

import difflib
import re
from collections.abc import Iterator

from newapi.tree import File

LONGEST_FILE = 500_000  # bytes of a file of which lines are compared


def unified(path: str, old: File | None, new: File | None) -> str:
    """What comes to `path`, changes there, or goes; git takes it for its own."""
    return "".join(_diff(path, old, new))


def cut(text: str, most: int) -> str:
    """The whole lines of a text that has room for so many characters."""
    if len(text) <= most:
        return text
    end = text.rfind("\n", 0, most) + 1
    return f"{text[:end]}... {text.count(chr(10), end):,} more lines are not shown here.\n"


def _diff(path: str, old: File | None, new: File | None) -> Iterator[str]:
    modes = _mode(old), _mode(new)
    before, after = f"a/{path}" if old else "/dev/null", f"b/{path}" if new else "/dev/null"
    yield f"diff --git a/{path} b/{path}\n"
    if modes[0] != modes[1]:
        if old and new:
            yield f"old mode {modes[0]}\nnew mode {modes[1]}\n"
        else:
            yield f"new file mode {modes[1]}\n" if new else f"deleted file mode {modes[0]}\n"
    if old and new and old.content == new.content:
        return
    lines = _lines(old), _lines(new)
    if lines[0] is None or lines[1] is None:
        yield f"Binary files {before} and {after} differ\n"
        return
    for line in difflib.unified_diff(lines[0], lines[1], before, after):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _mode(file: File | None) -> str:
    return "" if file is None else "100755" if file.executable else "100644"


def _lines(file: File | None) -> list[str] | None:
    """The lines of a text, none of a file that is not there; None when there are no lines to compare."""
    content = file.content if file else b""
    if b"\0" in content or len(content) > LONGEST_FILE:
        return None
    try:
        return [part for part in re.split(r"(?<=\n)", content.decode()) if part]
    except UnicodeDecodeError:
        return None
