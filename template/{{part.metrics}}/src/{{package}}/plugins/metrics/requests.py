"""Requests: how many, how long they take, and how many there are at once."""

import time
from functools import cache
from typing import override

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send
from prometheus_client import CollectorRegistry, Histogram

from ..around import Around
from ..http import status_of
from .gauges import gauge

LABELS = ("http_request_method", "http_route", "http_response_status_code")
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
# Labels are of a few values: what callers make up has one name.
OTHER = "_OTHER"
UNMATCHED = "unmatched"


class RequestMetrics(Around):
    """Around the router, so that answers which no route gave count too.

    A request costs one observation of a histogram, whose count is the number of requests.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        duration = Histogram(
            "http_server_request_duration_seconds", "Duration of requests", LABELS, buckets=SECONDS, registry=registry
        )
        self.series = cache(duration.labels)
        self.at_once = gauge(registry, "http_server_active_requests", "Requests in flight")
        self.active = 0

    async def read(self) -> None:
        self.at_once.set(self.active)

    @override
    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        if scope["type"] != ScopeType.HTTP:
            await next_app(scope, receive, send)
            return
        method = scope["method"]
        start = time.perf_counter()
        self.active += 1
        try:
            await next_app(scope, receive, send)
        finally:
            self.active -= 1
            route = scope.get("path_template") or UNMATCHED
            series = self.series(method if method in METHODS else OTHER, route, status_of(scope))
            series.observe(time.perf_counter() - start)
