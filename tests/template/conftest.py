"""The template as its guards look at it."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from newapi import template
from newapi.answers import Questionnaire
from newapi.render import renderer
from newapi.template import Template
from newapi.tree import Tree
from newapi.verify import space
from newapi.verify.coverage import cover, preset_variants
from newapi.verify.model import Variant


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
def chosen(own: Template) -> list[Variant]:
    """Variants with every pair of answers, the presets among them."""
    questionnaire = Questionnaire(own, {"author_name": "Ada"})
    whole = list(space.walk(questionnaire, {}))
    return cover(whole, "pairs", preset_variants(questionnaire, {}))


@pytest.fixture(scope="session")
def variants(own: Template, chosen: list[Variant]) -> Mapping[str, Tree]:
    """The projects of these variants, by name."""
    render = renderer(own)
    return {variant.name: render(variant.answers) for variant in chosen}
