"""The pages of the wizard as text; nothing here knows about keys or the terminal."""

import re
from collections.abc import Iterable

from newapi.template import Question
from newapi.wizard.costs import Cost
from newapi.wizard.model import State
from newapi.wizard.text import ACCENT, BOLD, DIM, INDENT, POINTER, WRONG, Line, cut, fitted, width_of, wrapped

ALONE = re.compile(r"(?<!\n)\n(?!\n)")  # a line's end within a paragraph
KEYS = (
    ("Enter, Tab", "take the answer and go on"),
    ("Esc, Shift-Tab", "go back; also ← where choices are, Ctrl-B where you write"),
    ("↑ ↓, j k, 1-9", "move between choices"),
    ("Page Up, Page Down", "scroll"),
    ("?, F1", "these keys"),
    ("q, Ctrl-C", "cancel; nothing is written (q where choices are)"),
)


def title(state: State, width: int) -> list[Line]:
    left, right = " newapi create", f"step {state.step} of {len(state.pages) + 1} "
    return [[(BOLD, left), (DIM, right.rjust(width - len(left)))], [(DIM, "─" * width)]]


def keys_line(state: State, width: int, *, writing: bool, more: bool) -> list[Line]:
    """The keys that matter here; `more` when the page goes on below."""
    enter = "choose" if state.at is None else "next"
    back = "to the review" if state.detour else "back"
    others = "F1 keys   Ctrl-C cancel" if writing else "? keys   q cancel"
    return [[(DIM, cut(f" Enter {enter}   Esc {back}   {others}{'   PgDn more' if more else ''}", width))]]


def keys_page(width: int) -> list[Line]:
    column = max(len(keys) for keys, _ in KEYS) + 3
    lines: list[Line] = [[(BOLD, INDENT + "Keys")], []]
    for keys, meaning in KEYS:
        lines += wrapped(meaning, width, DIM, first=INDENT + keys.ljust(column), rest=" " * (column + len(INDENT)))
    return [*lines, [], [(DIM, INDENT + "Any key closes this page.")]]


def shown(state: State, question: Question) -> str:
    """The answer as a person reads it: the name of a choice, the text of a field."""
    value = state.answers[question.name]
    if isinstance(value, bool):
        return "Yes" if value else "No"
    names = [choice.name for choice in question.choices if choice.value == value]
    return names[0] if names else str(value) or "(empty)"


def heading(question: Question, width: int) -> list[Line]:
    """What is asked, and what it is about; the lines of copier.yml are not those of the page."""
    about = ALONE.sub(" ", question.about)
    return [*wrapped(question.help, width, BOLD), *wrapped(about, width, DIM), []]


def choice_lines(state: State, width: int) -> tuple[list[Line], int]:
    """The choices of a question, and the line with the pointer; one that cannot be had is dim and says why."""
    options = state.options
    column = max((len(choice.name) for choice, _ in options), default=0)
    lines: list[Line] = []
    pointed = 0
    for row, (choice, reason) in enumerate(options):
        here = row == state.cursor
        pointed = len(lines) if here else pointed
        head: Line = [
            (ACCENT, INDENT + (POINTER if here else "  ")),
            (DIM, f"{row + 1}  "),
            (DIM if reason else BOLD if here else "", choice.name.ljust(column)),
        ]
        hang = " " * (column + 10)
        about = wrapped(f"not here: {reason}" if reason else choice.meaning, width, DIM if reason else "", first=hang)
        lines += [[*head, ("", "   "), *about[0][1:]], *about[1:]] if about else [head]
    return lines, pointed


def problem_lines(sentence: str, width: int) -> list[Line]:
    return [[], *wrapped(sentence, width, WRONG)] if sentence else []


def cost_lines(found: Cost | None, width: int) -> list[Line]:
    """What the highlighted choice brings, as it was measured."""
    if found is None:
        return [[], *wrapped("The other choices are measured against this one.", width, DIM)]
    rows = (
        ("+", "dependency", "dependencies", found.dependencies, found.dependencies),
        ("-", "dependency", "dependencies", found.dropped, found.dropped),
        ("+", "file", "files", found.files.added, gathered(found.files.added)),
        ("-", "file", "files", found.files.removed, gathered(found.files.removed)),
        ("~", "file", "files", found.files.changed, gathered(found.files.changed)),
    )
    lines: list[Line] = [[], [(DIM, f"{INDENT}Compared with {found.than}")]]
    for sign, one, many, counted, names in rows:
        if counted:
            amount = f"{INDENT}{sign}{len(counted):3} {one if len(counted) == 1 else many}".ljust(22)
            body = fitted(names, width - len(amount), rows=2)
            lines += [[("", " " * len(amount) if number else amount), (DIM, text)] for number, text in enumerate(body)]
    return lines if len(lines) > 2 else [*lines, [("", INDENT + "No difference in files or dependencies.")]]


def gathered(paths: Iterable[str]) -> list[str]:
    """Files by their upper folders: `src/shop/migrations/ (4)` where such a folder has more than one."""
    folders: dict[str, list[str]] = {}
    for path in paths:
        folders.setdefault("".join(f"{name}/" for name in path.split("/")[:-1][:3]), []).append(path)
    names: list[str] = []
    for folder, files in folders.items():
        names += [f"{folder} ({len(files)})"] if folder and len(files) > 1 else files
    return names


def aside(state: State, width: int) -> list[Line]:
    """The questions and what was answered so far, to stand beside a question, which stays in view."""
    lines: list[Line] = []
    column = 4 + max(width_of([("", q.label)]) for q in state.applying)
    answered = state.seen | state.answered
    for q in state.applying:
        here = q == state.at
        known = not here and q.name in answered
        line: Line = [(ACCENT, " " + (POINTER if here else "  ")), (BOLD if here else DIM, q.label)]
        if here:
            line = [("[SetCursorPosition]", ""), *line]
        if known:
            line += [("", " " * (column - width_of(line))), ("", cut(shown(state, q), width - column - 1))]
        lines.append(line)
    return lines
