"""Tasks as a table for a spreadsheet."""

import csv
from collections.abc import Sequence
from io import StringIO

from .models import Task

MOST = 10_000


def to_csv(tasks: Sequence[Task]) -> str:
    written = StringIO()
    rows = csv.writer(written)
    rows.writerow(("id", "title", "status", "priority", "due_at", "completed_at", "created_at"))
    for task in tasks:
        moments = [moment and moment.isoformat() for moment in (task.due_at, task.completed_at, task.created_at)]
        rows.writerow((task.id, harmless(task.title), task.status, task.priority, *moments))
    return written.getvalue()


def harmless(text: str) -> str:
    """A text that begins like a formula would be one in a spreadsheet, and could run what somebody else has written."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
