"""Puts the hub into the application: what a request announces is published when it has been answered."""

import asyncio
import signal
import threading
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from http import HTTPStatus
from types import FrameType
from typing import Annotated, override

from litestar import Litestar
from litestar.config.app import AppConfig
from litestar.di import Provide
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.plugins import InitPlugin
from litestar.types import ASGIApp, Receive, Scope, Send
from msgspec import Meta, Struct

from ..http import status_of
from .hub import Announcement, Hub
from .log import make_log

announced: ContextVar[list[Announcement] | None] = ContextVar("announced", default=None)


class LiveSettings(Struct, frozen=True, kw_only=True):
    """Numbers are for one worker; `heartbeat` is in seconds, shorter than any proxy's patience. After `lifetime`
    seconds a stream ends: who comes back shows again who it is.

    Streams count as connections: keep `max_streams` below `server.backpressure`.
    """

    max_streams: Annotated[int, Meta(ge=1)] = 200
    backlog: Annotated[int, Meta(ge=1)] = 100
    history: Annotated[int, Meta(ge=1)] = 1000
    heartbeat: Annotated[float, Meta(gt=0)] = 15.0
    lifetime: Annotated[float, Meta(gt=0)] = 900.0


class PublishMiddleware(ASGIMiddleware):
    scopes = (ScopeType.HTTP,)

    def __init__(self, publish: Callable[[Sequence[Announcement]], None]) -> None:
        self.publish = publish

    @override
    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        announcements: list[Announcement] = []
        token = announced.set(announcements)
        try:
            await next_app(scope, receive, send)
        finally:
            announced.reset(token)
        if status_of(scope) < HTTPStatus.BAD_REQUEST:
            self.publish(announcements)


def announce(topic: str, kind: str, data: bytes) -> None:
    """Say that something has happened: published when the request has been answered well, and so after its commit."""
    announcements = announced.get()
    if announcements is not None:
        announcements.append(Announcement(topic, kind, data))


class LivePlugin(InitPlugin):
    """Give handlers the `hub`. It comes after the plugins that it publishes with."""

    def __init__(self, settings: LiveSettings) -> None:
        self.hub = Hub(settings.history, settings.backlog, settings.max_streams)
        self.settings = settings

    @override
    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        log = make_log(app_config.state, self.hub)

        @asynccontextmanager
        async def lifespan(_: Litestar) -> AsyncGenerator[None]:
            async with log.follow():
                with told_to_end(self.hub):
                    yield
                self.hub.close()

        app_config.lifespan.append(lifespan)
        app_config.dependencies["hub"] = Provide(self.provide_hub, sync_to_thread=False)
        app_config.dependencies["live"] = Provide(self.provide_settings, sync_to_thread=False)
        app_config.middleware.append(PublishMiddleware(log.publish))
        return app_config

    def provide_hub(self) -> Hub:
        return self.hub

    def provide_settings(self) -> LiveSettings:
        return self.settings


@contextmanager
def told_to_end(hub: Hub) -> Generator[None]:
    """Close the streams when the process is told to end: the server would wait for them before it says so to us."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    known = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def end(number: int, frame: FrameType | None) -> None:
        _ = loop.call_soon_threadsafe(hub.close)
        handler = known[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)

    for number in known:
        _ = signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in known.items():
            _ = signal.signal(number, handler)
