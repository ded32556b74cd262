"""Where the project goes: checked by name before anything is made."""

import os
import re
import unicodedata
from pathlib import Path

from newapi import process
from newapi.errors import DiskError, UsageError, quoted
from newapi.staging import REPOSITORY

DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
SHOWN = 3


def find(dest: str) -> Path:
    """The absolute path that `dest` means, if a project can be made there."""
    if not dest.strip():
        raise UsageError("The target has no name.", "Name a folder, such as `newapi create order-desk`.")
    if unprintable := sorted({char for char in dest if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}}):
        raise UsageError(
            f"{quoted(dest)} has the character U+{ord(unprintable[0]):04X} in it, which nobody can see or type.",
            "Write the name without it.",
        )
    try:
        target = Path(dest).resolve()
        missing = _missing(target)
        _refuse_taken(target)
    except FileNotFoundError:  # where one is: whatever a command asks for it, the program says so
        raise
    except (OSError, RuntimeError) as error:  # RuntimeError: a link that leads to itself
        reason = error.strerror if isinstance(error, OSError) else "it is a link that leads to itself"
        raise UsageError(f"{quoted(dest)} cannot be a folder: {reason}.", "Choose another name.") from error
    for name in missing:
        _refuse_name(name)
    above = target.parents[max(len(missing) - 1, 0)]
    for folder in (above, *(() if missing else (target,))):
        if not os.access(folder, os.W_OK | os.X_OK):
            hint = "Choose another folder, or ask for the right to write there."
            raise DiskError(f"{folder} cannot be written to.", hint)
    _refuse_twin(above, missing[0] if missing else target.name)
    return target


def notes(dest: str, target: Path) -> tuple[str, ...]:
    """What a person may not expect of where the project goes."""
    said: list[str] = []
    if ".." in Path(dest).parts:
        said.append(f"{dest} is {target}.")
    if len(made := _missing(target)) > 1:
        said.append(f"The folders above it are made too: {os.path.join(*made[:-1])}.")  # noqa: PTH118 - it is shown
    return tuple(said)


def _missing(target: Path) -> tuple[str, ...]:
    """The last names of the path that do not exist yet."""
    count = 0
    while not [target, *target.parents][count].exists():
        count += 1
    return target.parts[len(target.parts) - count :]


def _refuse_name(name: str) -> None:
    hint = "Every system that the project may be checked out on must be able to have its name."
    if DEVICES.fullmatch(name):
        raise UsageError(f"{name!r} is a device on Windows, where no folder can have that name.", hint)
    if name != name.rstrip(". "):
        raise UsageError(f"{name!r} ends with a dot or a space, which Windows drops.", hint)
    if found := set('<>:"|?*\\') & set(name):
        raise UsageError(f"{name!r} has {min(found)} in it, which not every system allows in a name.", hint)
    if name.startswith("~"):
        raise UsageError(f"{name!r} is a name that the shell replaces.", "Write the path of your home folder instead.")


def _refuse_taken(target: Path) -> None:
    for above in target.parents:
        if above.exists() and not above.is_dir():
            raise UsageError(f"{above} is a file, so no folder can be made in it.", "Choose another folder.")
    if not target.exists():
        return
    if not target.is_dir():
        raise UsageError(f"{target} is a file.", "Choose another name for the project.")
    entries = sorted(entry.name for entry in target.iterdir())
    if entries == [REPOSITORY] and (commits := _commits(target)) is not None:
        if commits:
            raise UsageError(
                f"{target} is a repository that has commits.", "Name a folder in it, or a repository without any."
            )
    elif entries:
        more = f" and {len(entries) - SHOWN} more" if len(entries) > SHOWN else ""
        raise UsageError(
            f"{target} exists and is not empty: it has {', '.join(entries[:SHOWN])}{more}.",
            "Choose another name, or move away what is there.",
        )


def _commits(target: Path) -> bool | None:
    """Whether the repository in `target` has any; None where Git knows of no repository there."""
    found = process.run(("git", f"--git-dir={REPOSITORY}", "show-ref", "--head", "--quiet"), target)
    return {0: True, 1: False}.get(found.code)


def _refuse_twin(parent: Path, name: str) -> None:
    """Names that differ only in case or in the way of writing an accent are one name on many systems."""
    plain = _plain(name)
    for entry in parent.iterdir() if os.access(parent, os.R_OK) else ():
        if entry.name != name and _plain(entry.name) == plain:
            raise UsageError(
                f"{parent} has {entry.name} already, which is the same name as {name} on some systems.",
                "Choose a name that differs in more than case.",
            )


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
