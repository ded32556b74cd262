"""Tasks as a table for a spreadsheet, made a page at a time: however many there are, few are in memory."""

import csv
import re
from collections.abc import AsyncGenerator, Sequence
from io import StringIO
from uuid import UUID

from .models import TaskLine
from .service import OpenTaskStore

PAGE = 500
# Of full width and small, too.
FORMULA = re.compile(
    r"[\t\r\n]|[\s\x00-\x1f\u200b-\u200f\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b]"
)


async def table(open_store: OpenTaskStore, owner_id: UUID) -> AsyncGenerator[str]:
    """The rows, newest first. Each page has a session of its own: who reads slowly keeps none open."""
    text = to_csv([TaskLine.__struct_fields__])
    last: TaskLine | None = None
    while True:
        async with open_store() as store:
            page = await store.lines(owner_id, last, PAGE)
        yield text + to_csv([cells(line) for line in page])
        if len(page) < PAGE:
            return
        text, last = "", page[-1]


def cells(line: TaskLine) -> Sequence[object]:
    moments = [moment and moment.isoformat() for moment in (line.due_at, line.completed_at, line.created_at)]
    return (line.id, harmless(line.title), line.status, line.priority, *moments)


def to_csv(rows: Sequence[Sequence[object]]) -> str:
    written = StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue()


def harmless(text: str) -> str:
    """A text that begins like a formula would be one in a spreadsheet, and could run what somebody else has written.

    Spreadsheets skip what is blank before it, and take signs of full width for the narrow ones.
    """
    return f"'{text}" if FORMULA.match(text) else text
