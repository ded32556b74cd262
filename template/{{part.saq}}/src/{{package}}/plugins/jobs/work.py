"""Work: a function that a worker runs.

`async def send_report(state: State, *, customer: UUID) -> None` is one: `state` is the application's, and the rest is
what was given when it was queued. It may run twice, where a worker dies between the work and saying so: it has to come
to the same as running once.
"""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Concatenate, cast

import msgspec
from litestar.datastructures import State
from msgspec import Struct

type Work[**P] = Callable[Concatenate[State, P], Awaitable[File | None]]
type AnyWork = Callable[..., Awaitable[File | None]]


class File(Struct, frozen=True):
    """What a job leaves for whoever asked for it."""

    name: str
    media_type: str
    text: str


def name_of(work: AnyWork) -> str:
    return cast("str", getattr(work, "__qualname__", ""))


def written(work: AnyWork, *args: object, **kwargs: object) -> dict[str, object]:
    """What was given, by name and as it crosses the wire."""
    _, *given = inspect.signature(work).bind(None, *args, **kwargs).arguments.items()
    return cast("dict[str, object]", msgspec.to_builtins(dict(given)))


def read(work: AnyWork, given: Mapping[str, object]) -> dict[str, object]:
    """What was written, of the types that the function asks for."""
    kinds = inspect.signature(work).parameters
    return {
        name: cast("object", msgspec.convert(value, cast("type", kinds[name].annotation)))
        for name, value in given.items()
    }
