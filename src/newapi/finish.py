"""The steps that make a rendered project a working one: settings, lock, environment, first commit, checks."""

import os
import re
import secrets
import shlex
import time
from pathlib import Path

import msgspec

from newapi import process
from newapi.errors import TemplateError
from newapi.staging import REPOSITORY
from newapi.steps import Command, Outcome, Step
from newapi.template import Template


class Switches(msgspec.Struct, frozen=True):
    """Which steps are wanted; each of them has a flag that switches it off."""

    git: bool = True
    sync: bool = True
    check: bool = True

    @property
    def flags(self) -> tuple[str, ...]:
        return tuple(f"--no-{name}" for name in self.__struct_fields__ if not getattr(self, name))


def steps(template: Template, switches: Switches) -> tuple[Step, ...]:
    """The steps in order. The first commit has the lock file in it; the checks need what the lock file installs."""
    chosen: list[Step] = [Settings()]
    if switches.sync:
        chosen.append(Command("lock", ("uv", "lock", *_constraints(template)), "uv lock"))
        chosen.append(Command("sync", ("uv", "sync"), "uv sync", needs=("lock",)))
    if switches.git:
        chosen.append(Commit(f"Start from newapi {template.version}"))
    if switches.check and switches.sync:
        chosen.append(Command("check", ("make", "check"), "make check", needs=("sync",), optional=True))
    return tuple(chosen)


class Settings(msgspec.Struct, frozen=True):
    """Makes the service's own `.env` of the example in the project, with secrets that nobody has seen."""

    name: str = "settings"
    command: str = "make .env"
    needs: tuple[str, ...] = ()

    def run(self, project: Path) -> Outcome:
        start = time.monotonic()
        example, place = project / ".env.example", project / ".env"
        if place.exists() or not example.exists():
            return Outcome(self.name, "skipped", reason="the template has no settings to fill in")
        try:
            text = _filled_in(example.read_text("utf-8"))
            handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
                stream.write(text)
        except (OSError, ValueError) as error:
            return Outcome(self.name, "failed", output=str(error), remaining=self.command)
        return Outcome(self.name, "passed", time.monotonic() - start)


class Commit(msgspec.Struct, frozen=True):
    """Makes a repository with the whole project as its first commit, whatever the user's own Git is set up to do.

    One that is there already has no commits, and keeps all that it has. Where the lock failed there is no commit yet: a
    clone could not be checked or built.
    """

    message: str
    name: str = "git"
    needs: tuple[str, ...] = ("lock",)

    @property
    def command(self) -> str:
        return f"git init -b main && git add -A && git commit -m {shlex.quote(self.message)}"

    def run(self, project: Path) -> Outcome:
        inside = process.run(("git", "rev-parse", "--show-toplevel"), project)
        if inside.code == process.NOT_FOUND:
            return Outcome(self.name, "skipped", reason="git is not installed", remaining=self.command)
        own = (project / REPOSITORY).exists()
        ignored = inside.code == 0 and process.run(("git", "check-ignore", "--quiet", "."), project).code == 0
        if inside.code == 0 and not (own or ignored):
            return Outcome(
                self.name, "skipped", reason=f"it lies in the repository {inside.output}, to commit it there"
            )
        start, output = time.monotonic(), ""
        author = process.environment(**_identity(project))
        init = ("-c", "init.defaultBranch=main", "init", "--quiet", "--template=")
        for arguments in (
            *(() if own else (init,)),
            ("-c", f"core.excludesFile={os.devnull}", "add", "--all", "."),
            ("rm", "--cached", "--quiet", "--ignore-unmatch", "--", ".env"),  # if the template does not ignore it
            ("-c", "commit.gpgSign=false", "commit", "--quiet", "--no-verify", "--message", self.message),
        ):
            isolated = ("git", "-c", f"core.hooksPath={os.devnull}", "-c", "core.autocrlf=false", *arguments)
            done = process.run(isolated, project, env=author)
            output += done.output
            if done.code:
                return Outcome(self.name, "failed", time.monotonic() - start, output, remaining=self.command)
        return Outcome(self.name, "passed", time.monotonic() - start, output)


def _filled_in(example: str) -> str:
    """The example with a new secret wherever one is left empty."""
    return re.sub(r"(?m)^(\w+_SECRET)=$", lambda line: f"{line[1]}={secrets.token_urlsafe(48)}", example)


def pins(template: Template) -> tuple[str, ...]:
    """The versions that the template was verified with, each as `name==version`."""
    if template.versions is None:
        return ()
    try:
        lines = template.versions.read_text("utf-8").splitlines()
    except OSError as error:
        raise TemplateError(f"{template.versions} cannot be read: {error.strerror}.") from error
    return tuple(pin for line in lines if (pin := line.split("#")[0].strip()))


def _constraints(template: Template) -> tuple[str, ...]:
    """The pins as `uv lock` takes them.

    A lock that is made so holds them, has no trace of having been told, and is free to be upgraded.
    """
    return tuple(word for pin in pins(template) for word in ("--upgrade-package", pin))


def _identity(project: Path) -> dict[str, str]:
    """An author for the first commit where Git knows of none."""
    known = process.run(("git", "config", "--get-regexp", r"^user\.(name|email)$"), project).output
    if {"user.name", "user.email"} <= {line.split(" ")[0] for line in known.splitlines()}:
        return {}
    names = {"GIT_AUTHOR_NAME": "newapi", "GIT_AUTHOR_EMAIL": "newapi@localhost"}
    names |= {name.replace("AUTHOR", "COMMITTER"): value for name, value in names.items()}
    return {name: value for name, value in names.items() if name not in os.environ}
