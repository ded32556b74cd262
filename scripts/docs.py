"""Fill in what the pages say of the program and the template from these themselves. `make docs` runs this.

A page asks for it with `<!-- generated: NAME -->`, and a line `<!-- end -->` where it is to stop.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias, cast

import msgspec
from typer.testing import CliRunner

from newapi import cli, errors, template
from newapi.answers import Answers, Questionnaire
from newapi.pyproject import dependencies
from newapi.render import renderer
from newapi.template import Choice, Contract, Question, Template
from newapi.tree import Tree, difference
from newapi.verify import contract, reports, space
from newapi.verify.checks import CHECKS
from newapi.verify.coverage import Strength
from newapi.verify.model import Variant
from newapi.verify.request import Request
from newapi.verify.subject import Subject
from newapi.verify.verification import Verification

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = ROOT / "docs" / "reference" / "verify-report.schema.json"
BLOCK = re.compile(r"(<!-- generated: (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)
SLOT = re.compile(r'{% set slot = "([a-z._]+)" %}')
CONDITION = re.compile(r"{{ '\.' if (.*) else '' }}")
OUTLINE = re.compile(r"^```text\n.*?^```$", re.DOTALL | re.MULTILINE)
EXIT_CODE = re.compile(r"^ *(\d+)  (.+(?:\n {6}.+)*)$", re.MULTILINE)
TERM = re.compile(r"`(\w+)`")

# What each key of `_newapi.verify` is, and each place that is known in it.
TERMS = {
    "serve": "command that starts the service",
    "ready": "path that answers with success when the service is ready",
    "worker": "command of its worker, which goes on beside it while `smoke` walks, with the same settings",
    "start": "seconds that it may take until then",
    "stop": "seconds that it may take to end, from SIGTERM on",
    "settings": "its environment variables, and those of `migrations`",
    "document": "path of its OpenAPI document, as JSON",
    "headers": "command that prints `Name: value`, a line for each header with which a request may use the service",
    "last": "regular expression of paths that put an end to that, such as a logout: they are fuzzed last",
    "smoke": "command that walks through the running service",
    "test": "command of the project's own tests",
    "test_settings": "their environment variables",
    "migrations": "commands that fail where the migrations say something else than the models",
    "unread": "patterns of files that neither the service nor its tests read; they do not count when work is shared",
    "untold": "keys of `[project]` in pyproject.toml of which the same holds, such as `license`",
    "traces": "for an answer, `question=value`, or for several with `\\|` between them, a regular expression of words "
    "that only projects with one of them may have",
}
PLACES = {
    "port": ("a port of this machine, where it has to listen", "`serve`, `worker`, `settings`, `smoke`, `headers`"),
    "url": ("`http://` with that port: where the service is", "`serve`, `worker`, `settings`, `smoke`, `headers`"),
    "postgresql": ("an empty database, as what stands in a URL after `://`", "`settings`, `test_settings`"),
    "redis": ("an empty logical database, in the same form", "`settings`, `test_settings`"),
}
PARTS: tuple[Strength, ...] = ("each", "pairs", "triples")

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
    rows = (row for question in own.questions if offered(question) for row in _choice_rows(own, question))
    return table(("flag", "choice", "what it is", "what it brings"), rows)


def offered(question: Question) -> tuple[Choice, ...]:
    """What can be picked; of a question that is answered by yes or no its help says what yes is."""
    yes_or_no = (Choice(True, f"yes: {question.help}"), Choice(False, "no: "))
    return yes_or_no if question.type == "bool" else question.choices


def written(choice: Choice) -> str:
    return choice.name if isinstance(choice.value, bool) else str(choice.value)


def _choice_rows(own: Template, question: Question) -> Iterable[Row]:
    trees = _choice_trees(own, question)
    leanest = min(trees, key=lambda tree: (len(dependencies(tree)), len(tree.files)))
    for number, (choice, tree) in enumerate(zip(offered(question), trees, strict=True)):
        new = [f"`{name}`" for name in dependencies(tree) if name not in dependencies(leanest)]
        files = len(difference(leanest, tree).added)
        brings = ", ".join([*new, *([f"{files} files"] if new else [])])
        value = f"`{written(choice)}`" + (" (default)" if choice.value == question.default else "")
        yield "" if number else f"`{question.flag}`", value, choice.meaning, brings


def _choice_trees(own: Template, question: Question) -> list[Tree]:
    """The service of each choice, with the defaults, or a preset's answers where one of them cannot be had so."""
    render, questionnaire = renderer(own), Questionnaire(own)
    tried: list[Answers] = [{}, *own.presets.values()]
    for given in tried:
        with suppress(errors.UsageError):
            answered = [questionnaire.complete({**given, question.name: one.value}) for one in offered(question)]
            if all(question.name in questionnaire.applying(answers) for answers in answered):
                return [render(answers) for answers in answered]
    raise LookupError(question.name)


def questions(own: Template) -> str:
    """A section for each question, as copier.yml has it."""
    return "\n\n".join(_section(own, question) for question in own.questions)


def _section(own: Template, question: Question) -> str:
    parts = [f"## `{question.flag}`", f"{question.help}."]
    parts += [question.about] if question.about else []
    if picks := offered(question):
        values = (f"`{written(choice)}`" + (", the default" * (choice.value == question.default)) for choice in picks)
        meanings = (choice.label if question.choices else choice.meaning for choice in picks)
        parts.append(table(("value", "meaning"), zip(values, meanings, strict=True)))
    else:
        parts.append(f"Text. Default: {_default(own, question)}.")
    if names := Questionnaire(own).depends(question):
        parts.append(f"What can be chosen depends on {', '.join(f'`{name}`' for name in names)}.")
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
    found: list[tuple[str, str]] = EXIT_CODE.findall(errors.__doc__ or "")
    rows = ((code, " ".join(meaning.split())) for code, meaning in found)
    return table(("code", "meaning"), rows).replace("``", "`")


def checks(_: Template) -> str:
    """Each check, how far one has to go for it, and where it does not apply: what it says of a project of nothing."""
    rows = ((f"`{one.name}`", one.tier, one.about, one.absent(NOTHING)) for one in CHECKS)
    return table(("check", "tier", "what holds", "not made where"), rows)


NOTHING = Subject(Variant("", {}, ()), Tree({}), Contract())


def terms(_: Template) -> str:
    """Each key of the contract, with the checks that are not made without it."""
    needs = {check.name: TERM.findall(check.absent(NOTHING)) for check in CHECKS}
    rows: list[Row] = []
    for name in Contract.__struct_fields__:
        standing = cast("object", getattr(Contract(), name))
        wanting = [f"`{check}`" for check, names in needs.items() if name in names]
        rows.append((f"`{name}`", TERMS[name], f"`{standing}`" if standing else "", ", ".join(wanting)))
    return table(("key", "what it is", "default", "needed for"), rows)


def places(_: Template) -> str:
    return table(("name", "what it is", "known in"), ((f"`{name}`", *PLACES[name]) for name in contract.PLACES))


def variants(own: Template) -> str:
    """How large the space is, and how much of it each coverage takes."""
    questionnaire = Questionnaire(own)
    whole = tuple(space.walk(questionnaire, {}))
    distinct = Verification(Request(own)).distinct(whole)
    taken = (
        f"{len(Request(own, coverage=name).chosen_variants(questionnaire, whole))} with `--coverage {name}`"
        for name in PARTS
    )
    return (
        f"newapi's own template has {len(whole):,} variants, which are {distinct:,} distinct services."
        f" Of these are verified {', '.join(taken)}."
    )


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
    "contract": terms,
    "places": places,
    "space": variants,
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
