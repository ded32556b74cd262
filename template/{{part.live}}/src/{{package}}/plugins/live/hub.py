"""The hub: hands events to the streams of this process, and remembers the last ones for those that come back."""

import asyncio
import time
from collections import Counter, deque
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import contextmanager
from math import inf
from operator import itemgetter
from uuid import UUID

from litestar.exceptions import ServiceUnavailableException
from msgspec import Struct

type EventId = tuple[int, int]


class Announcement(Struct, frozen=True):
    """What is to become an event; `topic` says who may hear of it, `data` is JSON."""

    topic: str
    kind: str
    data: bytes


class Event(Struct, frozen=True):
    """`id` sorts by age: milliseconds, and a number among those of the same millisecond."""

    id: EventId
    topic: str
    kind: str
    data: bytes


class Stream:
    """What one listener has not taken yet. One that is slow loses all of it, and is told to start over."""

    def __init__(self, backlog: int) -> None:
        self.backlog = backlog
        self.waiting: deque[Event] = deque()
        self.news = asyncio.Event()
        self.closed = False

    def put(self, event: Event) -> None:
        if len(self.waiting) >= self.backlog:
            self.start_over(event.id)
        else:
            self.waiting.append(event)
            self.news.set()

    def start_over(self, event_id: EventId) -> None:
        """Say that events are missing: whoever keeps a list has to read it again."""
        self.waiting.clear()
        self.waiting.append(Event(event_id, "", "reset", b"{}"))
        self.news.set()

    def close(self) -> None:
        self.closed = True
        self.news.set()

    async def events(self, heartbeat: float, lifetime: float = inf) -> AsyncGenerator[Event | None]:
        """The events, and None where there was none for `heartbeat` seconds, until the stream is closed, or has been
        open for `lifetime` seconds.
        """
        end = time.monotonic() + lifetime
        while not self.closed and (rest := end - time.monotonic()) > 0:
            if self.waiting:
                yield self.waiting.popleft()
                continue
            self.news.clear()
            try:
                async with asyncio.timeout(min(heartbeat, rest)):
                    _ = await self.news.wait()
            except TimeoutError:
                yield None


class Hub:
    def __init__(self, history: int, backlog: int, max_streams: int) -> None:
        self.recent: deque[Event] = deque(maxlen=history)
        self.backlog = backlog
        self.max_streams = max_streams
        self.streams: dict[str, set[Stream]] = {}
        self.newest: EventId = (0, 0)
        self.forgotten: EventId = (0, 0)  # the newest of the events that are not remembered
        self.owners: dict[Stream, UUID] = {}  # of those that count, the oldest first
        self.closed = False

    def begin(self, after: EventId, events: Sequence[Event] = ()) -> None:
        """Remember these events, all that happened since `after`; streams that are open start over."""
        self.forgotten = after
        self.newest = events[-1].id if events else after
        self.recent.clear()
        self.recent.extend(events)
        for streams in self.streams.values():
            for stream in streams:
                stream.start_over(self.newest)

    def deliver(self, event: Event) -> None:
        if len(self.recent) == self.recent.maxlen:
            self.forgotten = self.recent[0].id
        self.recent.append(event)
        self.newest = event.id
        for stream in self.streams.get(event.topic, ()):
            stream.put(event)

    def make_room(self, owner: UUID) -> None:
        """Raises where one more stream would be too many. Who has least comes first: it ends the oldest of the owner
        who has most, where that one still has no fewer then. Else the two would end each other's for ever.
        """
        if not self.closed and len(self.owners) < self.max_streams:
            return
        counts = Counter(self.owners.values())
        greediest, most = max(counts.items(), key=itemgetter(1), default=(owner, 0))
        if self.closed or most <= counts[owner] + 1:
            raise ServiceUnavailableException("There are too many streams; try again.", headers={"retry-after": "5"})
        oldest = next(stream for stream, whose in self.owners.items() if whose == greediest)
        del self.owners[oldest]
        oldest.close()

    @contextmanager
    def listen(self, topic: str, owner: UUID, after: EventId | None = None) -> Generator[Stream]:
        """A stream of what happens from now on, or since `after`; raises where there is no room for it.

        It looks and counts in one step: of many that come at once, none finds room that another has taken.
        """
        self.make_room(owner)
        stream = Stream(self.backlog)
        if after is not None:
            self.catch_up(stream, topic, after)
        self.owners[stream] = owner
        self.streams.setdefault(topic, set()).add(stream)
        try:
            yield stream
        finally:
            _ = self.owners.pop(stream, None)
            self.streams[topic].discard(stream)
            if not self.streams[topic]:
                del self.streams[topic]

    def catch_up(self, stream: Stream, topic: str, after: EventId) -> None:
        if not self.forgotten <= after <= self.newest:
            stream.start_over(self.newest)
            return
        for event in self.recent:
            if event.topic == topic and event.id > after:
                stream.put(event)

    def close(self) -> None:
        """End all streams: a process that is to end would wait for them."""
        self.closed = True
        for streams in self.streams.values():
            for stream in streams:
                stream.close()
