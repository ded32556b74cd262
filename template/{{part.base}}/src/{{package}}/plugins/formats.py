"""Formats: JSON, and MessagePack for those who ask for it."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import TypedDict, Unpack, override

from litestar import Litestar, MediaType, Request, Response
from litestar.background_tasks import BackgroundTask, BackgroundTasks
from litestar.datastructures import Cookie, State
from litestar.enums import RequestEncodingType
from litestar.response.base import ASGIResponse
from litestar.serialization import get_serializer
from litestar.types import Receive, Scope, Send, TypeEncodersMap

JSON, MESSAGE_PACK = RequestEncodingType.JSON.value, RequestEncodingType.MESSAGEPACK.value
FORMATS = [JSON, MESSAGE_PACK]
WITHOUT_BODY = {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}


class Declared(TypedDict, total=False):
    """What a handler's decorator says of its answers."""

    background: BackgroundTask | BackgroundTasks | None
    cookies: Iterable[Cookie] | None
    encoded_headers: Iterable[tuple[bytes, bytes]] | None
    headers: dict[str, str] | None
    is_head_response: bool
    status_code: int | None
    type_encoders: TypeEncodersMap | None


class Encoded(ASGIResponse):
    """An answer in bytes. Litestar's own looks each header up among the others: a seventh of the shortest answer."""

    __slots__ = ("lines",)

    def __init__(  # pyright: ignore[reportMissingSuperCall] - not to be looked up is what this is for
        self,
        status_code: int,
        lines: list[tuple[bytes, bytes]],
        body: bytes,
        background: BackgroundTask | BackgroundTasks | None,
    ) -> None:
        self.status_code = status_code
        self.lines = lines
        self.body = body
        self.background = background

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.lines})
        await send({"type": "http.response.body", "body": self.body, "more_body": False})
        await self.after_response()


class Answer[T](Response[T]):
    """What a handler returns, in the format that `Accept` prefers."""

    @override
    def to_asgi_response(
        self,
        app: Litestar | None,
        request: Request[object, object, State],
        *,
        media_type: MediaType | str | None = None,
        **declared: Unpack[Declared],
    ) -> ASGIResponse:
        if (self.media_type or media_type or JSON) != JSON:
            return super().to_asgi_response(app, request, media_type=media_type, **declared)
        status = self.status_code or declared.get("status_code") or HTTPStatus.OK
        headers = {**(declared.get("headers") or {}), **self.headers, "vary": "accept"}
        body = b""
        if status not in WITHOUT_BODY:
            kind = preferred(request)
            encoders = {**(declared.get("type_encoders") or {}), **(self.response_type_encoders or {})}
            body = self.render(self.content, kind, get_serializer(encoders))
            headers = {"content-type": kind, "content-length": str(len(body)), **headers}
        lines = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        cookies = (*self.cookies, *(declared.get("cookies") or ()))
        lines += [cookie.to_encoded_header() for cookie in cookies if not cookie.documentation_only]
        return Encoded(status, lines, body, self.background or declared.get("background"))


def preferred(request: Request[object, object, State]) -> str:
    """JSON, unless MessagePack is named and wanted more."""
    # Hardly anybody says so, and to look each header up by its name takes longer than all else here.
    if all(name != b"accept" or MESSAGE_PACK.encode() not in value.lower() for name, value in request.scope["headers"]):
        return JSON
    try:
        return request.accept.best_match(FORMATS, JSON)
    except ValueError, OverflowError:  # of a weight that is no number, or one without end
        return JSON
