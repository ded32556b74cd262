"""What a choice brings and costs, measured: the project is rendered with each choice and the trees are compared."""

import re
import tomllib

import msgspec

from newapi.render import renderer
from newapi.tree import Difference, Tree, difference
from newapi.wizard.model import State


class Cost(msgspec.Struct, frozen=True):
    """What a choice changes in the project, compared with the leanest choice, whose name is `than`."""

    than: str
    files: Difference
    dependencies: tuple[str, ...]
    dropped: tuple[str, ...]


def measured(state: State) -> tuple[Cost | None, ...]:
    """The cost of each choice of the page; none for the leanest itself, and for those that cannot be had."""
    options = state.options
    render = renderer(state.questionnaire.template)
    trees = [None if reason else render(state.supposing(choice.value)) for choice, reason in options]
    to_be_had = [tree for tree in trees if tree is not None]
    if not to_be_had:
        return (None,) * len(trees)
    leanest = min(to_be_had, key=lambda tree: (len(dependencies(tree)), len(tree.files)))
    than = options[trees.index(leanest)][0].name
    return tuple(None if tree is None or tree is leanest else _compared(tree, leanest, than) for tree in trees)


def dependencies(tree: Tree) -> tuple[str, ...]:
    """What the service needs when it runs, as its pyproject.toml says; nothing where there is none."""
    file = tree.files.get("pyproject.toml")
    if file is None:
        return ()
    project = msgspec.convert(tomllib.loads(file.content.decode()).get("project", {}), _Project)
    return tuple(sorted({_name(requirement) for requirement in project.dependencies}))


class _Project(msgspec.Struct, frozen=True):
    dependencies: list[str] = []


def _name(requirement: str) -> str:
    found = re.match(r"[\w.-]+", requirement)
    return found.group() if found else requirement


def _compared(tree: Tree, leanest: Tree, than: str) -> Cost:
    mine, theirs = dependencies(tree), dependencies(leanest)
    return Cost(
        than=than,
        files=difference(leanest, tree),
        dependencies=tuple(name for name in mine if name not in theirs),
        dropped=tuple(name for name in theirs if name not in mine),
    )
