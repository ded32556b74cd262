from pathlib import Path

import pytest

from newapi import template
from newapi.errors import TemplateError
from newapi.template import Choice
from tests.small import small


def test_the_program_finds_its_own_template() -> None:
    own = template.load()

    assert [question.name for question in own.questions][:2] == ["project_name", "project_slug"]
    assert own.folder.is_dir()
    assert own.versions is not None
    assert own.versions.is_file()


def test_questions_come_in_the_order_in_which_they_are_asked() -> None:
    names = [question.name for question in small().questions]

    assert names == ["title", "package", "cache", "jobs", "workers", "mode", "regions", "password"]


def test_computed_entries_are_never_asked() -> None:
    assert [entry.name for entry in small().computed] == ["extra"]


def test_the_first_line_of_the_help_is_apart_from_the_rest() -> None:
    package = small().questions[1]

    assert (package.help, package.about) == ("Name to import", "It is made of the title.")


def test_choices_have_copiers_three_forms() -> None:
    _, _, cache, _, _, mode, regions, _ = small().questions

    assert cache.choices == (Choice("memory", "Memory: one process"), Choice("redis", "Redis: many"))
    assert [(choice.value, bool(choice.validator)) for choice in mode.choices] == [("plain", False), ("shared", True)]
    assert [choice.label for choice in regions.choices] == ["north", "south", "west"]


def test_an_entry_without_a_type_has_the_one_of_its_default(tmp_path: Path) -> None:
    (tmp_path / "copier.yml").write_text("a: text\nb: 3\nc: true\nd: [1, 2]\n")

    assert [question.type for question in template.load(tmp_path).questions] == ["str", "int", "bool", "yaml"]


def test_settings_that_newapi_does_not_know_are_named(tmp_path: Path) -> None:
    (tmp_path / "copier.yml").write_text("_tasks: [make]\n_subdirectory: files\nname: x\n")

    assert template.load(tmp_path).foreign == ("tasks",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", "is not valid YAML"),
        ("- a\n", "cannot be understood"),
        ("a: {choices: '{{ b }}'}\n", "cannot be understood"),
        ("_newapi: {preset: {}}\n", "cannot be understood"),
        ("_exclude: 3\n", "cannot be understood"),
    ],
)
def test_a_broken_template_is_named(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "copier.yml").write_text(text)

    with pytest.raises(TemplateError, match=said):
        template.load(tmp_path)


def test_a_folder_without_a_template_is_named(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="is not a template"):
        template.load(tmp_path)
