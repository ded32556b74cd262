"""A request that is made of a service's own document."""

import json

import pytest

from newapi.verify.checks.document import a_post

KEY = [{"Key": list[str]()}]


def document(security: object = None, **schemas: object) -> bytes:
    """Of a service with one operation: it takes a `Thing`."""
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}
    post = {"requestBody": {"content": content}, "security": security}
    paths = {"/things/{id}": {"post": post}, "/things": {"get": {}, "post": post}}
    return json.dumps({"paths": paths, "components": {"schemas": schemas}, "security": KEY}).encode()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ({"type": "string", "minLength": 12}, "x" * 12),
        ({"type": "string", "format": "email"}, "drain@example.org"),
        ({"type": ["integer", "null"], "minimum": 3}, 3),
        ({"type": "boolean"}, False),
        ({"enum": ["low", "high"]}, "low"),
        ({"oneOf": [{"type": "null"}, {"type": "string"}]}, None),
        ({"type": "array", "minItems": 2, "items": {"type": "integer"}}, [0, 0]),
        ({"$ref": "#/components/schemas/Other"}, {"name": "x"}),
        ({}, None),
    ],
)
def test_a_body_has_what_is_required_and_nothing_else(field: object, value: object) -> None:
    other = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
    thing = {"type": "object", "properties": {"field": field, "more": field}, "required": ["field"]}
    post = a_post(document(Thing=thing, Other=other), allowed=True)
    assert post
    assert post.path == "/things"
    assert json.loads(post.body) == {"field": value}


@pytest.mark.parametrize("security", ["[]", "[{}]", '[{"Key": []}, {}]'])
def test_a_request_that_anybody_may_make_is_found(security: str) -> None:
    assert a_post(document(json.loads(security), Thing={}), allowed=False)


@pytest.mark.parametrize("security", ["null", '[{"Key": []}]'])
def test_a_request_that_needs_a_right_is_made_with_it_alone(security: str) -> None:
    said = document(json.loads(security), Thing={})
    assert a_post(said, allowed=True)
    assert not a_post(said, allowed=False)


def test_a_schema_that_is_part_of_itself_has_an_end() -> None:
    thing = {"type": "object", "properties": {"inner": {"$ref": "#/components/schemas/Thing"}}, "required": ["inner"]}
    post = a_post(document(Thing=thing), allowed=True)
    assert post
    assert post.body.startswith(b'{"inner":')


def test_what_cannot_be_read_is_no_reason_to_ask_nothing() -> None:
    post = a_post(document(Thing={"type": "object", "required": True}), allowed=True)
    assert post
    assert post.body == b"{}"
    assert a_post(b"<html>", allowed=True) is None
