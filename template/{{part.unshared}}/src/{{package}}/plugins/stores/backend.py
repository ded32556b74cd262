"""Where things are kept and counted: in the memory of this process, so each worker has its own."""

import time
from datetime import timedelta
from math import ceil
from typing import override

from litestar.datastructures import State
from litestar.stores.memory import MemoryStore
from litestar.stores.registry import StoreRegistry

MOST_ENTRIES = 10_000
MOST_BYTES = 32 * 1024**2
SWEEP_MILLISECONDS = 60_000


class BoundedStore(MemoryStore):
    """Litestar's own keeps any number of entries of any size, and the expired ones until somebody asks for them."""

    def __init__(self, most: int = MOST_ENTRIES, most_bytes: int = MOST_BYTES) -> None:
        super().__init__()
        self.most = most
        self.most_bytes = most_bytes
        self.bytes = 0
        self.by_age: dict[str, int] = {}

    @override
    async def set(self, key: str, value: str | bytes, expires_in: int | timedelta | None = None) -> None:
        await super().set(key, value, expires_in)
        # Counted in one step: somebody else may have set the same key meanwhile.
        self.bytes += len(value) - self.by_age.pop(key, 0)
        self.by_age[key] = len(value)
        while self.by_age and (len(self.by_age) > self.most or self.bytes > self.most_bytes):
            await self.delete(next(iter(self.by_age)))

    @override
    async def delete(self, key: str) -> None:
        self.bytes -= self.by_age.pop(key, 0)
        await super().delete(key)

    @override
    async def delete_all(self) -> None:
        self.by_age.clear()
        self.bytes = 0
        await super().delete_all()


class Counters:
    """Numbers by name. Each forgets, some seconds after it began to count."""

    def __init__(self) -> None:
        self.numbers: dict[str, tuple[int, int]] = {}
        self.swept = milliseconds()

    async def add(self, name: str, seconds: float) -> tuple[int, int]:
        """Count one more; how many that makes, and the seconds until it starts again."""
        now = milliseconds()
        self.sweep(now)
        number, end = self.numbers.get(name, (0, 0))
        if end <= now:
            number, end = 0, now + round(seconds * 1000)
        self.numbers[name] = (number + 1, end)
        return number + 1, ceil((end - now) / 1000)

    async def forget(self, name: str) -> None:
        _ = self.numbers.pop(name, None)

    def sweep(self, now: int) -> None:
        """Made-up names are never counted again."""
        if now - self.swept > SWEEP_MILLISECONDS:
            self.numbers = {name: (number, end) for name, (number, end) in self.numbers.items() if end > now}
            self.swept = now


def milliseconds() -> int:
    """Whole ones: with floats a minute from now would now and then be a second more."""
    return time.monotonic_ns() // 1_000_000


def make_stores(_: State) -> StoreRegistry:
    return StoreRegistry(default_factory=lambda _: BoundedStore())


def make_counters(_: State) -> Counters:
    return Counters()
