"""Files: what jobs leave, kept beside them: who asks what became of a job loads nothing of what it has left."""

from collections.abc import AsyncGenerator
from uuid import uuid4

from msgspec import Struct

from ...errors import NotFoundError
from .broker import JobQueue
from .work import File

PIECE_BYTES = 256 * 1024


class Left(Struct, frozen=True):
    """What the job itself knows of its file. Each run of a job has a `place` of its own: what is read is of one run."""

    place: str
    name: str
    media_type: str
    size: int


async def put_away(queue: JobQueue, file: File, seconds: int) -> Left:
    content = file.text.encode()
    left = Left(uuid4().hex, file.name, file.media_type, len(content))
    await queue.keep_file(left.place, content, seconds)
    return left


async def content_of(queue: JobQueue, left: Left) -> AsyncGenerator[bytes]:
    """The content, of which a piece is in memory. The first one is there: whoever answers knows that it is kept."""
    first = await read(queue, left, 0)

    async def pieces() -> AsyncGenerator[bytes]:
        yield first
        for start in range(PIECE_BYTES, left.size, PIECE_BYTES):
            yield await read(queue, left, start)

    return pieces()


async def read(queue: JobQueue, left: Left, start: int) -> bytes:
    piece = await queue.read_file(left.place, start, PIECE_BYTES)
    if left.size and not piece:
        raise NotFoundError("What the job has left is kept no longer.")
    return piece
