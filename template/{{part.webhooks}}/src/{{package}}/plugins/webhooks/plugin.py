"""Puts the check of signatures in front of handlers, and remembers what came before."""

import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated, cast, override

from litestar.config.app import AppConfig
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.exceptions import PermissionDeniedException
from litestar.handlers import BaseRouteHandler
from litestar.params import HeaderParameter, SkipValidation
from litestar.plugins import InitPlugin
from msgspec import Struct

from ...errors import AnyRequest
from ..stores import Counters
from .settings import WebhookSettings
from .signatures import ID, SIGNATURE, TIMESTAMP, SignatureError, verify


class Message(Struct, frozen=True):
    """The headers of a message; a sender that tries again keeps the id."""

    id: str
    timestamp: str
    signature: str


class Deliveries:
    """Which messages were handled: as the counters are, shared by all workers or known to each one alone."""

    def __init__(self, counters: Counters, seconds: int) -> None:
        self.counters = counters
        self.seconds = seconds

    @asynccontextmanager
    async def once(self, message: Message) -> AsyncGenerator[bool]:
        """Whether the message is here for the first time; one whose handling fails may come again."""
        name = f"webhook {message.id}"
        number, _ = await self.counters.add(name, self.seconds)
        try:
            yield number == 1
        except BaseException:
            if number == 1:
                await self.counters.forget(name)
            raise


class WebhooksPlugin(InitPlugin):
    """Give handlers the `message` that they answer, and the `deliveries` that came before it.

    They say `opt={"public": True}`, since the sender has no account, and `guards=[require_signature]`.
    """

    def __init__(self, settings: WebhookSettings) -> None:
        self.settings = settings

    @override
    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        app_config.dependencies["message"] = Provide(provide_message, sync_to_thread=False)
        app_config.dependencies["deliveries"] = Provide(self.provide_deliveries, sync_to_thread=False)
        return app_config

    def provide_deliveries(self, counters: NamedDependency[SkipValidation[Counters]]) -> Deliveries:
        # From the first moment at which a message may be good to the last.
        return Deliveries(counters, 2 * self.settings.tolerance_seconds)

    def verify(self, request: AnyRequest, body: bytes) -> None:
        settings = self.settings
        verify(request.headers, body, settings.keys, now=time.time(), tolerance=settings.tolerance_seconds)


def provide_message(
    message_id: Annotated[str, HeaderParameter(name=ID, description="The same each time that it is sent")],
    timestamp: Annotated[str, HeaderParameter(name=TIMESTAMP, description="When it is sent: seconds since 1970")],
    signature: Annotated[str, HeaderParameter(name=SIGNATURE, description="`v1,` and the HMAC-SHA256 in Base64")],
) -> Message:
    return Message(message_id, timestamp, signature)


async def require_signature(
    connection: ASGIConnection[BaseRouteHandler, object, object, State], _: BaseRouteHandler
) -> None:
    """Refuse what is not signed. Guards come before the body is parsed: nobody else's reaches the parser."""
    request = cast("AnyRequest", connection)
    try:
        request.app.plugins.get(WebhooksPlugin).verify(request, await request.body())
    except SignatureError as error:
        raise PermissionDeniedException(str(error)) from None
