"""The pages say what is true: generated parts are current, links lead somewhere, and commands can be typed."""

import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.exceptions import TyperException
from typer.main import get_command

from newapi import cli, template
from newapi.answers import Questionnaire
from newapi.render import renderer
from newapi.template import Contract
from newapi.verify.contract import PLACES
from scripts import docs

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
TARGET = re.compile(r"^(\w+):.*##", re.MULTILINE)
PROGRAMS = ("newapi", "newapi-cli")


def named(page: Path) -> str:
    return page.relative_to(docs.ROOT).as_posix()


every_page = pytest.mark.parametrize("page", docs.pages(), ids=named)


def commands(page: Path) -> Iterator[str]:
    """What the page tells one to type, whole where it goes over several lines."""
    for language, block in FENCE.findall(page.read_text(encoding="utf-8")):
        if language == "console":
            yield from re.findall(r"^\$ ((?:.*\\\n)*.*)$", block, re.MULTILINE)


def scripted(page: Path) -> Iterator[str]:
    """What the workflow files of a page run of newapi, with something in place of their variables."""
    for language, block in FENCE.findall(page.read_text(encoding="utf-8")):
        if language == "yaml":
            found: list[str] = re.findall(r"- (?:run: )?(newapi .*)$", block, re.MULTILINE)
            yield from (re.sub(r"\$\w+", "1", command) for command in found)


def arguments(command: str) -> list[str]:
    """The arguments for newapi, if it is what the command starts, without what is the shell's."""
    words = shlex.split(command.partition(" > ")[0].replace("\\\n", " "))
    while words and (words[0] == "uvx" or re.fullmatch(r"[A-Z_]+=.*", words[0])):
        words.pop(0)
    return words[1:] if words and words[0] in PROGRAMS else []


def anchors(page: Path) -> set[str]:
    """The names that headings have as targets of links."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in HEADING.findall(text)}


@every_page
def test_what_is_generated_is_current(page: Path) -> None:
    text = page.read_text(encoding="utf-8")

    assert docs.filled(text) == text, "`make docs` brings it up to date"


def test_a_stale_page_would_be_noticed() -> None:
    stale = "<!-- generated: presets -->\nold\n<!-- end -->"

    assert "production" in docs.filled(stale)


@every_page
def test_links_lead_somewhere(page: Path) -> None:
    for link in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
        if link.startswith(("http:", "https:")):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize(
    ("page", "command"),
    [(page, command) for page in docs.pages() for command in commands(page) if arguments(command)],
    ids=lambda value: named(value) if isinstance(value, Path) else None,
)
def test_commands_can_be_typed(page: Path, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    words = arguments(command)
    if words[0] == "verify" and "--help" not in words:
        assert_taken(words)
        return
    if "--answers" in words:
        example = Path(words[words.index("--answers") + 1])
        example.parent.mkdir(exist_ok=True)
        example.write_text("database: postgresql\n")
    is_refused = f"{command}\nerror " in page.read_text(encoding="utf-8")

    code = cli.run([*words, "--dry-run"] if words[:1] == ["create"] and "--help" not in words else words)

    assert code == (2 if is_refused else 0)


def assert_taken(words: Sequence[str]) -> None:
    """That `newapi verify` takes the words; what they would start takes minutes."""
    whole = get_command(cli.application())
    assert isinstance(whole, TyperGroup)

    whole.commands[words[0]].make_context(words[0], list(words[1:]))


@pytest.mark.parametrize("command", sorted({command for page in docs.pages() for command in scripted(page)}))
def test_commands_of_workflows_can_be_run(command: str) -> None:
    assert_taken(arguments(command))


def test_a_flag_that_is_not_there_would_be_noticed() -> None:
    for wrong in (["verify", "--tear", "full"], ["verify", "--tier", "fool"]):
        with pytest.raises(TyperException):
            assert_taken(wrong)


def test_every_key_of_the_contract_is_explained() -> None:
    assert (set(docs.TERMS), set(docs.PLACES)) == (set(Contract.__struct_fields__), set(PLACES))


@every_page
def test_targets_of_make_are_there(page: Path) -> None:
    """In this repository, or in a service."""
    makefiles = [docs.ROOT / "Makefile", *(docs.ROOT / "template").rglob("*[Mm]ake*.jinja")]
    known = {target for file in makefiles for target in TARGET.findall(file.read_text(encoding="utf-8"))}
    typed = {words[1] for command in commands(page) if (words := command.split())[0] == "make"}

    assert typed - known == set()


@every_page
def test_tests_that_are_named_are_there(page: Path) -> None:
    tests = "".join(file.read_text(encoding="utf-8") for file in (docs.ROOT / "tests").rglob("test_*.py"))
    mentioned: list[str] = re.findall(r"`(test_\w+)`", page.read_text(encoding="utf-8"))

    assert [name for name in mentioned if f"def {name}(" not in tests and name not in docs.TERMS] == []


def test_every_module_has_its_place_in_the_architecture() -> None:
    page = (docs.ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    package = docs.ROOT / "src" / "newapi"
    modules = {path.stem for path in package.iterdir() if path.suffix in {"", ".py"} and path.name[0] not in "._"}

    modules |= {
        path.stem for path in (package / "verify").iterdir() if path.suffix in {"", ".py"} and path.name[0] != "_"
    }

    assert {module for module in modules if f"`{module}`" not in page} == set()


def test_every_pattern_stands_where_it_is_said_to() -> None:
    own = template.load()
    page = (docs.ROOT / "docs" / "patterns.md").read_text(encoding="utf-8")
    cells = [line.split("|")[2] for line in page.splitlines() if line.startswith("| ") and "`" in line]
    mentioned = {path for cell in cells for path in re.findall(r"`([\w/.]+)`", cell)}
    render = renderer(own)
    files = [
        path.removeprefix("src/order_desk/")
        for preset in (*own.presets.values(), {"webhooks": True})
        for path in render(Questionnaire(own).complete(preset))
    ]

    assert len(mentioned) > 20
    assert {path for path in mentioned if not any(file == path or file.startswith(path) for file in files)} == set()
