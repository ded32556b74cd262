"""A rendered project as a value, and how it is written to the disk."""

import functools
import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

import msgspec

from newapi import staging
from newapi.errors import TemplateError

OUTSIDE = ("//", "/./", "/../", "\\", "\0")  # what no path has in it, once it stands between slashes


class File(msgspec.Struct, frozen=True, dict=True):
    content: bytes
    executable: bool = False

    @functools.cached_property
    def digest(self) -> str:
        """The same for the same bytes and executable bit."""
        return f"{'x' if self.executable else '-'} {hashlib.sha256(self.content).hexdigest()}"


class Tree(msgspec.Struct, frozen=True):
    """What stands at each path below the project's folder; paths have `/` on every system and are in order."""

    files: Mapping[str, File]

    def __post_init__(self) -> None:
        if self.files and _outside("/\n/".join(self.files)):
            path = next(filter(_outside, self.files))
            raise TemplateError(f"The template makes {path!r}, which is no path inside the project.")
        msgspec.structs.force_setattr(self, "files", dict(sorted(self.files.items())))

    def __iter__(self) -> Iterator[str]:
        return iter(self.files)

    @property
    def digest(self) -> str:
        """The same for the same paths, bytes and executable bits, on every machine."""
        lines = [f"{file.digest} {path}\n" for path, file in self.files.items()]
        return hashlib.sha256("".join(lines).encode()).hexdigest()


def _outside(path: str) -> bool:
    return any(part in f"/{path}/" for part in OUTSIDE)


class Difference(msgspec.Struct, frozen=True):
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]

    @property
    def empty(self) -> bool:
        return not (self.added or self.removed or self.changed)


def difference(old: Tree, new: Tree) -> Difference:
    """Which paths it takes to come from `old` to `new`."""
    return Difference(
        added=tuple(path for path in new.files if path not in old.files),
        removed=tuple(path for path in old.files if path not in new.files),
        changed=tuple(path for path, file in new.files.items() if path in old.files and old.files[path] != file),
    )


def write(tree: Tree, target: Path) -> None:
    """Make the project at `target`, which has a repository at most: whole, or not at all."""
    with staging.place_for(target) as folder:
        # One level after the other: were `folder` removed meanwhile, nothing may make it again.
        for above in sorted({above for path in tree for above in PurePosixPath(path).parents} - {PurePosixPath()}):
            (folder / above).mkdir()
        for path, file in tree.files.items():
            place = folder / path
            with place.open("xb") as stream:
                stream.write(file.content)
            if file.executable:
                mode = place.stat().st_mode
                place.chmod(mode | (mode & 0o444) >> 2)  # whoever can read it can run it: the umask holds
