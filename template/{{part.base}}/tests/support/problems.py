"""How the tests look at errors."""

from typing import TypedDict, cast

import httpx


class FieldError(TypedDict):
    field: str
    message: str
    source: str


class Problem(TypedDict):
    title: str
    status: int
    detail: str
    instance: str
    request_id: str
    errors: list[FieldError]


def problem(response: httpx.Response, status: int) -> Problem:
    """The problem document that an answer with this status has to be."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    document = cast("Problem", response.json())
    assert document["status"] == status
    assert document["request_id"] == response.headers["x-request-id"]
    return document
