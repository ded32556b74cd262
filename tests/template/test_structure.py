"""Where things are: parts, slots, and what may stand in which of them."""

import json
import re
from pathlib import Path

from newapi import memory
from newapi.template import Template

SLOT = re.compile(r'{% set slot = "([a-z._]+)" %}{% include "template/_add\.jinja" %}')
BLOCK = re.compile(r"{%-? *(if|elif|else|endif|for|endfor|macro|endmacro)\b")
CHOICE = re.compile(r"{{[^}]*\bif\b")
LEFT_OUT = re.compile(r"pytest\.(skip|importorskip|xfail|mark\.(skip|xfail))")
MOST_CONDITIONS = 7
MOST_MEETINGS = 6


def text_of(own: Template, file: Path) -> str:
    return (own.folder / file).read_text(encoding="utf-8")


def rendered(files: list[Path]) -> list[Path]:
    """The files that Jinja sees and that end up in a project."""
    return [file for file in files if file.suffix == ".jinja" and len(file.parts) > 1]


def test_paths_have_no_logic(files: list[Path]) -> None:
    for file in files:
        first, *below = file.parts
        if below:
            assert re.fullmatch(r"{{part\.[a-z_]+}}", first), file
        assert [part for part in below if "{" in part and part != "{{package}}"] == [], file


def test_every_part_is_a_folder_and_every_folder_a_part(own: Template, parts: dict[str, Path]) -> None:
    (table,) = (entry for entry in own.computed if entry.name == "part")

    assert sorted(json.loads(str(table.default))) == sorted(parts)


def test_the_base_names_no_option(own: Template, files: list[Path], parts: dict[str, Path]) -> None:
    options = set(parts) - {"base", "memory", "live", "mit", "apache", "github"}  # the others are common words, or hosts
    words = re.compile(rf"\b({'|'.join(sorted(options))}|alchemy|asyncpg|aiosqlite|argon2|pwdlib)\b", re.IGNORECASE)
    for file in files:
        if file.parts[0] == "{{part.base}}" and not file.name.endswith((".gz", ".txt")):
            assert words.search(text_of(own, file)) is None, file


def test_every_addition_has_its_slot_and_every_slot_an_addition(own: Template, files: list[Path]) -> None:
    slots = {slot for file in rendered(files) for slot in SLOT.findall(text_of(own, file))}
    additions = {file.stem for file in files if "_add" in file.parts}

    assert additions == slots


def test_no_two_files_include_the_same_slot(own: Template, files: list[Path]) -> None:
    slots = [slot for file in rendered(files) for slot in SLOT.findall(text_of(own, file))]

    assert len(slots) == len(set(slots))


def test_slots_are_whole_lines(own: Template, files: list[Path]) -> None:
    for file in rendered(files):
        for line in text_of(own, file).splitlines():
            assert "{% set slot" not in line or SLOT.fullmatch(line), (file, line)


def test_conditions_are_few_and_stand_on_lines_of_their_own(own: Template, files: list[Path]) -> None:
    conditions = 0
    for file in rendered(files):
        depth = 0
        for line in text_of(own, file).splitlines():
            if found := BLOCK.search(line):
                assert re.fullmatch(r"{%.*%}", line), (file, line)
                assert found[1] in {"if", "endif"}, (file, line)
                depth += 1 if found[1] == "if" else -1
                assert depth in {0, 1}, (file, line)
                conditions += found[1] == "if"

    assert conditions <= MOST_CONDITIONS


def test_no_condition_hides_in_a_value(own: Template, files: list[Path]) -> None:
    """What an option says stands in its part. The base names no option: its conditions are about texts."""
    parts = [file for file in rendered(files) if "base" not in file.parts[0]]
    # One word in the middle of a command, where no slot can be.
    assert [file.name for file in parts if CHOICE.search(text_of(own, file))] == ["kubernetes.rollout.jinja"]


def test_a_file_without_a_value_can_be_read_where_it_lies(own: Template, files: list[Path]) -> None:
    for file in files:
        if file.name.endswith(".gz"):
            continue
        has_value = bool(re.search(r"{{|{%", text_of(own, file)))
        is_template = file.suffix == ".jinja"
        if "_add" in file.parts:
            assert is_template, file
        elif "workflows" not in file.parts:
            assert has_value == is_template, file


def test_no_test_of_a_service_is_left_out_anywhere(own: Template, files: list[Path]) -> None:
    tests = {file: text_of(own, file) for file in files if "tests" in file.parts}
    assert tests
    assert not [file for file, text in tests.items() if LEFT_OUT.search(text)]


def test_what_exists_only_where_options_meet_is_rare(parts: dict[str, Path]) -> None:
    assert len([name for name in parts if "_" in name]) <= MOST_MEETINGS


def test_needs_nobodys_trust_and_stays_within_both_engines(own: Template) -> None:
    assert own.foreign == ()
    assert memory.can_render(own)
    assert own.settings.envops == {
        "trim_blocks": True,
        "lstrip_blocks": True,
        "keep_trailing_newline": True,
        "undefined": "jinja2.StrictUndefined",
    }


def test_leaves_the_mechanism_and_what_others_put_beside_it_out(own: Template) -> None:
    assert set(own.settings.exclude) == {"/_*", "__pycache__", "*.py[co]", ".DS_Store"}
