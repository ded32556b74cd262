"""Bodies: here in time, of the type that a handler declares, with values of the types that it declares."""

import asyncio
from collections.abc import AsyncGenerator
from http import HTTPStatus
from math import isinf
from typing import cast, override

import msgspec
from litestar import Request
from litestar.datastructures import FormMultiDict, Headers, State
from litestar.enums import RequestEncodingType
from litestar.exceptions import ClientException, ValidationException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.params import BodyKwarg
from litestar.types import Receive, ReceiveMessage
from litestar.typing import FieldDefinition

from .formats import FORMATS, JSON, MESSAGE_PACK

BODY_TIMEOUT = "body_timeout"


def number(text: str) -> int | float:
    """JSON has one kind of number: 4.0 is as whole as 4."""
    value = float(text)
    if isinf(value):
        raise ValueError("Number out of range")
    return int(value) if value.is_integer() else value


NUMBERS = msgspec.json.Decoder[object](float_hook=number)


class StrictRequest(Request[object, object, State]):
    """Litestar reads bodies as leniently as parameters, which are texts: it takes 0 for a date, "1" for a number."""

    def require_declared_type(self) -> None:
        """Refuse a body of another type than the handler reads; Litestar would try to parse it all the same."""
        expected = expected_content_types(self.route_handler)
        if expected and content_type(self.headers) not in expected:
            detail = f"The body has to be {' or '.join(expected)}."
            raise ClientException(detail, status_code=HTTPStatus.UNSUPPORTED_MEDIA_TYPE)

    @override
    async def form(self) -> FormMultiDict:
        self.require_declared_type()  # Litestar takes what is no form for an empty one
        return await super().form()

    @override
    def stream(self) -> AsyncGenerator[bytes]:
        self.require_declared_type()
        self.receive = in_time(self.receive, cast("float", self.app.state[BODY_TIMEOUT]))
        return super().stream()

    @override
    async def json(self) -> object:
        body = await self.body()
        data = self.route_handler.parsed_data_field
        try:
            return NUMBERS.decode(body or b"null") if data is None else self.typed(body, data)
        except msgspec.ValidationError as error:
            message, _, place = str(error).partition(" - at `$")
            field = place.replace("[...]", "").strip(".`")  # a key that msgspec does not name
            entry = {"message": message, "key": field, "source": "body"}
            raise ValidationException(extra=[entry]) from None
        except RecursionError:
            fault = "nested too deeply"
        except UnicodeDecodeError:
            fault = "not valid UTF-8"
        except msgspec.DecodeError as error:
            fault = f"malformed: {error}"
        raise ClientException(f"The body is {fault}.")

    def typed(self, body: bytes, data: FieldDefinition) -> object:
        """The body as what the handler declares.

        MessagePack is read into it at once: a map with keys of any type could be made of keys that all collide.
        """
        kind, hook = cast("type[object]", data.annotation), self.route_handler.default_deserializer
        if content_type(self.headers) == MESSAGE_PACK:
            return msgspec.msgpack.decode(body, type=kind, dec_hook=hook)
        return msgspec.convert(NUMBERS.decode(body), kind, dec_hook=hook)


def in_time(receive: Receive, seconds: float) -> Receive:
    """A client that sends a byte now and then would keep its connection for as long as it likes."""
    deadline = asyncio.get_running_loop().time() + seconds

    async def receive_in_time() -> ReceiveMessage:
        try:
            async with asyncio.timeout_at(deadline):
                message = await receive()
        except TimeoutError:
            raise ClientException("The body took too long.", status_code=HTTPStatus.REQUEST_TIMEOUT) from None
        if message["type"] == "http.disconnect":  # Litestar takes it for a bug of its own
            raise ClientException("The body did not arrive.")
        return message

    return receive_in_time


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
