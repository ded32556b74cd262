"""Fill in what the pages say of the program and the template from these themselves. `make docs` runs this.

A page asks for it with `<!-- generated: NAME -->`, and a line `<!-- end -->` where it is to stop.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeAlias

import msgspec
from typer.testing import CliRunner

from newapi import cli, errors, template
from newapi.answers import Questionnaire
from newapi.pyproject import dependencies
from newapi.render import renderer
from newapi.template import Question, Template
from newapi.tree import difference
from newapi.verify import reports
from newapi.verify.checks import CHECKS

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = ROOT / "docs" / "reference" / "verify-report.schema.json"
BLOCK = re.compile(r"(<!-- generated: (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)
SLOT = re.compile(r'{% set slot = "([a-z._]+)" %}')
CONDITION = re.compile(r"{{ '\.' if (.*) else '' }}")
OUTLINE = re.compile(r"^```text\n.*?^```$", re.DOTALL | re.MULTILINE)
EXIT_CODE = re.compile(r"^ *(\d+)  (.+)$", re.MULTILINE)

Row: TypeAlias = Sequence[str]


def pages() -> list[Path]:
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def filled(page: str) -> str:
    """The page with all that is generated in it as it is now."""
    own = template.load()
    return BLOCK.sub(lambda found: f"{found[1]}\n{BLOCKS[found[2]](own).strip()}\n\n{found[3]}", page)


def table(head: Row, rows: Iterable[Row]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def choices(own: Template) -> str:
    """Each choice and what it brings, measured on the service that comes of it."""
    rows = (row for question in own.questions if question.choices for row in _choice_rows(own, question))
    return table(("flag", "choice", "what it is", "what it brings"), rows)


def _choice_rows(own: Template, question: Question) -> Iterable[Row]:
    render, questionnaire = renderer(own), Questionnaire(own)
    trees = [render(questionnaire.complete({question.name: choice.value})) for choice in question.choices]
    leanest = min(trees, key=lambda tree: (len(dependencies(tree)), len(tree.files)))
    for number, (choice, tree) in enumerate(zip(question.choices, trees, strict=True)):
        new = [f"`{name}`" for name in dependencies(tree) if name not in dependencies(leanest)]
        files = len(difference(leanest, tree).added)
        brings = ", ".join([*new, *([f"{files} files"] if new else [])])
        value = f"`{choice.value}`" + (" (default)" if choice.value == question.default else "")
        yield "" if number else f"`{question.flag}`", value, choice.meaning, brings


def questions(own: Template) -> str:
    """A section for each question, as copier.yml has it."""
    return "\n\n".join(_section(own, question) for question in own.questions)


def _section(own: Template, question: Question) -> str:
    parts = [f"## `{question.flag}`", f"{question.help}."]
    parts += [question.about] if question.about else []
    if question.choices:
        values = (
            f"`{choice.value}`" + (", the default" * (choice.value == question.default)) for choice in question.choices
        )
        parts.append(
            table(("value", "meaning"), zip(values, (choice.label for choice in question.choices), strict=True))
        )
    else:
        parts.append(f"Text. Default: {_default(own, question)}.")
    parts.append(f"In a file of answers and with `--data`: `{question.name}`.")
    return "\n\n".join(parts)


def _default(own: Template, question: Question) -> str:
    """What it comes to when nothing else is said; one that follows from other answers says so."""
    value = str(Questionnaire(own).complete({})[question.name])
    follows = question.derived
    return f"`{value}`{', which follows from the answers before it' * follows}" if value else "empty"


def presets(own: Template) -> str:
    rows = (
        (f"`{name}`", ", ".join(f"`{key}={value}`" for key, value in said.items()))
        for name, said in own.presets.items()
    )
    return table(("preset", "its answers"), rows)


def parts(own: Template) -> str:
    """Each part, and when it is laid over the project."""
    return table(("part", "laid over the project"), ((f"`{name}`", _condition(when)) for name, when in _parts(own)))


def _parts(own: Template) -> list[tuple[str, str]]:
    """The table of copier.yml: a name and the expression that chooses it, in the order in which they fill slots."""
    (entry,) = (entry for entry in own.computed if entry.name == "part")
    return list(msgspec.json.decode(str(entry.default), type=dict[str, str]).items())


def _condition(when: str) -> str:
    found = CONDITION.search(when)
    return f"when `{found[1]}`" if found else "always"


def slots(own: Template) -> str:
    """Every slot, the file that has it, and the parts that fill it, in the order in which they do."""
    rows: list[Row] = []
    for path in sorted(own.folder.rglob("*.jinja")):
        _, *names = path.relative_to(own.folder).parts
        file = "/".join(names).removesuffix(".jinja").replace("{{package}}", "<package>")
        found: list[str] = SLOT.findall(path.read_text(encoding="utf-8"))
        for slot in found:
            filling = [
                part for part, _ in _parts(own) if (own.folder / f"{{{{part.{part}}}}}/_add/{slot}.jinja").exists()
            ]
            rows.append((f"`{file}`", f"`{slot}`", ", ".join(f"`{part}`" for part in filling)))
    return table(("file", "slot", "filled by"), rows)


def layout(own: Template) -> str:
    """What a service with the defaults says of itself: the outline in its README."""
    readme = renderer(own)(Questionnaire(own).complete({})).files["README.md"].content.decode()
    found = OUTLINE.search(readme)
    return found.group() if found else ""


def exit_codes(_: Template) -> str:
    return table(("code", "meaning"), EXIT_CODE.findall(errors.__doc__ or "")).replace("``", "`")


def checks(_: Template) -> str:
    """Each check, and how far one has to go for it."""
    return table(("check", "tier", "what holds"), ((f"`{one.name}`", one.tier, one.about) for one in CHECKS))


def shown_help(*command: str) -> Callable[[Template], str]:
    def block(own: Template) -> str:
        words = [*command, "--help"]
        done = CliRunner().invoke(cli.application(own.questions), words, prog_name="newapi", terminal_width=100)
        return f"```console\n$ newapi {' '.join(words)}\n{done.stdout.strip()}\n```"

    return block


BLOCKS: dict[str, Callable[[Template], str]] = {
    "choices": choices,
    "questions": questions,
    "presets": presets,
    "parts": parts,
    "slots": slots,
    "layout": layout,
    "exit-codes": exit_codes,
    "help": shown_help(),
    "help-create": shown_help("create"),
    "help-options": shown_help("options"),
    "help-doctor": shown_help("doctor"),
    "help-verify": shown_help("verify"),
    "checks": checks,
}


def main() -> None:
    SCHEMA.write_bytes(reports.schema())
    for page in pages():
        text = page.read_text(encoding="utf-8")
        if (now := filled(text)) != text:
            page.write_text(now, encoding="utf-8")
            print(f"{page.relative_to(ROOT)} is current again")


if __name__ == "__main__":
    main()
