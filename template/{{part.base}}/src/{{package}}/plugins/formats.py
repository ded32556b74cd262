"""Formats: JSON, and MessagePack for those who ask for it."""

from collections.abc import Callable
from typing import cast, override

from litestar import Litestar, MediaType, Request, Response
from litestar.datastructures import State
from litestar.enums import RequestEncodingType
from litestar.response.base import ASGIResponse

JSON, MESSAGE_PACK = RequestEncodingType.JSON.value, RequestEncodingType.MESSAGEPACK.value
FORMATS = [JSON, MESSAGE_PACK]


class Answer[T](Response[T]):
    """What a handler returns, in the format that `Accept` prefers."""

    @override
    def to_asgi_response(
        self,
        app: Litestar | None,
        request: Request[object, object, State],
        *,
        media_type: MediaType | str | None = None,
        **rest: object,
    ) -> ASGIResponse:
        if (self.media_type or media_type or JSON) == JSON:
            self.headers = {**self.headers, "vary": "accept"}
            self.media_type = preferred(request)
        # The rest is handed on as it came.
        create = cast("Callable[..., ASGIResponse]", super().to_asgi_response)
        return create(app, request, media_type=media_type, **rest)


def preferred(request: Request[object, object, State]) -> str:
    """JSON, unless MessagePack is named and wanted more."""
    if MESSAGE_PACK not in request.headers.get("accept", "").lower():
        return JSON
    try:
        return request.accept.best_match(FORMATS, JSON)
    except ValueError, OverflowError:  # of a weight that is no number, or one without end
        return JSON
