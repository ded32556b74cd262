"""Checks of the project at rest: its lock, its code, its types, its migrations, its own tests."""

import re
import shlex
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec

from newapi.pyproject import declared
from newapi.verify import tools
from newapi.verify.check import Check
from newapi.verify.reads import PYPROJECT, TOLD, Reads
from newapi.verify.site import Site
from newapi.verify.subject import Finding, Subject

# What decides how a project is installed, beside its code.
INSTALLED = (PYPROJECT, ".python-version", "uv.toml", "setup.cfg", "MANIFEST.in")
SOURCES = Reads(("*.py", "*.pyi", *INSTALLED), ignored=TOLD)
# Whatever runs can read everything, but for what the contract says is unread.
RUNNING = Reads(("*", "!.copier-answers.yml"))
TYPE_CHECKERS = (
    ("basedpyright", ("basedpyright", "--warnings")),
    ("pyright", ("pyright", "--warnings")),
    ("mypy", ("mypy", ".")),
    ("ty", ("ty", "check")),
)
# How pytest counts tests that say nothing: "3 skipped", "1 xfailed".
SILENT = re.compile(r"\b(\d+ (?:skipped|xfailed|deselected))\b")
SUITE_TIMEOUT = 900.0


class _Package(msgspec.Struct, frozen=True):
    name: str
    version: str = ""
    source: dict[str, object] = {}


class _Lock(msgspec.Struct, frozen=True):
    package: list[_Package] = []


def lock(site: Site) -> Finding:
    """The lock holds what the template was verified with, and each dependency is imported by something."""
    problems = list(_unpinned(site))
    borrowed = () if site.has("deptry") else ("uv", "run", "--frozen", "--with", tools.pins()["deptry"])
    return _verdict(site, ((*borrowed, "deptry", "--no-ansi", "."),), problems=problems)


def _unpinned(site: Site) -> Iterator[str]:
    """What is locked at another version than the template's, or at one that the template does not name."""
    locked = msgspec.convert(tomllib.loads((site.folder / "uv.lock").read_text("utf-8")), _Lock)
    pins = dict(pin.split("==") for pin in site.pins)
    for package in locked.package:
        if not pins or "registry" not in package.source:
            continue
        pin = pins.get(package.name)
        if pin is None:
            yield f"{package.name} {package.version} is locked, and the template pins no version of it."
        elif pin != package.version:
            yield f"{package.name} is locked at {package.version}; the template's pin is {pin}."


def lint(site: Site) -> Finding:
    """Ruff has nothing to say, and the arrows between modules go where the project says."""
    commands: list[tuple[str, ...]] = [
        ("ruff", "format", "--check", "."),
        ("ruff", "check", "--output-format", "concise", "."),
    ]
    if site.has("lint-imports"):
        commands.append(("lint-imports", "--no-logo"))
    return _verdict(site, commands)


def types(site: Site) -> Finding:
    """The type checker of the project finds no error, and no warning where it knows warnings."""
    command = next(command for program, command in TYPE_CHECKERS if site.has(program))
    return _verdict(site, (command,))


def migrations(site: Site) -> Finding:
    """The project's own commands find nothing in the models that the migrations lack."""
    terms = site.subject.contract
    with site.settled(terms.settings) as given:
        return _verdict(site, list(map(given.filled, terms.migrations)), given.settings)


def suite(site: Site) -> Finding:
    """Its own tests pass, at its own floor of coverage, and leave nothing behind that Git would see."""
    terms = site.subject.contract
    with site.settled(terms.test_settings) as given:
        found = _verdict(site, (given.filled(terms.test),), given.settings, timeout=SUITE_TIMEOUT)
    return Finding(found.problem or left("The tests", site), found.note)


def left(whose: str, site: Site) -> str:
    """What Git sees in the project that was not there when it was made."""
    if not (site.folder / ".git").exists():
        return ""
    files = site.run(("git", "status", "--porcelain"), 60).output
    return f"{whose} leave files that are not ignored:\n{files}" if files else ""


def _verdict(
    site: Site,
    commands: Iterable[str | Sequence[str]],
    settings: Mapping[str, str] | None = None,
    *,
    timeout: float = 300,
    problems: Sequence[str] = (),
) -> Finding:
    """Run all of the commands; what failed is the problem, and tests that said nothing are worth a note."""
    failed, note = list(problems), ""
    for command in commands:
        done = site.run(command, timeout, settings)
        said = command if isinstance(command, str) else shlex.join(command)
        if done.code:
            failed.append(f"$ {said}\n{done.output}\n(exit code {done.code})")
        note = ", ".join(SILENT.findall(done.output)) or note
    return Finding("\n".join(failed), note)


def declares(*names: str) -> Callable[[Subject], str]:
    """Applies where one of these is a dependency."""

    def absent(subject: Subject) -> str:
        return "" if declared(subject.tree).intersection(names) else f"it does not use {' or '.join(names)}"

    return absent


def _has_project(subject: Subject) -> str:
    return "" if PYPROJECT in subject.tree.files else f"it has no {PYPROJECT}"


def says(*terms: str) -> Callable[[Subject], str]:
    """Applies where the template's contract has these terms for the variant."""

    def absent(subject: Subject) -> str:
        missing = [f"`{term}`" for term in terms if not getattr(subject.contract, term)]
        return f"the template does not say {' or '.join(missing)} for it" if missing else ""

    return absent


AT_REST = (
    Check(
        name="lock",
        tier="static",
        about="installs from a lock with the template's pins; no dependency is missing or there for nothing",
        reads=Reads(("*.py", *INSTALLED), named=("README*", "LICENSE*")),  # a build asks only that they are there
        seconds=4,
        absent=_has_project,
        run=lock,
        tools=("deptry",),
    ),
    Check(
        name="lint",
        tier="static",
        about="ruff check, ruff format and the arrows between modules",
        reads=SOURCES.also("*ruff.toml", ".importlinter", ".gitignore", "*.ipynb"),
        seconds=2,
        absent=declares("ruff"),
        run=lint,
    ),
    Check(
        name="types",
        tier="static",
        about="the project's type checker: no error, no warning",
        reads=SOURCES.also("*py.typed", "*pyrightconfig.json", "*mypy.ini", "ty.toml", ".gitignore"),
        seconds=15,
        absent=declares(*(name for name, _ in TYPE_CHECKERS)),
        run=types,
    ),
)

MIGRATIONS = Check(
    name="migrations",
    tier="full",
    about="the migrations say what the models say",
    reads=RUNNING.without("tests/*"),
    seconds=4,
    absent=says("migrations"),
    run=migrations,
    served=True,
)

SUITE = Check(
    name="suite",
    tier="full",
    about="its own tests at its own floor of coverage, on real servers, nothing left behind",
    reads=RUNNING,
    seconds=20,
    absent=says("test"),
    run=suite,
    served=True,
)
