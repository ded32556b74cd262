"""Patience: a worker whose broker is gone waits for it."""

import asyncio
from collections.abc import Awaitable

import structlog
from saq import Job

from ..logging import describe

# How long a look into an empty queue takes, and so how long the end of an idle worker.
LOOK_SECONDS = 2.0
PATIENCE_SECONDS = 1.0


class Patience:
    """Of all who wait for one broker: the log says once that it is gone, and once that it is back."""

    def __init__(self) -> None:
        self.lost = False

    async def take(self, look: Awaitable[Job | None]) -> Job | None:
        """The next job. Where the broker is gone, none after a while: SAQ would ask again at once, and say nothing."""
        try:
            job = await look
        except Exception as error:  # whatever the broker's driver raises
            if not self.lost:
                structlog.stdlib.get_logger("jobs").warning("the broker cannot be reached", error=describe(error))
            self.lost = True
            await asyncio.sleep(PATIENCE_SECONDS)
            return None
        if self.lost:
            structlog.stdlib.get_logger("jobs").info("the broker is back")
        self.lost = False
        return job
