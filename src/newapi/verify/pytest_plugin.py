"""Fixtures for the tests of a template: its variants, rendered once for each set of answers.

It is loaded into every pytest run of an environment that has newapi, so all else is imported when a test asks for it.
"""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

import pytest

if TYPE_CHECKING:
    from newapi.template import Value
    from newapi.verify.coverage import Strength
    from newapi.verify.fixtures import Projects, Rendered, Space

UNKNOWN = "There is no template: name it by --newapi-template, or by newapi_template in pytest's configuration."
SPACE = pytest.StashKey["Space"]()


class RenderVariant(Protocol):
    """Renders the project of the answers that are given, and of the defaults for all others."""

    def __call__(self, **answers: "Value") -> "Rendered": ...


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
    """What is wrong about the command line ends the run before it begins."""
    if any(config.getoption(f"newapi_{name}") for name in ("template", "select", "coverage", "data")):
        _variants(config)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if _asks(metafunc):
        try:
            names = _variants(metafunc.config)
        except pytest.UsageError as error:
            raise pytest.Collector.CollectError(str(error)) from error
        metafunc.parametrize("variant", names, indirect=True, scope="session")


@pytest.fixture(scope="session")
def variant(request: pytest.FixtureRequest, newapi_projects: "Projects") -> "Rendered":
    """One variant after the other: its name, its answers, and its project as a tree and on disk."""
    return newapi_projects.rendered(newapi_projects.space.variants[cast(str, request.param)])


@pytest.fixture(scope="session")
def render_variant(newapi_projects: "Projects") -> RenderVariant:
    """The project of any answers: `render_variant(database="postgresql")`."""

    def render(**answers: "Value") -> "Rendered":
        return newapi_projects.rendered(newapi_projects.space.variant(answers))

    return render


@pytest.fixture(scope="session")
def newapi_projects(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> "Projects":
    from newapi.verify.fixtures import Projects

    return Projects(lambda: tmp_path_factory.mktemp("variant") / "project", _space(pytestconfig))


def _variants(config: pytest.Config) -> Sequence[str]:
    """The names of the variants that tests run for."""
    with _in_words():
        return tuple(_space(config).variants)


def _space(config: pytest.Config) -> "Space":
    """Read the template, once in a run."""
    from newapi.verify.fixtures import Space

    if SPACE not in config.stash:
        with _in_words():
            config.stash[SPACE] = Space(
                _root(config),
                select=cast("list[str]", config.getoption("newapi_select")),
                coverage=cast("Strength | None", config.getoption("newapi_coverage")),
                data=cast("list[str]", config.getoption("newapi_data")),
            )
    return config.stash[SPACE]


def _root(config: pytest.Config) -> Path:
    """The folder that the command line names, else the configuration, else that of all tests if it is one."""
    if said := cast("str | None", config.getoption("newapi_template")):
        return config.invocation_params.dir / said
    if said := cast(str, config.getini("newapi_template")):
        return (config.inipath.parent if config.inipath else config.rootpath) / said
    if not (config.rootpath / "copier.yml").is_file():
        raise pytest.UsageError(UNKNOWN)
    return config.rootpath


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
    known = cast("Mapping[str, Sequence[pytest.FixtureDef[object]]]", getattr(metafunc, "_arg2fixturedefs", {}))
    for definition in reversed(known.get("variant", ())):
        if definition.func.__module__ == __name__:
            return True
        if "variant" not in definition.argnames:
            break
    return False
