"""Plain Copier renders it too."""

import shutil
from pathlib import Path

import pytest
from pytest_copie.plugin import Copie, Result

from newapi.template import Template


@pytest.fixture(scope="session")
def copied(own: Template, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template in a folder that is no repository: Copier warns of changes that are not committed."""
    folder = tmp_path_factory.mktemp("template")
    shutil.copytree(own.folder, folder / "template")
    shutil.copy(own.root / "copier.yml", folder)
    return folder


def copy(copie: Copie, template: Path, **answers: str) -> Result:
    return copie.copy(answers, template)  # pyright: ignore[reportUnknownMemberType] - it does not say which dict it takes


@pytest.mark.parametrize("database", ["sqlite", "postgresql", "none"])
@pytest.mark.parametrize("auth", ["jwt", "none"])
def test_every_variant_is_rendered(copie: Copie, copied: Path, database: str, auth: str) -> None:
    result = copy(copie, copied, database=database, auth=auth)

    assert (result.exception, result.exit_code) == (None, 0)
    assert result.project_dir
    plugins = result.project_dir / "src" / "order_desk" / "plugins"
    assert (plugins / "auth").is_dir() == (auth == "jwt")
    assert (plugins / "database").is_dir() == (database != "none")
    assert f"database: {database}" in (result.project_dir / ".copier-answers.yml").read_text()


def test_a_choice_that_is_none_is_refused(copie: Copie, copied: Path) -> None:
    result = copy(copie, copied, database="oracle")

    assert result.exit_code != 0
