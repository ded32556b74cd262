"""The limit on attempts: guessing passwords takes longer than anybody lives."""

import asyncio
import time

from litestar.exceptions import TooManyRequestsException
from litestar.stores.base import Store
from litestar.stores.memory import MemoryStore

WINDOW = 60


class AttemptLimiter:
    """Counts attempts for a key, in windows of a minute.

    In memory each worker counts by itself, so the limit is per worker.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.lock = asyncio.Lock()
        self.swept = time.monotonic()

    async def count(self, key: str, most: int) -> None:
        """Count one attempt; raises 429 where there were `most`. Refused attempts do not lengthen the wait."""
        async with self.lock:
            await self.sweep()
            used = int(await self.store.get(key) or b"0")
            rest = await self.store.expires_in(key) if used else None
            if used >= most:
                raise TooManyRequestsException(
                    "Too many attempts; wait a minute.", headers={"retry-after": str(rest or WINDOW)}
                )
            await self.store.set(key, str(used + 1), expires_in=rest or WINDOW)

    async def forget(self, key: str) -> None:
        await self.store.delete(key)

    async def sweep(self) -> None:
        """The store in memory keeps what has expired until it is asked for; made-up names are never asked for."""
        if isinstance(self.store, MemoryStore) and time.monotonic() - self.swept > WINDOW:
            await self.store.delete_expired()
            self.swept = time.monotonic()
