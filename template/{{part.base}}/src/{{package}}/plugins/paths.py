"""Paths: each has one way to be written, so that whoever compares paths and whoever routes by them mean the same."""

import re
from collections.abc import Callable
from copy import replace
from http import HTTPStatus
from typing import override
from uuid import UUID

from litestar import Request
from litestar.enums import ScopeType
from litestar.routes import BaseRoute
from litestar.types import ASGIApp, Receive, Scope, Send

from ..errors import AnyRequest, problem
from .around import Around

# Nothing between two slashes or after the last one, no step to here or up, no slash that does not look like one, and
# none of the characters written as a number that need not be (RFC 3986, 2.3). Nothing in it is looked for twice:
# whoever asks for a long path would keep a worker from all else.
PLAIN = rb"%(2[de]|3[0-9]|[46][1-9a-f]|[57][0-9a]|5f|7e)"
OTHER_WAY = re.compile(rb"//|[^/]/$|/\.{1,2}(/|$)|%2f|%5c|\\|" + PLAIN, re.IGNORECASE)


class OneWay(Around):
    """Answer 404 where a path is written in another way. Litestar would route `//docs/` and `/%64ocs` as `/docs`,
    and a proxy in front or a middleware around may have let them pass as something else.
    """

    @override
    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        if not OTHER_WAY.search(scope["raw_path"]):
            await next_app(scope, receive, send)
        elif scope["type"] == ScopeType.HTTP:
            request: AnyRequest = Request(scope)
            answer = problem(request, HTTPStatus.NOT_FOUND, HTTPStatus.NOT_FOUND.description)
            await answer.to_asgi_response(None, request)(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008, "reason": "path"})


def require_one_way(route: BaseRoute) -> None:
    """Let ids in a path be written as the service writes them. Python reads more: `urn:uuid:...`, `{...}`, `0_7`."""
    for name, parameter in route.path_parameters.items():
        if parser := PARSERS.get(parameter.type):
            route.path_parameters[name] = replace(parameter, parser=parser)


def parse_uuid(text: str) -> UUID:
    return same(UUID(text), text)


def parse_int(text: str) -> int:
    return same(int(text), text)


def same[T](value: T, text: str) -> T:
    if str(value) != text:
        raise ValueError(text)  # to Litestar there is no such path
    return value


PARSERS: dict[type, Callable[[str], object]] = {UUID: parse_uuid, int: parse_int}
