"""A rendered project as a value, and how it is written to the disk."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

import msgspec

from newapi import staging
from newapi.errors import TemplateError


class File(msgspec.Struct, frozen=True):
    content: bytes
    executable: bool = False


class Tree(msgspec.Struct, frozen=True):
    """What stands at each path below the project's folder; paths have `/` on every system and are in order."""

    files: Mapping[str, File]

    def __post_init__(self) -> None:
        for path in self.files:
            if "\\" in path or "\0" in path or {"", ".", ".."} & set(path.split("/")):
                raise TemplateError(f"The template makes {path!r}, which is no path inside the project.")
        msgspec.structs.force_setattr(self, "files", dict(sorted(self.files.items())))

    def __iter__(self) -> Iterator[str]:
        return iter(self.files)

    @property
    def digest(self) -> str:
        """The same for the same paths, bytes and executable bits, on every machine."""
        whole = hashlib.sha256()
        for path, file in self.files.items():
            content = hashlib.sha256(file.content).hexdigest()
            whole.update(f"{'x' if file.executable else '-'} {content} {path}\n".encode())
        return whole.hexdigest()


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
    """Make the project at `target`, which does not exist or is empty: whole, or not at all."""
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
