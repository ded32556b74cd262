"""The report as a JSON document: written, read, and described by a schema."""

import inspect
from pathlib import Path
from typing import cast

import msgspec

from newapi.errors import UsageError, quoted
from newapi.verify.model import FORMAT, Report

HINT = "Name files that `newapi verify --json FILE` wrote."


class _Head(msgspec.Struct):
    format: int


def encode(report: Report) -> bytes:
    """The same bytes for the same report, in lines that can be compared."""
    return msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n"


def read(path: Path) -> Report:
    """The report in a file; raises `UsageError` for one that `encode` did not write."""
    try:
        return decode(path.read_bytes())
    except OSError as error:
        raise UsageError(f"The report {quoted(str(path))} cannot be read: {error.strerror}.", HINT) from error
    except UsageError as error:
        raise UsageError(f"{quoted(str(path))} {error.message}", error.hint) from error


def decode(document: bytes) -> Report:
    try:
        found = msgspec.json.decode(document, type=_Head).format
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError("is no report of a verification.", HINT) from error
    if found != FORMAT:
        problem = f"is a report of format {found}; this newapi reads format {FORMAT}."
        raise UsageError(problem, "Use the same version of newapi for all runs whose reports meet.")
    try:
        return msgspec.json.decode(document, type=Report)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"is no report of a verification: {error}.", HINT) from error


def schema() -> bytes:
    """The JSON Schema of what `encode` writes."""
    described = msgspec.json.schema(Report, schema_hook=lambda _: {"description": "An answer."})
    parts = cast("dict[str, dict[str, object]]", described["$defs"])
    for part in parts.values():  # before Python 3.13 a docstring is indented as in the source
        part["description"] = inspect.cleandoc(str(part.get("description", "")))
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "The report of newapi verify"}
    return msgspec.json.format(msgspec.json.encode({**head, **described}), indent=2) + b"\n"
