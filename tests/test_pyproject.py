import pytest

from newapi.pyproject import declared, dependencies, requires_python
from newapi.tree import File, Tree

ALL = b"""
[project]
dependencies = ["web>=2"]
optional-dependencies = { fast = ["Quick[x]>=1"] }
requires-python = ">=3.14"

[dependency-groups]
dev = ["lint", { include-group = "docs" }]
docs = ["pages"]
"""


def tree(text: bytes) -> Tree:
    return Tree({"pyproject.toml": File(text)})


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


def test_what_is_declared_is_everything_that_is_installed() -> None:
    assert declared(tree(ALL)) == {"web", "quick", "lint", "pages"}
    assert requires_python(tree(ALL)) == ">=3.14"


def test_a_file_that_is_no_toml_declares_nothing() -> None:
    assert declared(tree(b"[project")) == frozenset()
    assert not requires_python(tree(b"[project"))
