"""The review page: everything that will be done, before any of it, and the way back to each answer."""

from newapi.errors import NewapiError
from newapi.outline import outline
from newapi.plan import Plan
from newapi.pyproject import dependencies
from newapi.shell import continued, near
from newapi.wizard.model import ACTIONS, State
from newapi.wizard.pages import shown
from newapi.wizard.text import ACCENT, BOLD, DIM, INDENT, POINTER, WRONG, Line, beside, broken, counted, cut, wrapped

WIDE = 110  # columns from which the files stand on the right
LEFT = 64


def review(state: State, plan: Plan | NewapiError | None, width: int) -> tuple[list[Line], int]:
    """The page, and the line with the pointer."""
    column = LEFT if width >= WIDE else width
    verdict = [*_verdict(plan, column), *_unasked(state, column)]
    left = [*verdict, *_rows(state, column)]
    pointed = len(verdict) + state.cursor + (2 if state.cursor >= len(ACTIONS) else 0)
    if not isinstance(plan, Plan):
        return left, pointed
    left += _plan(plan, column)
    files = _section(counted(len(plan.tree.files), "file", "files"), outline(plan.tree))
    return (beside(left, files[1:], column) if column < width else [*left, *files]), pointed


def _verdict(plan: Plan | NewapiError | None, width: int) -> list[Line]:
    match plan:
        case None:
            return [*wrapped("Working out what will be done …", width, DIM), []]
        case NewapiError():
            return [*wrapped(plan.message, width, WRONG), *wrapped(plan.hint, width, DIM), []]
        case Plan():
            notes = [line for note in plan.notes for line in wrapped(note, width, DIM)]
            return [*wrapped(f"Ready to create {near(plan.target)}", width, BOLD), *notes, []]


def _unasked(state: State, width: int) -> list[Line]:
    """What a flag said to a question that is not asked any more."""
    lines = [line for one in state.unasked for line in wrapped(one.sentence, width, WRONG)]
    return [*lines, []] if lines else []


def _rows(state: State, width: int) -> list[Line]:
    """What the pointer moves over: the actions, then the answers under a heading."""
    meanings = ("make it", "to the last question", "nothing is written")
    rows = [(action.capitalize(), meaning) for action, meaning in zip(ACTIONS, meanings, strict=True)]
    rows += [(question.label, shown(state, question)) for question in state.applying]
    column = max(len(name) for name, _ in rows) + 3
    lines: list[Line] = []
    for row, (name, value) in enumerate(rows):
        here = row == state.cursor
        pointer = (ACCENT, INDENT + (POINTER if here else "  "))
        lines.append([pointer, (BOLD if here else "", name.ljust(column)), (DIM, cut(value, width - column - 5))])
    return [*lines[: len(ACTIONS)], *_heading("Answers (Enter changes one)"), *lines[len(ACTIONS) :]]


def _plan(plan: Plan, width: int) -> list[Line]:
    room = width - 6
    needs = dependencies(plan.tree)
    column = max((len(step.name) for step in plan.steps), default=0) + 3
    steps = [cut(step.name.ljust(column) + step.command, room) for step in plan.steps]
    return [
        *_section("The same without questions", [cut(line, room + 2) for line in continued(plan.command, room)]),
        *_section(counted(len(needs), "dependency", "dependencies"), broken(", ".join(needs), room)),
        *_section("Steps", steps or ["nothing more"]),
    ]


def _heading(text: str) -> list[Line]:
    return [[], [(BOLD, INDENT + text)]]


def _section(heading: str, lines: list[str]) -> list[Line]:
    return [*_heading(heading), *([("", INDENT * 2 + line)] for line in lines)]
