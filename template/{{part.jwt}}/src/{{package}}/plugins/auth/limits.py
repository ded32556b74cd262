"""The limit on attempts: guessing passwords takes longer than anybody lives."""

from litestar.exceptions import TooManyRequestsException

from ..stores import Counters

WINDOW = 60


class AttemptLimiter:
    """Counts attempts for a key, in windows of a minute."""

    def __init__(self, counters: Counters) -> None:
        self.counters = counters

    async def count(self, key: str, most: int) -> None:
        """Count one attempt; raises 429 after `most` of them. Refused attempts do not lengthen the wait."""
        attempts, rest = await self.counters.add(f"attempts {key}", WINDOW)
        if attempts > most:
            raise TooManyRequestsException("Too many attempts; wait a minute.", headers={"retry-after": str(rest)})

    async def forget(self, key: str) -> None:
        await self.counters.forget(f"attempts {key}")
