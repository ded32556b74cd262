"""Clients that listen while the application goes on: httpx would wait for the end of the answer."""

import asyncio
from types import TracebackType
from typing import Self, cast, override

import httpx
import msgspec
from litestar.types import ASGIApp, HTTPReceiveMessage, HTTPScope, Message, WebSocketReceiveMessage, WebSocketScope


class Heard(msgspec.Struct):
    event: str
    id: str = ""
    data: dict[str, object] = {}

    @property
    def title(self) -> object:
        return self.data.get("title", "")


class Listener:
    """Server-sent events of a path, with the headers of a client; `status` is that of the answer. It listens once it
    has been told so: what happens before is not for it.
    """

    kind = "http"

    def __init__(self, app: ASGIApp, path: str, headers: httpx.Headers | dict[str, str], query: str = "") -> None:
        self.app = app
        self.headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        self.path = path
        self.query = query
        self.sent: asyncio.Queue[Message] = asyncio.Queue()
        self.task: asyncio.Task[None] | None = None
        self.received: asyncio.Queue[dict[str, object]] = asyncio.Queue()
        self.unread = b""
        self.status = 0
        self.accepted = False

    async def __aenter__(self) -> Self:
        self.begin()
        self.task = asyncio.create_task(self.run())
        first = await self.next_message()
        self.status = cast("int", first.get("status", 0))
        self.accepted = first["type"] == "websocket.accept"
        await self.wait_until_ready()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.received.put_nowait({"type": f"{self.kind}.disconnect"})
        if self.task:
            async with asyncio.timeout(5):
                await self.task

    async def wait_until_ready(self) -> None:
        self.unread = cast("bytes", (await self.next_message()).get("body", b""))

    def begin(self) -> None:
        self.received.put_nowait({"type": "http.request", "body": b"", "more_body": False})

    async def run(self) -> None:
        scope: dict[str, object] = {
            "type": self.kind,
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "scheme": "http" if self.kind == "http" else "ws",
            "path": self.path,
            "raw_path": self.path.encode(),
            "query_string": self.query.encode(),
            "root_path": "",
            "headers": [*self.headers, (b"host", b"testserver.local")],
            "client": ("192.0.2.1", 50000),
            "server": ("testserver.local", 80),
            "state": {},
            "extensions": {},
            "subprotocols": [],
        }
        if self.kind == "http":
            scope["method"] = "GET"
        await self.app(cast("HTTPScope | WebSocketScope", cast("object", scope)), self.receive, self.sent.put)

    async def receive(self) -> HTTPReceiveMessage | WebSocketReceiveMessage:
        return cast("HTTPReceiveMessage", cast("object", await self.received.get()))

    async def next_message(self) -> Message:
        async with asyncio.timeout(5):
            return await self.sent.get()

    async def end(self) -> None:
        """Wait until it is told nothing more."""
        while (await self.next_message()).get("more_body"):
            pass

    async def hear(self) -> Heard:
        """The next event; a heartbeat is one without a name."""
        while b"\n\n" not in self.unread:
            self.unread += cast("bytes", (await self.next_message()).get("body", b""))
        text, _, self.unread = self.unread.partition(b"\n\n")
        fields = dict(line.split(": ", 1) for line in text.decode().splitlines() if ": " in line)
        return Heard(fields.get("event", ""), fields.get("id", ""), msgspec.json.decode(fields.get("data", "{}")))


class SocketListener(Listener):
    kind = "websocket"

    @override
    def begin(self) -> None:
        self.received.put_nowait({"type": "websocket.connect"})

    @override
    async def wait_until_ready(self) -> None:
        """What it hears first says so."""

    @override
    async def end(self) -> None:
        while (await self.next_message())["type"] != "websocket.close":
            pass

    @override
    async def hear(self) -> Heard:
        message = await self.next_message()
        return msgspec.json.decode(cast("str", message.get("text", "")), type=Heard)
