"""Where a template comes from: this program, a folder, a repository, a bundle; as it is now, or as it once was."""

import os
import re
from pathlib import Path
from typing import NoReturn

from newapi import process, template
from newapi.errors import MissingError, UsageError, quoted
from newapi.process import Finished
from newapi.template import Template
from newapi.values import nearest

ADDRESS = re.compile(r"(https?|ssh|git|file)://|[\w.-]+@[\w.-]+:")
# Copier's short forms for the two large hosts.
SHORT = {"gh:": "https://github.com/", "gl:": "https://gitlab.com/"}
QUICK, SLOW = 60, 300  # seconds for what git does here, and for what it does over a network
SHOWN = 5


def resolve(where: str | None, ref: str | None, into: Path) -> Template:
    """Load the template at `where`, or this program's own; what is not in a folder yet is put `into` an empty one.

    Without `ref` a folder is taken as it stands and a repository at its HEAD. With `ref` it is what was committed
    there: nothing in the folder, its repository or its index is touched.
    """
    if ref is not None and (not ref or ref.startswith("-")):
        raise UsageError(f"{quoted(ref)} cannot be a commit, a tag or a branch.", "Name one, such as main or v1.2.0.")
    if where and (address := _address(where)):
        return _fetched(address, ref, into)
    root = Path(where).resolve() if where else template.load().root
    if not root.is_dir():
        raise UsageError(
            f"There is no template at {quoted(where)}: it is no folder, and no address of a repository.",
            "Give a folder with a copier.yml, or an address such as gh:owner/name.",
        )
    return template.load(root) if ref is None else _committed(root, ref, into)


def shown(address: str) -> str:
    """An address without the password that may stand in it."""
    return re.sub(r"(?<=//)[^/@\s]+@", "", address)


def _address(where: str) -> str:
    """What git fetches from; nothing when `where` is a folder, or nothing at all."""
    path = Path(where)
    if path.is_dir():
        return ""
    if path.suffix == ".bundle" and path.is_file():
        return str(path.resolve())
    for short, host in SHORT.items():
        if where.startswith(short):
            return f"{host}{where.removeprefix(short).strip('/').removesuffix('.git')}.git"
    address = where.removeprefix("git+")
    return address if ADDRESS.match(address) else ""


def _committed(root: Path, ref: str, into: Path) -> Template:
    """The template in the folder `root` as its repository has it at `ref`."""
    found = _git(root, "rev-parse", "--absolute-git-dir", "--show-prefix")
    if found.code:
        reason = "it is in no Git repository" if "not a git repository" in found.output else _reason(found)
        raise UsageError(f"{root} has no version {quoted(ref)}: {reason}.", "Give a template that is in a repository.")
    repository, _, prefix = found.output.partition("\n")
    commit = _git(root, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
    if commit.code:
        names = _git(root, "for-each-ref", "--sort=-creatordate", "--format=%(refname:short)")
        _unknown(str(root), ref, names.output.split(), "What only the server has comes with `git fetch`.")
    return _checked_out(f"{commit.output.split()[-1]}:{prefix.rstrip('/')}", Path(repository), into, f"{root} at {ref}")


def _fetched(address: str, ref: str | None, into: Path) -> Template:
    """The template that is a repository somewhere: one commit of it, without its history."""
    repository = into / "repository"
    into.mkdir(parents=True, exist_ok=True)
    _demand(_git(into, "init", "--quiet", "--bare", str(repository)), address)
    done = _fetch(repository, address, ref or "HEAD")
    if done.code and "find remote ref" in done.output:
        listed = _git(into, "ls-remote", "--refs", "--sort=-version:refname", "--", address, timeout=SLOW)
        names = [line.partition("/")[2].partition("/")[2] for line in listed.output.splitlines()]
        if ref or not names:
            _unknown(shown(address), ref or "HEAD", names, "A commit is named by all 40 digits of it.")
        done = _fetch(repository, address, names[0])  # a bundle made of tags alone: the newest one
    _demand(done, address)
    return _checked_out("FETCH_HEAD:", repository, into, shown(address) + (f" at {ref}" if ref else ""))


def _fetch(repository: Path, address: str, ref: str) -> Finished:
    shallow = () if address.endswith(".bundle") else ("--depth=1",)
    words = ("fetch", "--quiet", "--no-tags", *shallow, "--", address, ref)
    return _git(repository.parent, *words, timeout=SLOW, GIT_DIR=str(repository))


def _checked_out(tree: str, repository: Path, into: Path, said: str) -> Template:
    """Write a tree of git's to `into`, with an index of its own.

    Not by `git archive`, which leaves out what .gitattributes marks as `export-ignore`.
    """
    place = into / "template"
    place.mkdir(parents=True)
    places = {"GIT_DIR": str(repository), "GIT_WORK_TREE": str(place), "GIT_INDEX_FILE": str(into / "index")}
    done = _git(place, "read-tree", "--reset", "-u", "--no-sparse-checkout", tree, timeout=SLOW, **places)
    if done.code or not (place / "copier.yml").is_file():
        reason = _reason(done) if done.code else "there is no copier.yml"
        raise UsageError(f"{said} is not a template: {reason}.", "Name a version that has a copier.yml.")
    return template.load(place)


def _demand(done: Finished, address: str) -> None:
    """Raise when git did not bring what stands at `address`."""
    if done.code:
        raise UsageError(
            f"{shown(address)} cannot be fetched: {_reason(done)}.",
            "`git ls-remote` with that address shows whether it can be read from here; nobody is asked for a password.",
        )


def _unknown(where: str, ref: str, names: list[str], hint: str) -> NoReturn:
    known = f"It has {', '.join(names[:SHOWN])}{' and more' if len(names) > SHOWN else ''}. " if names else ""
    raise UsageError(f"{where} has no commit, tag or branch {quoted(ref)}{nearest(ref, names)}", known + hint)


def _reason(done: Finished) -> str:
    """Why git did not do it: what it says first is the cause, what it says last is that it gave up."""
    lines = [line for line in done.output.splitlines() if line and not line.startswith(("warning:", "hint:"))]
    return shown((lines or ["git failed"])[0].removeprefix("fatal: ").rstrip("."))


def _git(cwd: Path, *words: str, timeout: float = QUICK, **places: str) -> Finished:
    """Run git, which asks nobody for anything and speaks English."""
    askpass = os.environ.get("GIT_ASKPASS", "")  # one that was set for a machine answers by itself
    asking = {"GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": askpass, "SSH_ASKPASS_REQUIRE": "never", "LC_ALL": "C"}
    done = process.run(("git", *words), cwd, timeout=timeout, env=process.environment(**asking, **places))
    if done.code == process.NOT_FOUND:
        raise MissingError("git was not found.", "Install it, or give the template as a folder.")
    return done
