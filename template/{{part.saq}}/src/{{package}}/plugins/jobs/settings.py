"""Settings of the jobs."""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta, Struct

from ...findings import Finding

type Seconds = Annotated[int, Meta(ge=1)]

HOUR = 60 * 60


class JobsSettings(Struct, frozen=True, kw_only=True):
    """Times are in seconds. `concurrency` is for one worker.

    A job that fails, or has no end within `timeout`, is tried again up to `retries` times: first after `retry_delay`, then
    after twice that, and so on. What it leaves can be had for `keep`, a dead job for `keep_dead`. Every `sweep` a worker
    looks for jobs whose own worker is gone. Told to end, one lets its jobs go on for `grace`.
    """

    concurrency: Annotated[int, Meta(ge=1, le=1000)] = 10
    timeout: Seconds = 60
    retries: Annotated[int, Meta(ge=0)] = 3
    retry_delay: Annotated[float, Meta(gt=0)] = 2.0
    keep: Seconds = HOUR
    keep_dead: Seconds = 7 * 24 * HOUR
    sweep: Seconds = 30
    grace: Seconds = 30

    def findings(self) -> Iterator[Finding]:
        if not self.retries:
            yield Finding("JOBS_RETRIES is 0: a job whose worker ends with its machine is not done.")
