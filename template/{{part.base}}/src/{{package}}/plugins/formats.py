"""Formats: JSON, and MessagePack for those who ask for it."""

import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import TypedDict, Unpack, override

from litestar import Litestar, MediaType, Request, Response
from litestar.background_tasks import BackgroundTask, BackgroundTasks
from litestar.datastructures import Cookie, MutableScopeHeaders, State
from litestar.enums import RequestEncodingType
from litestar.exceptions import ImproperlyConfiguredException
from litestar.response.base import ASGIResponse
from litestar.serialization import get_serializer
from litestar.types import TypeEncodersMap

JSON, MESSAGE_PACK = RequestEncodingType.JSON.value, RequestEncodingType.MESSAGEPACK.value
FORMATS = [JSON, MESSAGE_PACK]
FORM = re.compile(r';[a-z.-]+"$')
WITHOUT_BODY = {*range(100, 200), HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}


class Declared(TypedDict, total=False):
    """What Litestar hands on of an answer: what the handler's decorator says, most of all."""

    background: BackgroundTask | BackgroundTasks | None
    cookies: Iterable[Cookie] | None
    encoded_headers: Iterable[tuple[bytes, bytes]] | None
    headers: dict[str, str] | None
    is_head_response: bool
    status_code: int | None
    type_encoders: TypeEncodersMap | None


class Encoded(ASGIResponse):
    """An answer in bytes. Litestar's own looks each header up among the others: a tenth of the shortest answer."""

    __slots__ = ()

    def __init__(  # pyright: ignore[reportMissingSuperCall] - the look-ups are in it; all that it sets is set here
        self,
        status_code: int,
        headers: list[tuple[bytes, bytes]],
        body: bytes,
        background: BackgroundTask | BackgroundTasks | None,
    ) -> None:
        self.status_code = status_code
        self.headers = MutableScopeHeaders({"headers": headers})
        self.body = body
        self.background = background
        self.content_length = len(body)
        self.encoding = "utf-8"
        self.is_head_response = False
        self._encoded_cookies = ()  # they are among the headers


class Answer[T](Response[T]):
    """What a handler returns, in the format that `Accept` prefers. Its ETag says the form too: it is of these bytes."""

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
        named = {**(declared.get("headers") or {}), **self.headers}
        headers = {name.lower(): value for name, value in named.items()}
        headers["vary"] = f"{headers['vary']}, accept" if "vary" in headers else "accept"
        if "etag" in headers:
            headers["etag"] = with_form(headers["etag"], request)
        body = b""
        if status not in WITHOUT_BODY and not declared.get("is_head_response"):
            kind = preferred(request)
            encoders = {**(declared.get("type_encoders") or {}), **(self.response_type_encoders or {})}
            body = self.render(self.content, kind, get_serializer(encoders))
            headers = {"content-type": kind, **headers, "content-length": str(len(body))}
        elif self.content is not None:
            raise ImproperlyConfiguredException(f"An answer with status {int(status)} has no content")
        encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        encoded += declared.get("encoded_headers") or ()
        cookies = (*self.cookies, *(declared.get("cookies") or ()))
        encoded += [cookie.to_encoded_header() for cookie in cookies if not cookie.documentation_only]
        return Encoded(status, encoded, body, self.background or declared.get("background"))


def preferred(request: Request[object, object, State]) -> str:
    """JSON, unless MessagePack is named and wanted more."""
    # Hardly anybody says so, and to look each header up by its name takes longer than all else here.
    if all(name != b"accept" or MESSAGE_PACK.encode() not in value.lower() for name, value in request.scope["headers"]):
        return JSON
    try:
        return request.accept.best_match(FORMATS, JSON)
    except ValueError, OverflowError:  # of a weight that is no number, or one without end
        return JSON


def form_of(request: Request[object, object, State]) -> str:
    """What the bytes of an answer follow from, beside its content: its format, and whether it may be compressed."""
    zipped = "gzip" in request.headers.get("accept-encoding", "")  # as Litestar decides it
    return f"{preferred(request).rpartition('/')[2]}{'.gzip' if zipped else ''}"


def with_form(tag: str, request: Request[object, object, State]) -> str:
    """A strong tag of one form alone (RFC 9110, 8.8.3): `"7"` is `"7;json"`."""
    return f'{tag[:-1]};{form_of(request)}"'


def without_form(tag: str) -> str:
    """The tag that all forms have in common."""
    return FORM.sub('"', tag)
