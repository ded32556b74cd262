"""HTTP: what holds for every request and answer."""

from http import HTTPStatus
from typing import Annotated, override

from litestar.config.app import AppConfig
from litestar.config.compression import CompressionConfig
from litestar.config.cors import CORSConfig
from litestar.connection import ASGIConnection
from litestar.datastructures import MutableScopeHeaders, State
from litestar.enums import RequestEncodingType
from litestar.exceptions import ClientException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.params import BodyKwarg
from litestar.plugins import InitPlugin
from litestar.types import Message, Scope
from msgspec import Meta, Struct

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


class HttpSettings(Struct, frozen=True, kw_only=True):
    cors_origins: tuple[str, ...] = ()
    max_body_bytes: Annotated[int, Meta(ge=1024)] = 1_000_000

    def __post_init__(self) -> None:
        if "*" in self.cors_origins:
            raise ValueError("HTTP_CORS_ORIGINS allows every origin; name them, such as https://app.example.org")


class HttpPlugin(InitPlugin):
    def __init__(self, settings: HttpSettings) -> None:
        self.settings = settings

    @override
    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        app_config.compression_config = CompressionConfig(
            backend="gzip", minimum_size=1024, exclude_opt_key="compressed"
        )
        app_config.before_send.append(add_security_headers)
        app_config.guards.append(require_declared_content_type)
        if self.settings.cors_origins:
            app_config.cors_config = CORSConfig(
                allow_origins=list(self.settings.cors_origins), expose_headers=["x-request-id"]
            )
        return app_config


async def add_security_headers(message: Message, _: Scope) -> None:
    """A hook, not a middleware: it sees the answers that no route gave, too. A handler's own header stays."""
    if message["type"] == "http.response.start":
        headers = MutableScopeHeaders.from_message(message)
        for name, value in SECURITY_HEADERS.items():
            if name not in headers:
                headers[name] = value


def require_declared_content_type(
    connection: ASGIConnection[BaseRouteHandler, object, object, State], handler: BaseRouteHandler
) -> None:
    """Refuse a body of another type than the handler reads; Litestar would try to parse it all the same."""
    expected = expected_content_type(handler)
    given = connection.headers.get("content-type", "").partition(";")[0].strip().lower()
    if expected and given != expected:
        raise ClientException(f"The body has to be {expected}.", status_code=HTTPStatus.UNSUPPORTED_MEDIA_TYPE)


def expected_content_type(handler: BaseRouteHandler) -> str:
    """The content type of the body that a handler reads, or an empty string where it reads none."""
    data = handler.parsed_data_field if isinstance(handler, HTTPRouteHandler) else None
    if data is None:
        return ""
    body = data.kwarg_definition
    media_type = body.media_type if isinstance(body, BodyKwarg) else RequestEncodingType.JSON
    return RequestEncodingType(media_type).value
