from pathlib import Path

import pytest

from newapi.tree import Difference, File, Tree
from newapi.wizard.costs import Cost, dependencies, measured
from newapi.wizard.model import start
from tests.questionnaires import questionnaire


def test_a_choice_costs_what_it_adds_to_the_leanest_one(tmp_path: Path) -> None:
    page = start(questionnaire(tmp_path), {"project_name": "Shop", "project_slug": "shop"})

    assert measured(page) == (
        Cost(
            than="Nowhere",
            files=Difference(added=("src/store.py",), removed=(), changed=("README.md",)),
            dependencies=(),
            dropped=(),
        ),
        Cost(
            than="Nowhere",
            files=Difference(
                added=("src/store/pool.py", "src/store/server.py"), removed=(), changed=("README.md", "pyproject.toml")
            ),
            dependencies=("client",),
            dropped=(),
        ),
        None,  # tape cannot be had
        None,  # nowhere is the leanest
    )


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, ()),
        ({"pyproject.toml": b"[tool.ruff]\n"}, ()),
        ({"pyproject.toml": b'[project]\ndependencies = ["b[x]>=1,<2", "a; sys_platform == \'win32\'"]\n'}, ("a", "b")),
    ],
)
def test_dependencies_are_the_names_in_the_project_file(files: dict[str, bytes], expected: tuple[str, ...]) -> None:
    assert dependencies(Tree({path: File(content) for path, content in files.items()})) == expected
