"""HTTP: what holds for every request and answer."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Annotated, cast, override

from litestar.config.app import AppConfig
from litestar.config.compression import CompressionConfig
from litestar.config.cors import CORSConfig
from litestar.plugins import InitPlugin, ReceiveRoutePlugin
from litestar.routes import BaseRoute, HTTPRoute
from litestar.types import ASGIApp, HTTPScope, Message, Receive, ReceiveMessage, Scope, Send
from msgspec import Meta, Struct

from ..findings import Finding
from .around import Around
from .bodies import BODY_TIMEOUT, StrictRequest
from .formats import Answer
from .paths import require_one_way

ORIGIN_FORM = re.compile(r"https?://[A-Za-z0-9.-]+(:\d+)?")
HOST_FORM = re.compile(r"(\*\.)?[a-z0-9][a-z0-9.-]*|\[[0-9a-f:.]+\]", re.IGNORECASE)
SECURITY_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "no-referrer",
    "strict-transport-security": "max-age=31536000",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
REQUEST_ID = b"x-request-id"
# What the API answers with, and a page's script would not get to see.
EXPOSED_HEADERS = ("etag", "link", "location", "retry-after", REQUEST_ID.decode())
ENCODED_HEADERS = [(name.encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]
STATUS_KEY = "http.response.status_code"  # in the state of a request, where a feature keeps what it likes


class HttpSettings(Struct, frozen=True, kw_only=True):
    """`allowed_hosts` are the names under which the service is reached, `*.example.org` among them; empty allows all.

    A body has to be here within `body_timeout` seconds.
    """

    allowed_hosts: tuple[str, ...] = ()
    cors_origins: tuple[str, ...] = ()
    max_body_bytes: Annotated[int, Meta(ge=1024)] = 1_000_000
    body_timeout: Annotated[float, Meta(gt=0)] = 30.0

    def __post_init__(self) -> None:
        if any(not ORIGIN_FORM.fullmatch(origin) for origin in self.cors_origins):
            raise ValueError("HTTP_CORS_ORIGINS are origins in full, without any *, such as https://app.example.org")
        if any(not HOST_FORM.fullmatch(host) for host in self.allowed_hosts):
            raise ValueError("HTTP_ALLOWED_HOSTS are names without ports, such as api.example.org or *.example.org")

    def findings(self) -> Iterator[Finding]:
        if not self.allowed_hosts:
            yield Finding("HTTP_ALLOWED_HOSTS is empty: a request may name any host, which links then lead to.")
        for origin in self.cors_origins:
            if not origin.startswith("https://"):
                yield Finding(f"HTTP_CORS_ORIGINS has {origin}: whoever is on its way can change its scripts.")


class HttpPlugin(InitPlugin, ReceiveRoutePlugin):
    def __init__(self, settings: HttpSettings) -> None:
        self.settings = settings

    @override
    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        app_config.compression_config = CompressionConfig(
            backend="gzip", minimum_size=1024, exclude_opt_key="compressed"
        )
        app_config.before_send.append(complete_answer)
        app_config.request_class = StrictRequest
        app_config.state[BODY_TIMEOUT] = self.settings.body_timeout
        app_config.response_class = Answer
        if self.settings.cors_origins:
            app_config.cors_config = CORSConfig(
                allow_origins=list(self.settings.cors_origins), expose_headers=list(EXPOSED_HEADERS)
            )
        return app_config

    @override
    def receive_route(self, route: BaseRoute) -> None:
        """Take ids in the path as they are written here, and answer OPTIONS with all methods of the path.

        Litestar makes a new route of each handler that a path gets, and keeps the answer that the first one gave.
        """
        require_one_way(route)
        if not isinstance(route, HTTPRoute):
            return
        old, _ = route.route_handler_map["OPTIONS"]
        new = route.create_options_handler(route.path)
        if str(old) != str(new):  # a feature's own answer stays
            return
        new.owner = old.owner
        new.on_registration(old.app)
        model = new.create_kwargs_model(path_parameters=route.path_parameters)
        route.route_handler_map["OPTIONS"] = (new, model)


class HeadAsGet(Around):
    """Answer HEAD as GET, for which Litestar would ask a handler of its own, and end it where the content would begin:
    who asks has gone then, to what would go on and on.
    """

    @override
    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        if scope.get("method") != "HEAD":
            await next_app(scope, receive, send)
            return
        request = cast("HTTPScope", scope)
        begun = False

        async def send_head(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                await send(message)
                await send({"type": "http.response.body", "body": b"", "more_body": False})

        async def receive_until_then() -> ReceiveMessage:
            return {"type": "http.disconnect"} if begun else await receive()

        request["method"] = "GET"
        try:
            await next_app(scope, receive_until_then, send_head)
        finally:
            request["method"] = "HEAD"  # for what is around this: the log still says HEAD


def with_head(allowed: bytes) -> bytes:
    """Where GET is allowed, HEAD is."""
    methods = allowed.split(b", ")
    return b", ".join([*methods, b"HEAD"]) if b"GET" in methods and b"HEAD" not in methods else allowed


async def complete_answer(message: Message, scope: Scope) -> None:
    """A hook, not a middleware: it sees the answers that no route gave, too. A handler's own header stays, but for
    the request's id.

    It notes the status as well. What logs, counts or traces a request would otherwise wrap `send`, each once more.
    """
    state = scope["state"]
    if message["type"] == "http.response.start":
        state[STATUS_KEY] = int(message["status"])
        given = [
            (name, with_head(value) if name == b"allow" else value)
            for name, value in message["headers"]
            if name != REQUEST_ID  # of whoever got an answer that is kept
        ]
        names = {name for name, _ in given}
        added = [header for header in ENCODED_HEADERS if header[0] not in names]
        message["headers"] = [*given, *added, (REQUEST_ID, cast("str", state.get("request_id", "")).encode())]
    elif message["type"] == "websocket.accept":
        state[STATUS_KEY] = int(HTTPStatus.SWITCHING_PROTOCOLS)
    elif message["type"] == "websocket.close":
        state.setdefault(STATUS_KEY, int(HTTPStatus.FORBIDDEN))  # what the server answers


def status_of(scope: Scope) -> int:
    """What a request was answered with; 500 where it was not."""
    return cast("int", scope["state"].get(STATUS_KEY, int(HTTPStatus.INTERNAL_SERVER_ERROR)))
