"""Puts the check of signatures in front of handlers, and remembers what came before."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Annotated, cast, override

from litestar.config.app import AppConfig
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.exceptions import ClientException, PermissionDeniedException
from litestar.handlers import BaseRouteHandler
from litestar.params import HeaderParameter, SkipValidation
from litestar.plugins import InitPlugin
from litestar.stores.base import Store
from msgspec import Struct

from ...errors import AnyRequest
from ..stores import Counters
from .settings import WebhookSettings
from .signatures import ID, SIGNATURE, TIMESTAMP, SignatureError, verify

# What takes longer has failed. A message whose worker is killed meanwhile waits for as long.
HANDLING_SECONDS = 30


class Message(Struct, frozen=True):
    """The headers of a message; a sender that tries again keeps the id."""

    id: str
    timestamp: str
    signature: str


class Deliveries:
    """Which messages are being handled, and which were: all workers know where they share what is counted and kept."""

    def __init__(self, counters: Counters, store: Store, seconds: int) -> None:
        self.counters = counters
        self.store = store
        self.seconds = seconds

    @asynccontextmanager
    async def once(self, message: Message) -> AsyncGenerator[bool]:
        """Whether the message is to be handled; it is no more when this has ended without an exception.

        Raises 409 while another try is under way: how that ends is not known yet, so the sender has to ask again.
        """
        name = f"webhook {message.id}"
        tries, rest = await self.counters.add(name, HANDLING_SECONDS)
        if await self.store.exists(message.id):
            yield False
            return
        if tries > 1:
            detail = "The message is being handled; send it again, to hear how that ended."
            raise ClientException(detail, status_code=HTTPStatus.CONFLICT, headers={"retry-after": str(rest)})
        try:
            async with asyncio.timeout(HANDLING_SECONDS):
                yield True
            await self.store.set(message.id, b"done", self.seconds)
        except BaseException:
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

    def provide_deliveries(
        self, request: AnyRequest, counters: NamedDependency[SkipValidation[Counters]]
    ) -> Deliveries:
        # From the first moment at which a message may be good to the last.
        return Deliveries(counters, request.app.stores.get("webhooks"), 2 * self.settings.tolerance_seconds)

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
