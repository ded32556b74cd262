"""Fixtures for the tests of a template: its variants, rendered once for each set of answers.

It is loaded into every pytest run of an environment that has newapi, so all else is imported when a test asks for it.
"""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

import pytest

if TYPE_CHECKING:
    from newapi.answers import Answers, Questionnaire
    from newapi.template import Value
    from newapi.tree import Tree
    from newapi.verify.model import Variant
    from newapi.verify.request import Strength

UNKNOWN = "There is no template: name it by --newapi-template, or by newapi_template in pytest's configuration."


@dataclass(frozen=True)
class Rendered:
    """A project that all tests share: read it at `path`, and write to a `copy`."""

    name: str
    answers: "Answers"
    tree: "Tree"
    _write: "Callable[[Tree], Path]" = field(repr=False)

    @property
    def path(self) -> Path:
        """The project's folder, written when it is first asked for."""
        return self._write(self.tree)

    def copy(self, to: Path) -> Path:
        """Write the project once more, to a folder that does not exist or is empty."""
        from newapi import tree

        tree.write(self.tree, to)
        return to


class RenderVariant(Protocol):
    """Renders the project of the answers that are given, and of the defaults for all others."""

    def __call__(self, **answers: "Value") -> Rendered: ...


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("newapi", "variants of a template")
    group.addoption("--newapi-template", metavar="PATH", help="the template whose variants tests ask for")
    group.addoption(
        "--newapi-select", metavar="PATTERN", action="append", default=[], help="variants by name; can be repeated"
    )
    group.addoption(
        "--newapi-coverage",
        choices=["each", "pairs", "triples", "all"],
        help="how many of them: until each answer, each pair or each triple of answers is in one (default: pairs)",
    )
    group.addoption(
        "--newapi-data", metavar="NAME=VALUE", action="append", default=[], help="an answer that does not vary"
    )
    parser.addini("newapi_template", "the folder of the template, as seen from this file")


def pytest_configure(config: pytest.Config) -> None:
    space = config.stash[SPACE] = _Space(config)
    if any(config.getoption(f"newapi_{name}") for name in ("template", "select", "coverage", "data")):
        space.variants  # noqa: B018 - what is wrong about the command line ends the run before it begins


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if _asks(metafunc):
        try:
            names = list(metafunc.config.stash[SPACE].variants)
        except pytest.UsageError as error:
            raise pytest.Collector.CollectError(str(error)) from error
        metafunc.parametrize("variant", names, indirect=True, scope="session")


@pytest.fixture(scope="session")
def variant(request: pytest.FixtureRequest, newapi_projects: "_Projects") -> Rendered:
    """One variant after the other: its name, its answers, and its project as a tree and on disk."""
    return newapi_projects.rendered(newapi_projects.space.variants[cast(str, request.param)])


@pytest.fixture(scope="session")
def render_variant(newapi_projects: "_Projects") -> RenderVariant:
    """The project of any answers: `render_variant(database="postgresql")`."""

    def render(**answers: "Value") -> Rendered:
        return newapi_projects.rendered(newapi_projects.space.variant(answers))

    return render


@pytest.fixture(scope="session")
def newapi_projects(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> "_Projects":
    return _Projects(pytestconfig.stash[SPACE], lambda: tmp_path_factory.mktemp("variant") / "project")


class _Space:
    """The template that tests are about and the variants of it that are asked for; read when a test needs them."""

    def __init__(self, config: pytest.Config) -> None:
        self._config: pytest.Config = config

    @cached_property
    def questionnaire(self) -> "Questionnaire":
        from newapi import template
        from newapi.answers import Questionnaire

        root = self._root()
        if root is None:
            raise pytest.UsageError(UNKNOWN)
        with _in_words():
            return Questionnaire(template.load(root))

    @cached_property
    def variants(self) -> "dict[str, Variant]":
        from newapi.verify import space
        from newapi.verify.request import Request

        select = tuple(cast("list[str]", self._config.getoption("newapi_select")))
        coverage = cast("Strength | None", self._config.getoption("newapi_coverage")) or ""
        with _in_words():
            request = Request(self.questionnaire.template, select=select, coverage=coverage, fixed=self._fixed)
            whole = tuple(space.walk(self.questionnaire, self._fixed))
            return {one.name: one for one in request.chosen_variants(self.questionnaire, whole)}

    def variant(self, answers: "Answers") -> "Variant":
        """The one that has these answers, and the defaults for all others."""
        from newapi.verify import space

        return space.default(self.questionnaire, {**self._fixed, **answers})

    @cached_property
    def _fixed(self) -> "Answers":
        from newapi import sources

        return sources.given(
            self.questionnaire, flags={}, data=cast("list[str]", self._config.getoption("newapi_data"))
        )

    def _root(self) -> Path | None:
        """The folder that the command line names, else the configuration, else that of all tests if it is one."""
        config = self._config
        if said := cast("str | None", config.getoption("newapi_template")):
            return config.invocation_params.dir / said
        if said := cast(str, config.getini("newapi_template")):
            return (config.inipath.parent if config.inipath else config.rootpath) / said
        return config.rootpath if (config.rootpath / "copier.yml").is_file() else None


class _Projects:
    """What was rendered in this session; equal projects are one folder."""

    def __init__(self, space: _Space, folder: Callable[[], Path]) -> None:
        from newapi.render import renderer

        self.space: _Space = space
        self._folder: Callable[[], Path] = folder
        self._render: Callable[[Answers], Tree] = renderer(space.questionnaire.template)
        self._trees: dict[str, Tree] = {}
        self._paths: dict[str, Path] = {}

    def rendered(self, one: "Variant") -> Rendered:
        key = repr(one.answers)
        if key not in self._trees:
            self._trees[key] = self._render(one.answers)
        return Rendered(one.name, one.answers, self._trees[key], self._path)

    def _path(self, tree: "Tree") -> Path:
        from newapi.tree import write

        if tree.digest not in self._paths:
            folder = self._folder()
            write(tree, folder)
            self._paths[tree.digest] = folder
        return self._paths[tree.digest]


SPACE = pytest.StashKey[_Space]()


@contextmanager
def _in_words() -> Generator[None]:
    """What is wrong with the template or with what is asked of it becomes one sentence of pytest's."""
    from newapi.errors import NewapiError

    try:
        yield
    except NewapiError as error:
        raise pytest.UsageError(f"{error.message} {error.hint}".strip()) from error


def _asks(metafunc: pytest.Metafunc) -> bool:
    """Whether a test has this module's `variant`, and not one of somebody else's making."""
    definitions = cast("dict[str, Sequence[pytest.FixtureDef[object]]]", getattr(metafunc, "_arg2fixturedefs", {}))
    for definition in reversed(definitions.get("variant", ())):
        if definition.func.__module__ == __name__:
            return True
        if "variant" not in definition.argnames:
            break
    return False
