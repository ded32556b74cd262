"""A collector that takes spans over OTLP/HTTP, as a real one does."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast, override

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span


class Collector(ThreadingHTTPServer):
    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Taker)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.spans: list[Span] = []
        self.services: set[str] = set()

    def span(self, name: str) -> Span:
        (found,) = [span for span in self.spans if span.name == name]
        return found


class Taker(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        collector = cast("Collector", self.server)
        asked = ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["content-length"])))
        for of_service in asked.resource_spans:
            names = (each.value.string_value for each in of_service.resource.attributes if each.key == "service.name")
            collector.services.update(names)
            collector.spans += [span for of_library in of_service.scope_spans for span in of_library.spans]
        self.send_response(HTTPStatus.OK if self.path == "/v1/traces" else HTTPStatus.NOT_FOUND)
        self.send_header("content-length", "0")
        self.end_headers()

    @override
    def log_message(self, format: str, *args: object) -> None: ...


def attributes(span: Span) -> dict[str, str | int]:
    return {each.key: each.value.string_value or each.value.int_value for each in span.attributes}


@contextmanager
def collecting(port: int = 0) -> Generator[Collector]:
    with Collector(port) as collector:
        thread = threading.Thread(target=collector.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield collector
        finally:
            collector.shutdown()
            thread.join()
