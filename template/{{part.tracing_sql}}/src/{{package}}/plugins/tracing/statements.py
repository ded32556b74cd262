"""Statements: a span for each, within that of the request."""

from weakref import WeakKeyDictionary

from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer, get_current_span
from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext, ExecutionContext
from sqlalchemy.ext.asyncio import AsyncEngine


def follow_statements(tracer: Tracer, engine: AsyncEngine) -> None:
    """Spans are named by what a statement does; its text has no parameters in it."""
    spans: WeakKeyDictionary[ExecutionContext, Span] = WeakKeyDictionary()

    def begin(*, statement: str, context: ExecutionContext, **_: object) -> None:
        if not get_current_span().is_recording():
            return  # nobody's request: a health check, or work in the background
        name = statement.split(maxsplit=1)[0].upper()
        attributes = {"db.system.name": engine.dialect.name, "db.operation.name": name, "db.query.text": statement}
        spans[context] = tracer.start_span(name, kind=SpanKind.CLIENT, attributes=attributes)

    def end(*, context: ExecutionContext, **_: object) -> None:
        if span := spans.pop(context, None):
            span.end()

    def fail(context: ExceptionContext) -> None:
        span = spans.pop(context.execution_context, None) if context.execution_context else None
        if span:
            span.set_attribute("error.type", type(context.original_exception).__name__)
            span.set_status(StatusCode.ERROR)
            span.end()

    event.listen(engine.sync_engine, "before_cursor_execute", begin, named=True)
    event.listen(engine.sync_engine, "after_cursor_execute", end, named=True)
    event.listen(engine.sync_engine, "handle_error", fail)
