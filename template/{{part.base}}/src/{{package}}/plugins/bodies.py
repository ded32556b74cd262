"""Bodies: of the type that a handler declares, with values of the types that it declares."""

from http import HTTPStatus
from typing import cast, override

import msgspec
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import Headers, State
from litestar.enums import RequestEncodingType
from litestar.exceptions import ClientException, ValidationException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.params import BodyKwarg

from .formats import FORMATS, JSON, MESSAGE_PACK


class StrictRequest(Request[object, object, State]):
    """Litestar reads bodies as leniently as parameters, which are texts: it takes 0 for a date, and "1" for a number."""

    @override
    async def json(self) -> object:
        packed = content_type(self.headers) == MESSAGE_PACK
        value = cast("object", await (self.msgpack() if packed else super().json()))
        data = self.route_handler.parsed_data_field
        if data is None:
            return value
        kind = cast("type[object]", data.annotation)
        try:
            return msgspec.convert(value, kind, dec_hook=self.route_handler.default_deserializer)
        except msgspec.ValidationError as error:
            message, _, place = str(error).partition(" - at `$")
            entry = {"message": message, "key": place.strip(".`") or "data", "source": "body"}
            raise ValidationException(extra=[entry]) from None


def require_declared_content_type(
    connection: ASGIConnection[BaseRouteHandler, object, object, State], handler: BaseRouteHandler
) -> None:
    """Refuse a body of another type than the handler reads; Litestar would try to parse it all the same."""
    expected = expected_content_types(handler)
    if expected and content_type(connection.headers) not in expected:
        detail = f"The body has to be {' or '.join(expected)}."
        raise ClientException(detail, status_code=HTTPStatus.UNSUPPORTED_MEDIA_TYPE)


def content_type(headers: Headers) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def expected_content_types(handler: BaseRouteHandler) -> list[str]:
    """The content types of the bodies that a handler reads; none where it reads no body."""
    data = handler.parsed_data_field if isinstance(handler, HTTPRouteHandler) else None
    if data is None:
        return []
    body = data.kwarg_definition
    media_type = RequestEncodingType(body.media_type if isinstance(body, BodyKwarg) else JSON).value
    return FORMATS if media_type == JSON else [media_type]
