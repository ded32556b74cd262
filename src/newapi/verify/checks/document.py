"""A service's own OpenAPI document, as far as a request is made of it."""

from collections.abc import Mapping
from contextlib import suppress

import msgspec

JSON = "application/json"
SCHEMAS = "#/components/schemas/"
ANYTHING = msgspec.Raw(b"{}")  # a schema that says nothing
DEPTH = 5  # of values in values: a schema may be part of itself
FORMATS = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "email": "drain@example.org",
    "uri": "https://example.org",
    "uuid": "01a20260-528c-731f-969d-74f2da828ad8",
}


class Post(msgspec.Struct, frozen=True):
    """A request whose body is as its schema has it, as far as that is said in types, lengths and formats."""

    path: str
    body: bytes


class _Schema(msgspec.Struct, frozen=True, rename="camel"):
    ref: str = msgspec.field(default="", name="$ref")
    type: str | list[str] = ""
    format: str = ""
    enum: list[msgspec.Raw] = []
    properties: dict[str, msgspec.Raw] = {}
    required: list[str] = []
    items: msgspec.Raw = ANYTHING
    one_of: list[msgspec.Raw] = []
    any_of: list[msgspec.Raw] = []
    min_length: int = 0
    min_items: int = 0
    minimum: float = 0


class _Content(msgspec.Struct, frozen=True):
    schema: msgspec.Raw = ANYTHING


class _Body(msgspec.Struct, frozen=True):
    content: dict[str, _Content] = {}


class _Operation(msgspec.Struct, frozen=True, rename="camel"):
    request_body: _Body = _Body()
    security: list[dict[str, list[str]]] | None = None


class _Path(msgspec.Struct, frozen=True):
    post: _Operation = _Operation()


class _Components(msgspec.Struct, frozen=True):
    schemas: dict[str, msgspec.Raw] = {}


class _Document(msgspec.Struct, frozen=True):
    paths: dict[str, _Path] = {}
    components: _Components = _Components()
    security: list[dict[str, list[str]]] = []


def a_post(document: bytes, *, allowed: bool) -> Post | None:
    """The first request that brings JSON; unless all are `allowed`, the first that anybody may make."""
    with suppress(msgspec.DecodeError):
        known = msgspec.json.decode(document, type=_Document)
        for path, operations in known.paths.items():
            post = operations.post
            needed = known.security if post.security is None else post.security
            if JSON in post.request_body.content and "{" not in path and (allowed or not needed or {} in needed):
                return Post(path, _body(post.request_body.content[JSON].schema, known.components.schemas))
    return None


def _body(schema: msgspec.Raw, schemas: Mapping[str, msgspec.Raw]) -> bytes:
    """What the schema takes; of one that is hard to read, something that it may not."""
    with suppress(msgspec.DecodeError):
        return msgspec.json.encode(_least(schema, schemas))
    return b"{}"


def _least(raw: msgspec.Raw, schemas: Mapping[str, msgspec.Raw], depth: int = 0) -> object:
    """The least that a schema takes."""
    schema = msgspec.json.decode(raw, type=_Schema)
    inner = [*schema.one_of, *schema.any_of, *filter(None, [schemas.get(schema.ref.removeprefix(SCHEMAS))])]
    if schema.enum:
        return schema.enum[0]
    if inner and depth < DEPTH:
        return _least(inner[0], schemas, depth + 1)
    kind = schema.type if isinstance(schema.type, str) else next(iter(schema.type), "")
    if kind == "object" and depth < DEPTH:
        fields = ((name, schema.properties.get(name, ANYTHING)) for name in schema.required)
        return {name: _least(field, schemas, depth + 1) for name, field in fields}
    if kind == "array" and depth < DEPTH:
        return [_least(schema.items, schemas, depth + 1)] * schema.min_items
    text, number = FORMATS.get(schema.format, "x" * max(schema.min_length, 1)), int(schema.minimum)
    return {"string": text, "integer": number, "number": number, "boolean": False}.get(kind)
