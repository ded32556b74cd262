"""What the fixtures give to the tests of a template: its variants, each rendered once for all tests."""

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

import msgspec

from newapi import sources, template, tree
from newapi.answers import Answers, Questionnaire
from newapi.render import renderer
from newapi.tree import Tree
from newapi.verify import space
from newapi.verify.coverage import Strength
from newapi.verify.model import Variant
from newapi.verify.request import Request


class Rendered(msgspec.Struct, frozen=True):
    """A variant and its project, which all tests share: read it at `path`, and write to a `copy`."""

    name: str
    answers: Answers
    tree: Tree
    write: Callable[[Tree], Path]

    @property
    def path(self) -> Path:
        """The project's folder, written when it is first asked for."""
        return self.write(self.tree)

    def copy(self, to: Path) -> Path:
        """Write the project once more, to a folder that does not exist or is empty."""
        tree.write(self.tree, to)
        return to

    def __repr__(self) -> str:
        return f"Rendered({self.name!r})"


class Space:
    """A template, and what tests want of it: the same as `newapi verify` has by these names."""

    def __init__(self, root: Path, select: Sequence[str], coverage: Strength | None, data: Sequence[str]) -> None:
        self.questionnaire: Questionnaire = Questionnaire(template.load(root))
        self.fixed: Answers = sources.said(self.questionnaire, flags={}, data=data)
        self._request: Request = Request(
            self.questionnaire.template, select=tuple(select), coverage=coverage or "", fixed=self.fixed
        )

    @cached_property
    def variants(self) -> dict[str, Variant]:
        """The chosen ones by name, in the same order wherever they are asked for."""
        whole = tuple(space.walk(self.questionnaire, self.fixed))
        return {one.name: one for one in self._request.chosen_variants(self.questionnaire, whole)}

    def variant(self, answers: Answers) -> Variant:
        """The one that has these answers, and the defaults for all others."""
        return space.default(self.questionnaire, {**self.fixed, **answers})


class Projects:
    """What was rendered in this session; equal projects are one folder."""

    def __init__(self, folder: Callable[[], Path], chosen: Space) -> None:
        self.space: Space = chosen
        self._folder: Callable[[], Path] = folder
        self._render: Callable[[Answers], Tree] = renderer(chosen.questionnaire.template)
        self._trees: dict[str, Tree] = {}
        self._paths: dict[str, Path] = {}

    def rendered(self, variant: Variant) -> Rendered:
        key = repr(variant.answers)
        if key not in self._trees:
            self._trees[key] = self._render(variant.answers)
        return Rendered(variant.name, variant.answers, self._trees[key], self._written)

    def _written(self, project: Tree) -> Path:
        if project.digest not in self._paths:
            folder = self._folder()
            tree.write(project, folder)
            self._paths[project.digest] = folder
        return self._paths[project.digest]
