"""Errors: what the domain raises, and how every error leaves the service (RFC 9457, problem+json)."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import cast

import structlog
from litestar import Request, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException, ValidationException
from msgspec import Struct

PROBLEM_JSON = "application/problem+json"


class DomainError(Exception):
    """Something the caller can act on; the text is shown to them."""


class NotFoundError(DomainError):
    pass


class ConflictError(DomainError):
    pass


class StaleError(DomainError):
    """Somebody else has changed it since the caller read it."""


# The first that fits, so a subclass stands before its base.
STATUS: dict[type[DomainError], HTTPStatus] = {
    NotFoundError: HTTPStatus.NOT_FOUND,
    ConflictError: HTTPStatus.CONFLICT,
    StaleError: HTTPStatus.PRECONDITION_FAILED,
    DomainError: HTTPStatus.BAD_REQUEST,
}


class FieldError(Struct, frozen=True):
    """What is wrong with one field, and where it came from: body, query, path, header or cookie."""

    field: str
    message: str
    source: str


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An error, as RFC 9457 has it; `request_id` finds it in the logs."""

    title: str
    status: int
    detail: str
    instance: str
    request_id: str = ""
    errors: tuple[FieldError, ...] = ()


# Litestar reports the missing body as a missing argument of the handler.
EMPTY_BODY = FieldError("data", "The body is empty", "body")

# Not a `type` statement: Litestar looks for the class itself.
AnyRequest = Request[object, object, State]


def problem(
    request: AnyRequest,
    status: int,
    detail: str,
    *,
    errors: tuple[FieldError, ...] = (),
    headers: Mapping[str, str] | None = None,
) -> Response[Problem]:
    body = Problem(
        title=HTTPStatus(status).phrase if status in HTTPStatus else "Error",
        status=status,
        detail=detail,
        instance=request.scope["path"],  # the address may not even be one: a client writes its Host
        request_id=cast("str", request.scope["state"].get("request_id", "")),
        errors=errors,
    )
    return Response(body, status_code=status, media_type=PROBLEM_JSON, headers=dict(headers or {}))


def on_domain_error(request: AnyRequest, error: DomainError) -> Response[Problem]:
    status = next(status for kind, status in STATUS.items() if isinstance(error, kind))
    return problem(request, status, str(error))


def on_http_exception(request: AnyRequest, error: HTTPException) -> Response[Problem]:
    status, detail = error.status_code, error.detail
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return on_bug(request, error)
    if status in HTTPStatus and detail == HTTPStatus(status).phrase:
        detail = HTTPStatus(status).description  # Litestar repeats the title where it has nothing to say
    headers = dict(error.headers or {})
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE and request.scope["http_version"].startswith("1"):
        headers["connection"] = "close"  # the rest of the body is still on its way
    return problem(request, status, detail, headers=headers)


def on_validation_exception(request: AnyRequest, error: ValidationException) -> Response[Problem]:
    """Litestar's own detail repeats the address with its query, which may hold what nobody should log."""
    errors = field_errors(error.extra)
    detail = "Some of what was sent is not valid." if errors else error.detail
    return problem(request, HTTPStatus.BAD_REQUEST, detail, errors=errors)


def field_errors(extra: object) -> tuple[FieldError, ...]:
    """Litestar's own validation errors carry a list of mappings."""
    if not isinstance(extra, list):
        return ()
    entries = cast("list[dict[str, str]]", extra)
    return tuple(
        EMPTY_BODY
        if entry.get("message") == "'data'"
        else FieldError(entry.get("key", ""), without_pattern(entry.get("message", "")), entry.get("source", "body"))
        for entry in entries
    )


def without_pattern(message: str) -> str:
    """A regular expression helps nobody who typed an address."""
    return "Not of the form that is expected here" if "matching regex" in message else message


def on_bug(request: AnyRequest, error: Exception) -> Response[Problem]:
    structlog.stdlib.get_logger("errors").error("unhandled error", exc_info=error)
    return problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong on our side.")


HANDLERS: dict[int | type[Exception], Callable[..., Response[Problem]]] = {
    DomainError: on_domain_error,
    ValidationException: on_validation_exception,
    HTTPException: on_http_exception,
    Exception: on_bug,
}
