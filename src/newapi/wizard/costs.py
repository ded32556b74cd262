"""What a choice brings and costs, measured: the project is rendered with each choice and the trees are compared."""

import msgspec

from newapi.pyproject import dependencies
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


def _compared(tree: Tree, leanest: Tree, than: str) -> Cost:
    mine, theirs = dependencies(tree), dependencies(leanest)
    return Cost(
        than=than,
        files=difference(leanest, tree),
        dependencies=tuple(name for name in mine if name not in theirs),
        dropped=tuple(name for name in theirs if name not in mine),
    )
