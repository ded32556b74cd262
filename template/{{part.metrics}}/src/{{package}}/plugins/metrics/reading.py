"""Reading: what gauges can do, whatever they are about."""

from typing import Protocol


class Gauges(Protocol):
    async def read(self) -> None: ...
