"""Outgoing: what a feature asks of others over HTTP, with whatever client, as a step of the request that it serves."""

from collections.abc import Generator
from contextlib import contextmanager
from http import HTTPStatus
from urllib.parse import urlsplit

from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer, get_current_span

from .requests import W3C


class Call:
    """A request on its way: `headers` go along with it, so that its trace goes on there."""

    def __init__(self, span: Span) -> None:
        self.span = span
        self.headers: dict[str, str] = {}
        W3C.inject(self.headers)

    def answered(self, status: int) -> None:
        self.span.set_attribute("http.response.status_code", status)
        if status >= HTTPStatus.BAD_REQUEST:
            self.span.set_status(StatusCode.ERROR)


class Outgoing:
    """The dependency `outgoing` of a handler.

    with outgoing.call("GET", url) as call:
        answer = await client.get(url, headers=call.headers)
        call.answered(answer.status_code)
    """

    def __init__(self, tracer: Tracer) -> None:
        self.tracer = tracer

    @contextmanager
    def call(self, method: str, url: str) -> Generator[Call]:
        """A span for a request to another service; none where the request that is served has none.

        Neither the query nor a password in the address is part of it, nor what an exception says: each may be secret.
        """
        if not get_current_span().is_recording():
            yield Call(get_current_span())
            return
        with self.tracer.start_as_current_span(
            method,
            kind=SpanKind.CLIENT,
            attributes={"http.request.method": method, **address_of(url)},
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield Call(span)
            except BaseException as error:
                span.set_attribute("error.type", type(error).__name__)
                span.set_status(StatusCode.ERROR)
                raise


def address_of(url: str) -> dict[str, str | int]:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    port = parts.port or {"http": 80}.get(parts.scheme, 443)
    return {
        "server.address": parts.hostname or "",
        "server.port": port,
        "url.full": f"{parts.scheme}://{host}{parts.path}",
    }
