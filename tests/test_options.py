import inspect

import pytest
import typer
from typer.testing import CliRunner

from newapi import template
from newapi.options import asking
from newapi.template import Question
from tests.small import small


def answered(questions: tuple[Question, ...], *words: str) -> dict[str, object]:
    """What a command gets of the words on its line."""
    got: dict[str, object] = {}

    def command(*, other: bool = False, **answers: object) -> None:
        got.update(answers, other=other)

    app = typer.Typer(rich_markup_mode=None)
    app.command()(asking(questions, command))
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    return got


def nothing(dest: str = "", **answers: object) -> None:
    del dest, answers


def help_text(questions: tuple[Question, ...]) -> str:
    app = typer.Typer(rich_markup_mode=None)
    app.command()(asking(questions, nothing))
    return " ".join(CliRunner().invoke(app, ["--help"]).output.split())


def test_every_question_is_an_option() -> None:
    got = answered(small().questions, "--title", "Desk", "--jobs", "--workers", "3", "--other")

    assert (got["title"], got["jobs"], got["workers"], got["other"]) == ("Desk", True, "3", True)


def test_what_nobody_says_is_none() -> None:
    got = answered(small().questions, "--no-jobs")

    assert got.pop("jobs") is False
    assert got.pop("other") is False
    assert set(got.values()) == {None}


@pytest.mark.parametrize("piece", ["--cache memory|redis", "--jobs / --no-jobs", "[default: Desk]", "Name to import"])
def test_the_help_shows_what_copier_yml_says(piece: str) -> None:
    assert piece in help_text(small().questions)


def test_a_default_that_follows_from_other_answers_is_not_shown() -> None:
    assert "{{" not in help_text(template.load().questions)


def test_the_command_itself_stays_as_it_was() -> None:
    first, second = asking(small().questions, nothing), asking(small().questions, nothing)

    assert list(inspect.signature(nothing).parameters) == ["dest", "answers"]
    assert list(inspect.signature(first).parameters) == list(inspect.signature(second).parameters)
