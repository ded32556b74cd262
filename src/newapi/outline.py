"""Paths as a tree in plain text, one line an entry: the wizard and the plan show the same one."""

from collections.abc import Iterable, Iterator
from typing import TypeAlias

Node: TypeAlias = "dict[str, Node]"  # a file is a node with nothing in it


def outline(paths: Iterable[str], most: int = 200) -> list[str]:
    """Draw the tree; where it has more than `most` lines, its deepest folders become a line with a number of files."""
    root: Node = {}
    deepest = 1
    for path in paths:
        node = root
        parts = path.split("/")
        deepest = max(deepest, len(parts))
        for part in parts:
            node = node.setdefault(part, {})
    while deepest > 1 and _size(root, deepest) > most:
        deepest -= 1
    return list(_lines(root, deepest))


def _size(node: Node, depth: int) -> int:
    return sum(1 + (_size(below, depth - 1) if depth > 1 else 0) for below in node.values())


def _files(node: Node) -> int:
    return sum(_files(below) for below in node.values()) if node else 1


def _lines(node: Node, depth: int, indent: str = "") -> Iterator[str]:
    folders_first = sorted(node.items(), key=lambda entry: (not entry[1], entry[0]))
    for number, (name, below) in enumerate(folders_first, start=1):
        branch, rest = ("└── ", "    ") if number == len(node) else ("├── ", "│   ")
        if not below:
            yield f"{indent}{branch}{name}"
        elif depth == 1:
            count = _files(below)
            yield f"{indent}{branch}{name}/  {count} file{'s' if count > 1 else ''}"
        else:
            yield f"{indent}{branch}{name}/"
            yield from _lines(below, depth - 1, indent + rest)
