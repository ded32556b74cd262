"""Settings of the jobs."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct
from saq import Status

from ...findings import Finding

type Seconds = Annotated[int, Meta(ge=1)]

HOUR = 60 * 60
# What is not tried again.
DEAD = (Status.FAILED, Status.ABORTED)


class JobsSettings(Struct, frozen=True, kw_only=True):
    """Times are in seconds. `concurrency` is for one worker.

    A job that fails, or has no end within `timeout`, is tried again up to `retries` times: first after `retry_delay`,
    then after twice that, and so on. What it leaves can be had for `keep`, a dead job for `keep_dead`. Every `sweep` a
    worker looks for jobs whose own worker is gone. Told to end, one lets its jobs go on for `grace`. While it lives it
    touches the file `heartbeat`, where that is set: whoever runs it has no port to ask.
    """

    concurrency: Annotated[int, Meta(ge=1, le=1000)] = 10
    timeout: Seconds = 60
    retries: Annotated[int, Meta(ge=0)] = 3
    retry_delay: Annotated[float, Meta(gt=0)] = 2.0
    keep: Seconds = HOUR
    keep_dead: Seconds = 7 * 24 * HOUR
    sweep: Seconds = 30
    grace: Seconds = 30
    heartbeat: str = ""

    def __post_init__(self) -> None:
        folder = Path(self.heartbeat).parent
        if self.heartbeat and not (folder.is_dir() and os.access(folder, os.W_OK)):
            raise ValueError(f"JOBS_HEARTBEAT is in {folder}, which is no folder that can be written to.")

    def findings(self) -> Iterator[Finding]:
        if not self.retries:
            yield Finding("JOBS_RETRIES is 0: a job whose worker ends with its machine is not done.")
