import pytest

from newapi.pyproject import declared, dependencies, python_version
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


def test_a_file_that_is_no_toml_declares_nothing() -> None:
    assert declared(tree(b"[project")) == frozenset()


@pytest.mark.parametrize(
    ("pinned", "expected"),
    [(None, ">=3.14"), (b"", ">=3.14"), (b"#\n\n", ">=3.14"), (b"# ours\n3.14\n3.15\n", "3.14"), (b"\xff", "\ufffd")],
)
def test_the_python_is_the_one_that_is_pinned_or_else_any_that_it_may_run_on(
    pinned: bytes | None, expected: str
) -> None:
    pin = {} if pinned is None else {".python-version": File(pinned)}
    assert python_version(Tree({**tree(ALL).files, **pin})) == expected


def test_a_file_that_is_no_toml_names_no_python() -> None:
    assert not python_version(tree(b"[project"))
