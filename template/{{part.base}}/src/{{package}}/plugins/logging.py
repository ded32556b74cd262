"""Logging: structlog, one line for each request, and never a body, a query or a header."""

import logging.config
import re
import sys
import time
from collections.abc import Iterator
from typing import Literal, cast, override
from uuid import uuid4

import structlog
from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send
from msgspec import Struct
from structlog.typing import EventDict, Processor

from ..findings import Finding

REQUEST_ID = "x-request-id"
SECRET_NAME = re.compile(r"passw|secret|token|authorization|cookie|api_?key|credential", re.IGNORECASE)
REDACTED = "***"
ACCEPTED_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")


class LogSettings(Struct, frozen=True, kw_only=True):
    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["json", "console"] = "json"

    def findings(self) -> Iterator[Finding]:
        if self.format != "json":
            yield Finding(f"LOG_FORMAT is {self.format}: whatever collects the logs reads json.")
        if self.level == "debug":
            yield Finding("LOG_LEVEL is debug: libraries then log more than is meant for others.", serious=True)


def processors() -> list[Processor]:
    """What every line goes through, ours and the libraries'."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        redact,
    ]


def redact(_logger: object, _method: str, line: EventDict) -> EventDict:
    """Blank out what is named like a secret, however deep: a slip in one line of code shows nobody's password."""
    return {name: without_secrets(name, value) for name, value in cast("dict[str, object]", line).items()}


def without_secrets(name: str, value: object) -> object:
    if SECRET_NAME.search(name):
        return REDACTED
    match value:
        case dict():
            return {key: without_secrets(str(key), inner) for key, inner in cast("dict[object, object]", value).items()}
        case list() | tuple():
            return [without_secrets("", inner) for inner in cast("list[object]", value)]
        case _:
            return value


def logging_config(settings: LogSettings) -> dict[str, object]:
    """The standard library's side, for Granian and the libraries: their lines look like ours."""
    # Local variables stay out of tracebacks, in either form: they hold passwords and tokens.
    if settings.format == "console":
        plain = structlog.dev.plain_traceback
        rendering: list[Processor] = [
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)
        ]
    else:
        tracebacks = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        rendering = [structlog.processors.ExceptionRenderer(tracebacks), structlog.processors.JSONRenderer()]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structlog": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": processors(),
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structlog"}},
        # Who signed in, and who tried to, is told at every level.
        "loggers": {"_granian": {"level": settings.level.upper()}, "audit": {"level": "INFO"}},
        "root": {"level": settings.level.upper(), "handlers": ["stderr"]},
    }


def configure_logging(settings: LogSettings) -> None:
    logging.config.dictConfig(logging_config(settings))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *processors(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


class RequestLog(ASGIMiddleware):
    """Give each request an id, in the answer and in every line logged meanwhile, and log how it went."""

    scopes = (ScopeType.HTTP,)

    @override
    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        request_id = request_id_of(scope)
        scope["state"]["request_id"] = request_id
        structlog.contextvars.clear_contextvars()
        _ = structlog.contextvars.bind_contextvars(request_id=request_id)
        start, status = time.perf_counter(), 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableScopeHeaders.from_message(message)[REQUEST_ID] = request_id
            await send(message)

        try:
            await next_app(scope, receive, send_with_id)
        finally:
            structlog.stdlib.get_logger("request").log(
                logging.DEBUG if scope["path"].startswith("/health/") else logging.INFO,
                "request",
                method=cast("HTTPScope", scope)["method"],
                path=scope["path"],
                status=int(status),
                milliseconds=round((time.perf_counter() - start) * 1000, 2),
            )


def request_id_of(scope: Scope) -> str:
    """The caller's id where it is harmless, else a new one."""
    for name, value in scope["headers"]:
        if name == REQUEST_ID.encode() and ACCEPTED_ID.fullmatch(value):
            return value.decode()
    return uuid4().hex
