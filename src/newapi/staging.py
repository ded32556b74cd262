"""A hidden folder beside a target that becomes the target by one rename, or is gone."""

import errno
import os
import re
import secrets
import shutil
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from newapi.errors import DiskError, NewapiError, UsageError, quoted

try:
    import fcntl
except ImportError:  # Windows, where a folder cannot be locked
    fcntl = None

NAME = re.compile(r"\.newapi-[0-9a-f]{16}")
REPOSITORY = ".git"
A_DAY = 24 * 3600


@contextmanager
def place_for(target: Path) -> Generator[Path]:
    """Yield an empty folder that becomes `target` when the block ends well, and is removed when it does not.

    Where `target` has nothing but a repository, that comes along. Where parents of `target` are missing, the hidden
    folder stands for the first of them: even they come at once.
    """
    first = target
    while not first.parent.exists():
        first = first.parent
    try:
        sweep(first.parent)
        with _hidden(first.parent) as hidden:
            place = hidden
            for name in target.relative_to(first).parts:
                place /= name
                place.mkdir()
            yield place
            _move(hidden, first)
    except OSError as error:
        raise _refusal(error, target, first.parent) from error


def sweep(parent: Path) -> None:
    """Remove what killed runs of this user left in `parent`; a run that lives holds the lock on its folder."""
    for folder in parent.iterdir():
        if NAME.fullmatch(folder.name) and folder.is_dir() and not folder.is_symlink():
            with suppress(OSError):
                if _dead(folder):
                    _remove(folder)


@contextmanager
def _hidden(parent: Path) -> Generator[Path]:
    """Make a folder in `parent` and hold the lock on it; whatever is still there at the end goes."""
    folder, handle = parent, None
    while handle is None:
        folder = parent / f".newapi-{secrets.token_hex(8)}"
        folder.mkdir()
        handle = _lock(folder)
    try:
        yield folder
    finally:
        _remove(folder)
        if handle >= 0:
            os.close(handle)


def _remove(folder: Path) -> None:
    """Remove a hidden folder, unless a repository could not be taken back from it: that is somebody's own."""
    if not (folder / REPOSITORY).exists():
        shutil.rmtree(folder, ignore_errors=True)


def _lock(folder: Path) -> int | None:
    """A handle that holds the lock on `folder`; None when another run's sweep came first."""
    if fcntl is None:
        return -1
    try:
        handle = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    except OSError:  # a file system without locks: its leftovers are never swept
        return handle
    if folder.exists():
        return handle
    os.close(handle)
    return None


def _dead(folder: Path) -> bool:
    """Whether the run that made `folder` has ended."""
    if fcntl is None:
        return time.time() - folder.stat().st_mtime > A_DAY
    if folder.stat().st_uid != os.geteuid():
        return False
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        os.close(handle)
    return True


def _move(hidden: Path, target: Path) -> None:
    if target.exists():  # empty but for a repository: that and its rights are kept, its place is taken
        hidden.chmod(target.stat().st_mode & 0o7777)
    with _taken_along(target / REPOSITORY, hidden / REPOSITORY):
        if target.exists() and sys.platform == "win32":
            target.rmdir()
        hidden.rename(target)
    try:
        Path.cwd()
    except FileNotFoundError:  # the folder that was replaced: whoever stood in it stands in the new one
        os.chdir(target)


@contextmanager
def _taken_along(repository: Path, lent: Path) -> Generator[None]:
    """Let a repository, if there is one, be at its other place in the block, and take it back when that fails."""
    if not repository.exists():
        yield
        return
    try:
        repository.rename(lent)
        yield
    except BaseException:
        if lent.exists():
            repository.parent.mkdir(exist_ok=True)
            lent.rename(repository)
        raise


def _refusal(error: OSError, target: Path, parent: Path) -> NewapiError:
    """What the system's refusal means for the person."""
    elsewhere = "Choose another folder."
    match error.errno:
        case errno.ENOTEMPTY | errno.EEXIST | errno.ENOTDIR:
            return UsageError(f"Something else was made at {target} meanwhile; it was left as it is.", elsewhere)
        case errno.EBUSY | errno.EXDEV:
            return UsageError(f"{target} is a mount point, which cannot be replaced.", "Name a new folder inside it.")
        case errno.ENOENT:
            return DiskError(f"What was written for {target} was removed meanwhile.", "Create it once more.")
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            return DiskError(f"There is no room for the project in {parent}; nothing is left of it.", elsewhere)
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return DiskError(f"{parent} cannot be written to.", elsewhere)
        case _:
            return DiskError(f"{quoted(str(target))} cannot be written: {error.strerror or error}.", elsewhere)
