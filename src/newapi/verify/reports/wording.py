"""Numbers, lists of names and the output of programs as words that can be read anywhere."""

import re
from collections.abc import Sequence

# What terminals obey: sequences that set colours and move the cursor, titles and links, and single characters.
ESCAPE = re.compile(r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?|\x1b[ -/]*[0-~]?")
# No character of XML 1.0, unseen, or one that turns the direction of what comes after it.
UNREADABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
SURROGATE = re.compile(r"[\ud800-\udfff]")


def clean(output: str) -> str:
    """What a program printed as a terminal would leave it standing, without colours and all that is no text."""
    lines = ESCAPE.sub("", output).split("\n")
    text = "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines)  # what came before was overwritten
    return SURROGATE.sub("\ufffd", UNREADABLE.sub("", text))


def tail(output: str, lines: int) -> list[str]:
    """The first line of an output, which says what it is, and the last ones; of those between them the number."""
    found = clean(output).strip("\n").splitlines()
    left_out = len(found) - lines
    return [found[0], f"… {count(left_out, 'line')} left out", *found[1 - lines :]] if left_out > 0 else found


def duration(seconds: float) -> str:
    """As exact as it matters: a run of minutes is not told in tenths of a second."""
    if 0 < seconds < 0.05:
        return f"{max(1, round(seconds * 1000))} ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def reached(space: int, distinct: int | None) -> str:
    """How many variants there are, and how many services among them where that was counted."""
    return f"{space:,} in the space" + (f" ({distinct:,} distinct services)" if distinct is not None else "")


def listed(names: Sequence[str], most: int = 6) -> str:
    """Names in a sentence; of many, the first."""
    if len(names) <= most + 1:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most:,} more"
