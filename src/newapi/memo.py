"""What was rendered is kept by the values that it read, and rendered again only where one of them is another.

A `Memo` is a decision tree. Each step names the value that is read next, and branches by what it is; at the end of a
branch stands a result. That is exact: what has read the same values so far reads the same one next.
"""

import functools
import marshal
from collections.abc import Callable, Hashable, Iterator, Mapping
from types import FunctionType
from typing import Generic, TypeAlias, TypeGuard, TypeVar, cast

import msgspec

Key: TypeAlias = str | tuple[str, str]  # a name, or an item of the mapping that has this name
T = TypeVar("T")

ABSENT = msgspec.UNSET
UNKNOWN = object()  # stands for a value that is no data; what has read one is not kept
SCOPE = "\0scope"  # a name that no template can say
TRIAL = 1_000  # results after which a memo has to be of use
MOST = 20_000  # results in a memo


class Scope(dict[Key, Hashable]):
    """The values that can be read. As a dict it holds each of them in a form in which it can be compared.

    The scope of an included template stands on the one `above`, and has values of its own for some names.
    """

    def __init__(self, names: Mapping[str, object], above: "Scope | None" = None) -> None:
        super().__init__()
        self.names: Mapping[str, object] = names
        self.above: Scope | None = above
        self.readers: list[tuple[dict[Key, Hashable], Scope]] = [] if above is None else above.readers

    @functools.cached_property
    def mappings(self) -> dict[str, dict[str, object]]:
        """Those of the values whose items are read one by one."""
        return {name: value for name, value in self.names.items() if _has_names(value)}

    @functools.cached_property
    def visible(self) -> dict[str, object]:
        """What Jinja gets to see: it tells what is read of it."""
        watched = {name: Watched(name, items, self) for name, items in self.mappings.items()}
        return {**self.names, **watched, SCOPE: self}

    def read(self, key: Key) -> None:
        """Tell all that is being rendered; in an included template a name can have another value."""
        for seen, scope in self.readers:
            if key not in seen:
                seen[key] = scope[key]

    def __missing__(self, key: Key) -> Hashable:
        self[key] = found = self._comparable(key)
        return found

    def _comparable(self, key: Key) -> Hashable:
        if isinstance(key, tuple):
            if self.above is not None:
                return self.above[key]
            name, item = key
            return comparable(self.mappings.get(name, {}).get(item, ABSENT))
        value = self.names.get(key, ABSENT)
        if self.above is not None:
            return self.above[key] if value is self.above.visible.get(key, ABSENT) else comparable(value)
        # Of a mapping its keys are read at first, and then the items that are asked for.
        return b"keys" + marshal.dumps(list(self.mappings[key]), 0) if key in self.mappings else comparable(value)


class Memo(Generic[T]):
    """The results of one function, which reads nothing but the scope.

    One that is full starts anew. One in which less is found than is put into it soon does no more.
    """

    def __init__(self) -> None:
        self._steps: dict[Hashable, _Read[T] | _Made[T]] = {}  # one, the first
        self._made: int = 0
        self._found: int = 0
        self._useful: bool = True

    def get(self, scope: Scope, make: Callable[[], T]) -> T:
        if not self._useful:
            return make()
        step = self._steps.get(None)
        while isinstance(step, _Read):
            step = step.then.get(scope[step.key])
        if step is None:
            return self._make(scope, make)
        self._found += 1
        for key in step.reads if scope.readers else ():
            scope.read(key)
        return step.result

    def _make(self, scope: Scope, make: Callable[[], T]) -> T:
        seen: dict[Key, Hashable] = {}
        scope.readers.append((seen, scope))
        try:
            result = make()
        finally:
            scope.readers.pop()
        if UNKNOWN not in seen.values():
            self._keep(seen, result)
        return result

    def _keep(self, seen: Mapping[Key, Hashable], result: T) -> None:
        self._useful = self._made != TRIAL or self._found >= TRIAL
        if self._made == MOST or not self._useful:
            self._steps, self._made, self._found = {}, 0, 0
        self._made += 1
        steps, at = self._steps, None
        for key, value in seen.items():
            step = steps.setdefault(at, _Read(key))
            if not isinstance(step, _Read) or step.key != key:
                return  # what it reads is left to chance
            steps, at = step.then, value
        steps[at] = _Made(result, tuple(seen))


class _Read(Generic[T]):
    __slots__: tuple[str, ...] = ("key", "then")

    def __init__(self, key: Key) -> None:
        self.key: Key = key
        self.then: dict[Hashable, _Read[T] | _Made[T]] = {}


class _Made(Generic[T]):
    __slots__: tuple[str, ...] = ("reads", "result")

    def __init__(self, result: T, reads: tuple[Key, ...]) -> None:
        self.result: T = result
        self.reads: tuple[Key, ...] = reads


class Watched(Mapping[str, object]):
    """A mapping that tells which of its items are read. No dict, whose items C code takes without asking."""

    def __init__(self, name: str, items: Mapping[str, object], scope: Scope) -> None:
        self.__name: str = name
        self.__items: Mapping[str, object] = items
        self.__scope: Scope = scope

    def __getitem__(self, key: str) -> object:
        self.__scope.read((self.__name, key))
        return self.__items[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.__items)

    def __len__(self) -> int:
        return len(self.__items)

    def __repr__(self) -> str:
        return repr(dict(self))


def _has_names(value: object) -> TypeGuard[dict[str, object]]:
    return isinstance(value, dict) and all(isinstance(key, str) for key in cast("dict[object, object]", value))


def comparable(value: object) -> Hashable:
    """Equal to another one only where nothing can tell the difference: True is not 1, and `{}` is not `[]`."""
    if type(value) is str or value is ABSENT or type(value) in {type, FunctionType}:  # such as Jinja's `namespace`
        return cast(Hashable, value)
    try:
        return marshal.dumps(cast(str, value), 0)  # it takes nothing but data
    except ValueError:
        return UNKNOWN
