"""Requests: a span for each, named by its route."""

from typing import override

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send
from opentelemetry.trace import SpanKind, StatusCode, Tracer, format_trace_id
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from ..around import Around
from ..http import status_of

PROPAGATED = {b"traceparent", b"tracestate"}
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
W3C = TraceContextTextMapPropagator()


class RequestTracing(Around):
    """Around everything, so that the request's own log line is part of it. Health checks are not traced."""

    def __init__(self, tracer: Tracer) -> None:
        self.tracer = tracer

    @override
    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        path = scope["path"]
        if scope["type"] != ScopeType.HTTP or path.startswith("/health/"):
            await next_app(scope, receive, send)
            return
        method = scope["method"]
        name = method if method in METHODS else "HTTP"
        given = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"] if key in PROPAGATED}
        attributes = {"http.request.method": method, "url.path": path, "url.scheme": scope["scheme"]}

        with self.tracer.start_as_current_span(name, W3C.extract(given), SpanKind.SERVER, attributes) as span:
            scope["state"]["trace_id"] = format_trace_id(span.get_span_context().trace_id)
            try:
                await next_app(scope, receive, send)
            finally:
                if route := scope.get("path_template"):
                    span.update_name(f"{name} {route}")
                    span.set_attribute("http.route", route)
                status = status_of(scope)
                span.set_attribute("http.response.status_code", status)
                if status >= 500:
                    span.set_status(StatusCode.ERROR)
