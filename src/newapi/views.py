"""What a person sees of a result: values in, something that Rich can print out; no logic.

Whatever people typed goes through `Text`, never through Rich's markup.
"""

import shlex
import sys
from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from newapi.answers import Questionnaire
from newapi.doctor import Finding
from newapi.errors import NewapiError
from newapi.outline import outline
from newapi.plan import Plan
from newapi.shell import continued, near
from newapi.steps import Outcome
from newapi.template import Question, Template

ACCENT, WRONG, BOLD, DIM = "cyan", "red", "bold", "dim"
MARKS = {"passed": ("✓", ACCENT), "failed": ("✗", WRONG), "skipped": ("-", DIM)}
WAYS = {"not found": "get it", "does not answer": "start it, or see"}
NARROWEST, WIDEST = 60, 120
UNBROKEN = 1_000  # columns of what is no terminal: lines are left to whoever reads them
INDENT = 2
TAIL = 12  # lines of a failed step's output that are shown


def console(*, stderr: bool = False) -> Console:
    """Where views are printed: at a width that reads well in a terminal, without any line breaks elsewhere."""
    out = Console(stderr=stderr, highlight=False, markup=False, emoji=False)
    width = min(max(out.width, NARROWEST), WIDEST) if (sys.stderr if stderr else sys.stdout).isatty() else UNBROKEN
    out.width = width
    return out


def show(console: Console, view: RenderableType) -> None:
    """Print a view. Nothing is cropped: a terminal wraps a long command, and it can still be pasted."""
    if console.file.isatty():
        console.print(view, crop=False)
        return
    with console.capture() as captured:
        console.print(view, crop=False)
    console.out(*(line.rstrip() for line in captured.get().splitlines()), sep="\n", highlight=False)


def plan(made: Plan) -> RenderableType:
    """What --dry-run shows."""
    answers = _grid()
    for question in made.template.questions:
        answers.add_row(question.label, _value(made.answers.get(question.name)))
    steps = _grid()
    for step in made.steps:
        steps.add_row(step.name, _Command(step.command, indent=0))
    return Group(
        Text.assemble(("Nothing is written. ", DIM), "This would create ", (str(made.target), BOLD)),
        *(Text(note, DIM) for note in made.notes),
        *_section("Answers", answers),
        *_section(_count(len(made.tree.files), "file"), *map(_line, outline(made.tree.files))),
        *_section("Steps", steps if made.steps else Text("none", DIM)),
        *_section("The same without questions", _Command(made.command)),
    )


def result(made: Plan, outcomes: Sequence[Outcome], seconds: float) -> RenderableType:
    """What was made, what is left to do, and what comes next; how the steps went has been shown meanwhile."""
    files = _count(len(made.tree.files), "file")
    place = near(made.target)
    head = Text.assemble(("✓ ", ACCENT), "Created ", (place, BOLD), (f"  {files}, {seconds:.1f} s", DIM))
    remaining = [outcome.remaining for outcome in outcomes if outcome.remaining]
    enter = f"cd {shlex.quote(place)}"
    following = [*([] if remaining else [enter]), *made.following]
    return Group(
        head,
        *(view for outcome in outcomes if outcome.status == "failed" for view in _failure(outcome)),
        *(_section("Still to run", *map(_Command, [enter, *remaining])) if remaining else ()),
        *(_section("Next", *map(_Command, following)) if following else ()),
        *_section("The same without questions", _Command(made.command)),
    )


def row(outcome: Outcome) -> tuple[Text, Text, Text, Text]:
    """How a step ended: a mark, its name, how long it took, and why when it was skipped."""
    mark, style = MARKS[outcome.status]
    time = f"{outcome.seconds:5.1f} s" if outcome.status != "skipped" else ""
    said = outcome.reason or (outcome.status if outcome.status != "passed" else "")
    return Text(mark, style), Text(outcome.step), Text(time, DIM, justify="right"), Text(said, style)


def options(template: Template) -> RenderableType:
    """Every question with its flag and what can be answered."""
    table, questionnaire = _grid(), Questionnaire(template)
    for question in template.questions:
        names = questionnaire.depends(question)
        flags = ", ".join(other.flag for other in template.questions if other.name in names)
        depends = [Text(f"depends on {flags}", DIM)] if flags else []
        table.add_row(Text(question.flag, BOLD), Group(Text(question.help), _choices(question), *depends))
    if not template.presets:
        return table
    presets = _grid()
    for name, answers in template.presets.items():
        said = "  ".join(f"{question}={_plain(value)}" for question, value in answers.items())
        presets.add_row(Text(f"--preset {name}", BOLD), Text(said))
    return Group(table, *_section("Presets", presets))


def doctor(findings: Iterable[Finding]) -> RenderableType:
    """What is there, and how to get what is not."""
    table = Table.grid(padding=(0, 2))
    for finding in findings:
        status = "passed" if finding.version else "failed" if finding.required else "skipped"
        mark, style = MARKS[status]
        problem = finding.problem or "not found"
        version = Text(finding.version or problem, "" if finding.version else style)
        purpose = Text(finding.purpose, DIM)
        if not finding.version:
            purpose.append(f"\n{WAYS[problem]}: {finding.remedy}", "")
        table.add_row(Text(mark, style), Text(finding.name), version, purpose)
    return table


def error(problem: NewapiError) -> RenderableType:
    """One sentence, and the way out below it."""
    sentence = Text.assemble(("error ", f"{BOLD} {WRONG}"), problem.message)
    return Group(sentence, *([Text(problem.hint, DIM)] if problem.hint else []))


def _failure(outcome: Outcome) -> Iterator[RenderableType]:
    lines = outcome.output.strip().splitlines()
    cut = [f"… {len(lines) - TAIL} lines before"] if len(lines) > TAIL else []
    yield from _section(f"{outcome.step} failed", *(_line(line, DIM) for line in [*cut, *lines[-TAIL:]]))


def _section(heading: str, *parts: RenderableType) -> tuple[RenderableType, ...]:
    indented = (part if isinstance(part, _Command) else Padding(part, (0, 0, 0, INDENT)) for part in parts)
    return Text(), Text(heading, BOLD), *indented


def _grid() -> Table:
    return Table.grid(padding=(0, 3, 0, 0))


def _choices(question: Question) -> RenderableType:
    if not question.choices:
        default = "follows from the others" if question.derived else _plain(question.default) or "empty"
        return Text(f"default: {default}", DIM)
    table = Table.grid(padding=(0, 2, 0, 0))
    for choice in question.choices:
        said = Text(choice.meaning, DIM)
        if choice.value == question.default:
            said.append("  default", ACCENT)
        table.add_row(_plain(choice.value), said)
    return table


class _Command:
    """A command in lines that can be pasted together; a word that is too long for its line is left whole."""

    def __init__(self, command: str, indent: int = INDENT) -> None:
        self.command: str = command
        self.indent: int = indent

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in continued(self.command, options.max_width - self.indent):
            yield Text(" " * self.indent + line, no_wrap=True, overflow="ignore")

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement(min(20, options.max_width), min(len(self.command), options.max_width))


def _line(text: str, style: str = "") -> Text:
    """Text that is cut where it does not fit."""
    return Text(text, style, no_wrap=True, overflow="ellipsis")


def _value(value: object) -> Text:
    return Text(_plain(value)) if value != "" else Text("empty", DIM)


def _plain(value: object) -> str:
    return ("no", "yes")[value] if isinstance(value, bool) else str(value)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
