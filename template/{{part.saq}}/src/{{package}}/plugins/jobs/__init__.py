"""Jobs: work that a request leaves to a worker, and work that comes by the clock.

`Jobs` is what a handler queues with, `worker` what runs them, in a process of its own.
"""

from .broker import open_queue
from .plugin import JobsPlugin
from .queueing import Jobs
from .settings import JobsSettings
from .work import File, Work

__all__ = ["File", "Jobs", "JobsPlugin", "JobsSettings", "Work", "open_queue"]
