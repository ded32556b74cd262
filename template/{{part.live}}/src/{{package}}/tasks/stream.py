"""Changes of tasks as they happen, to their owner: server-sent events, and the same over a WebSocket."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Annotated, override
from uuid import UUID

import msgspec
from litestar import Router, WebSocket, get, websocket
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import HeaderParameter, QueryParameter
from litestar.response import Stream

from ..plugins.live import Event, Hub, LiveSettings, announce
from .models import Task, TaskCreate, TaskOut
from .service import Expected, TaskService, anything

SERVICE_RESTARTS = 1012
EVENT_ID = r"^[0-9]{1,16}-[0-9]{1,16}$"

AfterHeader = Annotated[str | None, HeaderParameter(name="last-event-id", pattern=EVENT_ID)]
AfterQuery = Annotated[str | None, QueryParameter(pattern=EVENT_ID)]


class AnnouncingTaskService(TaskService):
    """The same rules; whoever listens hears of what has changed."""

    @override
    async def create(self, data: TaskCreate) -> Task:
        return self.tell("created", await super().create(data))

    @override
    async def create_all(self, batch: Sequence[TaskCreate]) -> Sequence[Task]:
        return [self.tell("created", task) for task in await super().create_all(batch)]

    @override
    async def change(self, task: Task, changes: Mapping[str, object]) -> Task:
        return self.tell("updated", await super().change(task, changes))

    @override
    async def change_all(self, tasks: Sequence[Task], changes: Mapping[str, object]) -> Sequence[Task]:
        return [self.tell("updated", task) for task in await super().change_all(tasks, changes)]

    @override
    async def delete(self, task_id: UUID, expected: Expected = anything) -> None:
        await super().delete(task_id, expected)
        announce(topic_of(self.owner_id), "deleted", msgspec.json.encode({"id": task_id}))

    def tell(self, kind: str, task: Task) -> Task:
        shown = msgspec.convert(task, TaskOut, from_attributes=True)
        announce(topic_of(self.owner_id), kind, msgspec.json.encode(shown))
        return task


def topic_of(owner: UUID) -> str:
    return f"tasks of {owner}"


@get("/events", media_type="text/event-stream", opt={"compressed": True, "ticket": True}, include_in_schema=False)
async def listen(
    owner: NamedDependency[UUID],
    hub: NamedDependency[Hub],
    live: NamedDependency[LiveSettings],
    last_event_id: AfterHeader = None,
) -> Stream:
    """Server-sent events. `reset` says that some are missing: read the list again."""
    events = happenings(hub, owner, last_event_id, live)
    ready = await anext(events)  # before the answer begins: a refusal is one

    async def lines() -> AsyncGenerator[bytes]:
        yield to_lines(ready)
        async for event in events:
            yield to_lines(event)

    return Stream(lines(), headers={"x-accel-buffering": "no"})


@websocket("/socket", opt={"ticket": True})
async def listen_on_socket(
    socket: WebSocket[object, object, State],
    owner: NamedDependency[UUID],
    hub: NamedDependency[Hub],
    live: NamedDependency[LiveSettings],
    after: AfterQuery = None,
) -> None:
    """The same as JSON. `after` is the id of the last event that the client has seen; what it says is not heard."""
    events = happenings(hub, owner, after, live)
    ready = await anext(events)
    await socket.accept()

    async def talk() -> None:
        await socket.send_text(to_json(ready))
        async for event in events:
            await socket.send_text(to_json(event))
        await socket.close(SERVICE_RESTARTS)

    async def wait_for_end() -> None:
        while (await socket.receive())["type"] != "websocket.disconnect":
            pass

    talking, waiting = asyncio.create_task(talk()), asyncio.create_task(wait_for_end())
    try:
        ended, _ = await asyncio.wait({talking, waiting}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        _ = talking.cancel()
        _ = waiting.cancel()
        _ = await asyncio.gather(talking, waiting, return_exceptions=True)
    if waiting not in ended:  # what fails once the client has gone is no matter
        talking.result()


async def happenings(hub: Hub, owner: UUID, after: str | None, live: LiveSettings) -> AsyncGenerator[Event | None]:
    """`ready`, which names the event to go on from, then all that happens; None where nothing did for a while."""
    last = parse_id(after) if after else None
    with hub.listen(topic_of(owner), owner, last) as stream:
        yield Event(last or hub.newest, "", "ready", b"{}")
        async for event in stream.events(live.heartbeat, live.lifetime):
            yield event


def parse_id(text: str) -> tuple[int, int]:
    moment, _, number = text.partition("-")
    return int(moment), int(number)


def name_of(event: Event) -> str:
    return f"{event.id[0]}-{event.id[1]}"


def to_lines(event: Event | None) -> bytes:
    if event is None:
        return b":\n\n"
    return b"id: %b\nevent: %b\ndata: %b\n\n" % (name_of(event).encode(), event.kind.encode(), event.data)


def to_json(event: Event | None) -> str:
    if event is None:
        return "{}"
    message = {"id": name_of(event), "event": event.kind, "data": msgspec.Raw(event.data)}
    return msgspec.json.encode(message).decode()


router = Router("/tasks", route_handlers=[listen, listen_on_socket], tags=["Tasks"])
