"""A job: the project of one variant made as `newapi create` makes it, and the checks that are to run on it."""

import hashlib
import shutil
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp

import msgspec

from newapi.errors import DiskError, NewapiError
from newapi.perform import perform
from newapi.plan import Plan
from newapi.steps import Outcome
from newapi.tree import write
from newapi.verify.check import Check
from newapi.verify.checks import CHECKS
from newapi.verify.model import Status
from newapi.verify.site import NotReadyError, Servers, Site
from newapi.verify.subject import Finding, Subject

INSTALL = "install"  # the stage before the checks, and not one of them
LONGEST_NAME = 100  # characters; the paths in a project come after it
LONGEST = 20_000  # characters of what a failed check printed that are carried along: its end is what matters


class Job(msgspec.Struct, frozen=True):
    """`kept` is the folder for projects whose checks fail, or for all of them where `keep` says so."""

    subject: Subject
    plan: Plan
    checks: tuple[str, ...]
    pins: tuple[str, ...]
    kept: str
    keep: bool = False


class Done(msgspec.Struct, frozen=True):
    """How one check of a job went."""

    check: str
    status: Status
    seconds: float
    output: str = ""
    note: str = ""


class Result(msgspec.Struct, frozen=True):
    """What came of a job; `folder` is where its project was kept, if it was."""

    variant: str
    done: tuple[Done, ...]
    folder: str = ""


class Event(msgspec.Struct, frozen=True):
    """What happens in a job while it runs: a check or a stage has begun, or has ended."""

    variant: str
    check: str
    status: Status | None = None
    seconds: float = 0.0


def work(job: Job, base: Path, servers: Servers, tell: Callable[[Event], None]) -> Result:
    """Do a job in a folder of its own below `base`; its project is gone afterwards, unless it is kept."""
    base.mkdir(exist_ok=True)
    prefix = f"{_folder(job.subject.variant.name)}-"
    home = Path(mkdtemp(prefix=prefix, dir=base))  # a job that was lost may have left one
    site = Site(job.subject, home / "project", home, servers, job.pins)
    try:
        done = tuple(_done(job, site, tell))
        failed = any(one.status == "failed" for one in done)
        return Result(job.subject.variant.name, done, _keep(site, job) if failed or job.keep else "")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def look(check: Check, subject: Subject) -> Done:
    """Make a check that needs the rendered tree alone, here and now."""
    return _made(check, Site(subject, Path(), Path()))


def keep(subject: Subject, projects: Path) -> str:
    """Write a project that was only looked at to where a person can do so too; the folder, if the disk takes it."""
    place = projects / _folder(subject.variant.name)
    with suppress(OSError, DiskError):
        shutil.rmtree(place, ignore_errors=True)
        write(subject.tree, place)
        return str(place)
    return ""


def _done(job: Job, site: Site, tell: Callable[[Event], None]) -> Iterator[Done]:
    name = job.subject.variant.name
    checks = [check for check in CHECKS if check.name in job.checks]
    installed = any(check.needs == "installed" for check in checks)
    tell(Event(name, INSTALL))
    problem, seconds = _create(job, site, installed=installed)
    tell(Event(name, INSTALL, "failed" if problem else "passed", seconds))
    for check in checks:
        if problem and check.needs == "installed":
            done = Done(check.name, "failed", seconds, _end_of(problem))
            seconds = 0.0
        else:
            tell(Event(name, check.name))
            done = _made(check, site)
        tell(Event(name, check.name, done.status, done.seconds))
        yield done


def _create(job: Job, site: Site, *, installed: bool) -> tuple[str, float]:
    """Make the project as a person gets it; why that failed, and how long it took."""
    start = time.monotonic()
    steps = job.plan.steps if installed else ()
    plan = msgspec.structs.replace(job.plan, target=site.folder, steps=steps)
    try:
        failed = [outcome for outcome in perform(plan, _Silent()) if outcome.status == "failed"]
    except NewapiError as error:
        return error.message, time.monotonic() - start
    said = "\n".join(f"$ {outcome.remaining}\n{outcome.output}" for outcome in failed)
    return said and f"It cannot be created:\n{said}", time.monotonic() - start


def _made(check: Check, site: Site) -> Done:
    start = time.monotonic()
    try:
        found = check.run(site)
    except NotReadyError as error:
        found = Finding(str(error))
    except NewapiError as error:
        found = Finding(f"{error.message} {error.hint}")
    except Exception:  # noqa: BLE001 - whatever happens in a check is the check's result
        found = Finding(f"The check itself failed, which is a bug in newapi:\n{traceback.format_exc()}")
    status: Status = "failed" if found.problem else "passed"
    return Done(check.name, status, time.monotonic() - start, _end_of(found.problem), found.note)


def _end_of(text: str) -> str:
    return text if len(text) <= LONGEST else f"… (the last {LONGEST} characters)\n{text[-LONGEST:]}"


def _folder(name: str) -> str:
    """The name of a variant, as far as a folder can have it."""
    return (
        name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    )


def _keep(site: Site, job: Job) -> str:
    """Move the project to where a person can look at it; its environment cannot be moved, and is made by `uv sync`."""
    place = Path(job.kept) / _folder(job.subject.variant.name)
    with suppress(OSError):
        shutil.rmtree(site.folder / ".venv", ignore_errors=True)
        shutil.rmtree(place, ignore_errors=True)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(site.folder, place)
        for log in site.beside.glob("*.log"):
            shutil.copy2(log, place)
        return str(place)
    return ""


class _Silent:
    def start(self, name: str) -> None:
        del name

    def finish(self, outcome: Outcome) -> None:
        del outcome
