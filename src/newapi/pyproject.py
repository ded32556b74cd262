"""What a project's pyproject.toml declares."""

import functools
import re
import tomllib
from collections.abc import Iterable

import msgspec

from newapi.tree import File, Tree

NAME = re.compile(r"[\w.-]+")


class _Project(msgspec.Struct, frozen=True, rename="kebab"):
    dependencies: list[str] = []
    optional_dependencies: dict[str, list[str]] = {}
    requires_python: str = ""


class _Document(msgspec.Struct, frozen=True, rename="kebab"):
    project: _Project = _Project()
    dependency_groups: dict[str, list[object]] = {}
    tool: dict[str, object] = {}


def dependencies(tree: Tree) -> tuple[str, ...]:
    """What the service needs when it runs; nothing where there is no such file."""
    return tuple(sorted({_name(requirement) for requirement in _read(tree).project.dependencies}))


def declared(tree: Tree) -> frozenset[str]:
    """Everything that is installed with it, for development too; nothing where the file cannot be read."""
    try:
        document = _read(tree)
    except ValueError:
        return frozenset()
    optional = (one for some in document.project.optional_dependencies.values() for one in some)
    groups = (one for some in document.dependency_groups.values() for one in some if isinstance(one, str))
    return _names((*document.project.dependencies, *optional, *groups))


def python_version(tree: Tree) -> str:
    """The Python that uv takes for it: the one of `.python-version`, or else any that it may run on.

    Empty where it does not say, or the file cannot be read.
    """
    pinned = tree.files.get(".python-version")
    lines = pinned.content.decode(errors="replace").splitlines() if pinned else []
    if named := next((line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")), ""):
        return named
    try:
        return _read(tree).project.requires_python
    except ValueError:
        return ""


def _read(tree: Tree) -> _Document:
    """Raise ValueError for what is no TOML or no project."""
    return _parsed(tree.files.get("pyproject.toml"))


@functools.lru_cache(maxsize=8)  # one project is asked by many, one after the other
def _parsed(file: File | None) -> _Document:
    return msgspec.convert(tomllib.loads(file.content.decode()) if file else {}, _Document)


def _names(requirements: Iterable[str]) -> frozenset[str]:
    return frozenset(_name(requirement).lower() for requirement in requirements)


def _name(requirement: str) -> str:
    found = NAME.match(requirement)
    return found.group() if found else requirement
