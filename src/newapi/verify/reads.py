"""Which files a check reads: variants whose bytes agree there share one run of it."""

import hashlib
import re
import tomllib
from collections.abc import Iterator
from fnmatch import translate
from functools import cache
from typing import cast

import msgspec

from newapi.template import Contract
from newapi.tree import File, Tree

PYPROJECT = "pyproject.toml"
# Keys of `[project]` that tell people something, and a program nothing.
TOLD = frozenset("authors classifiers description keywords license license-files maintainers readme urls".split())


class Reads(msgspec.Struct, frozen=True):
    """Patterns of paths, the last one that matches decides; `!` before one leaves out. A `*` goes over any `/`.

    Of pyproject.toml the `ignored` keys of `[project]` do not count. What `named` matches is looked for, and not read.
    """

    patterns: tuple[str, ...]
    ignored: frozenset[str] = frozenset()
    named: tuple[str, ...] = ()

    def also(self, *patterns: str) -> "Reads":
        return msgspec.structs.replace(self, patterns=(*self.patterns, *patterns))

    def without(self, *patterns: str) -> "Reads":
        return self.also(*(f"!{pattern}" for pattern in patterns))

    def of(self, contract: Contract) -> "Reads":
        """What is left of it where the template says that nothing reads the rest."""
        return msgspec.structs.replace(self.without(*contract.unread), ignored=self.ignored.union(contract.untold))

    def matches(self, path: str) -> bool:
        return _chosen(self.patterns)[path]

    def paths(self, tree: Tree) -> Iterator[str]:
        return filter(_chosen(self.patterns).__getitem__, tree)

    def digest(self, tree: Tree) -> str:
        """The same where all that is read is the same."""
        whole = hashlib.sha256()
        for path in self.paths(tree):
            file = tree.files[path]
            content = _essence(file, self.ignored) if self.ignored and path == PYPROJECT else file.digest
            whole.update(f"{content} {path}\n".encode())
        for path in filter(_chosen(self.named).__getitem__, tree):
            whole.update(f"{path}\n".encode())
        return whole.hexdigest()


class _Chosen(dict[str, bool]):
    """Whether patterns choose a path, for each path that was asked for."""

    def __init__(self, patterns: tuple[str, ...]) -> None:
        super().__init__()
        self._patterns: list[tuple[re.Pattern[str], bool]] = [
            (re.compile(translate(pattern.lstrip("!"))), not pattern.startswith("!")) for pattern in patterns
        ]

    def __missing__(self, path: str) -> bool:
        last = [chooses for pattern, chooses in self._patterns if pattern.match(path)]
        self[path] = found = bool(last) and last[-1]
        return found


_chosen = cache(_Chosen)


@cache
def _essence(file: File, ignored: frozenset[str]) -> str:
    """The digest of pyproject.toml without these keys of its project; of one that is broken, as it is."""
    try:
        document = cast("dict[str, object]", tomllib.loads(file.content.decode()))
    except ValueError:
        return file.digest
    project = document.get("project")
    if isinstance(project, dict):
        pairs = cast("dict[str, object]", project).items()
        document["project"] = {name: value for name, value in pairs if name not in ignored}
    return hashlib.sha256(repr(document).encode()).hexdigest()
