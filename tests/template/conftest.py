"""The template as its guards look at it."""

import itertools
from collections.abc import Mapping
from pathlib import Path

import pytest

from newapi import template
from newapi.answers import Answers, Questionnaire
from newapi.render import renderer
from newapi.template import Template
from newapi.tree import Tree


@pytest.fixture(scope="session")
def own() -> Template:
    return template.load()


@pytest.fixture(scope="session")
def parts(own: Template) -> dict[str, Path]:
    """Each part's folder, by the part's name."""
    folders = [path for path in own.folder.iterdir() if path.is_dir() and path.name != "__pycache__"]
    return {path.name.removeprefix("{{part.").removesuffix("}}"): path for path in folders}


@pytest.fixture(scope="session")
def files(own: Template) -> list[Path]:
    """Every file of the template, below its folder."""
    found = (path for path in own.folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return sorted(path.relative_to(own.folder) for path in found)


@pytest.fixture(scope="session")
def variants(own: Template) -> Mapping[str, Tree]:
    """The project of every set of choices, by its name."""
    render = renderer(own)
    questionnaire = Questionnaire(own)
    asked = [question for question in own.questions if question.choices]
    return {
        "-".join(str(choice.value) for choice in row): render(questionnaire.complete(answers(own, row)))
        for row in itertools.product(*(question.choices for question in asked))
    }


def answers(own: Template, row: tuple[template.Choice, ...]) -> Answers:
    asked = [question.name for question in own.questions if question.choices]
    return {"author_name": "Ada", **dict(zip(asked, (choice.value for choice in row), strict=True))}
