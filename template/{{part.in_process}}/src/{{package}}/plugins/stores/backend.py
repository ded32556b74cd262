"""Where things are kept and counted: in the memory of this process, so each worker has its own."""

import time
from datetime import timedelta
from math import ceil
from typing import override

from litestar.datastructures import State
from litestar.stores.memory import MemoryStore
from litestar.stores.registry import StoreRegistry

MOST_ENTRIES = 10_000
SWEEP_SECONDS = 60


class BoundedStore(MemoryStore):
    """Litestar's own keeps any number of entries, and those that have expired until somebody asks for them."""

    def __init__(self, most: int = MOST_ENTRIES) -> None:
        super().__init__()
        self.most = most
        self.by_age: dict[str, None] = {}

    @override
    async def set(self, key: str, value: str | bytes, expires_in: int | timedelta | None = None) -> None:
        _ = self.by_age.pop(key, None)
        self.by_age[key] = None
        await super().set(key, value, expires_in)
        while len(self.by_age) > self.most:
            await self.delete(next(iter(self.by_age)))

    @override
    async def delete(self, key: str) -> None:
        _ = self.by_age.pop(key, None)
        await super().delete(key)

    @override
    async def delete_all(self) -> None:
        self.by_age.clear()
        await super().delete_all()


class Counters:
    """Numbers by name. Each forgets, some seconds after it began to count."""

    def __init__(self) -> None:
        self.numbers: dict[str, tuple[int, float]] = {}
        self.swept = time.monotonic()

    async def add(self, name: str, seconds: float) -> tuple[int, int]:
        """Count one more; how many that makes, and the seconds until it starts again."""
        now = time.monotonic()
        self.sweep(now)
        number, end = self.numbers.get(name, (0, 0.0))
        if end <= now:
            number, end = 0, now + seconds
        self.numbers[name] = (number + 1, end)
        return number + 1, ceil(end - now)

    async def forget(self, name: str) -> None:
        _ = self.numbers.pop(name, None)

    def sweep(self, now: float) -> None:
        """Made-up names are never counted again."""
        if now - self.swept > SWEEP_SECONDS:
            self.numbers = {name: (number, end) for name, (number, end) in self.numbers.items() if end > now}
            self.swept = now


def make_stores(_: State) -> StoreRegistry:
    return StoreRegistry(default_factory=lambda _: BoundedStore())


def make_counters(_: State) -> Counters:
    return Counters()
