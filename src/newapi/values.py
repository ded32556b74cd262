"""Values of answers: what a flag or a file says becomes the type of its question."""

import difflib
import json
from collections.abc import Iterable
from typing import cast

import msgspec
import yaml

from newapi.errors import TemplateError, UsageError, quoted
from newapi.template import Choice, Question, Value, read_yaml

WANTED = {
    "bool": "yes or no",
    "float": "a number",
    "int": "a whole number",
    "json": "JSON",
    "path": "a path",
    "str": "a text",
    "yaml": "YAML",
}


def convert(question: Question, value: Value) -> Value:
    """`value` in the question's type, or an error that says what was wanted."""
    if not question.multiselect:
        return _one(question, value)
    items = _one(msgspec.structs.replace(question, type="yaml"), value)
    if not isinstance(items, (list, tuple)):
        raise UsageError(f"{question.name} is a list, and {quoted(value)} is not one.", hint(question, "'[a, b]'"))
    chosen = [_one(question, item) for item in items]
    known = [_one(question, choice.value) for choice in question.choices]
    # As Copier has it: in the order of the choices, whatever the order in which they were said.
    return [*(value for value in known if value in chosen), *(item for item in chosen if item not in known)]


def matches(question: Question, value: Value, choice: Choice) -> bool:
    """Whether `value` is this choice of the question."""
    return _one(question, choice.value) == value


def truth(value: Value) -> bool:
    """Yes and no in the words that YAML has for them; Copier takes every other word for a yes."""
    if not isinstance(value, str):
        return bool(value)
    word = value.strip().lower()
    if word in {"y", "yes", "t", "true", "on", "1"}:
        return True
    if word in {"", "n", "no", "f", "false", "off", "0", "~", "null", "none"}:
        return False
    raise ValueError(word)


def nearest(word: str, known: Iterable[str]) -> str:
    """The end of a sentence about a word that is not known: the known one that comes closest, if any does."""
    found = difflib.get_close_matches(word.lower(), list(known), n=1)
    return f"; did you mean {found[0]}?" if found else "."


def hint(question: Question, example: str = "...") -> str:
    return f"Give it as `{question.flag} {example}`."


def _one(question: Question, value: Value) -> Value:  # noqa: PLR0911 - a line for each type
    wanted = WANTED.get(question.type)
    if not wanted:
        raise TemplateError(f"{question.name} has the type {question.type!r}, which no question can have.")
    try:
        match question.type, value:
            case "bool", bool() | int() | str():
                return truth(value)
            case "int", int() | str():
                return int(value)
            case "float", int() | float() | str():
                return float(value)
            case "str" | "path", int() | float() | str():
                return str(value)
            case "json", str():
                return cast(Value, json.loads(value))
            case "yaml", str():
                return cast(Value, read_yaml(value))
            case "json" | "yaml", _:
                return value
            case _:
                reason = None
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        reason = error
    raise UsageError(f"{question.name} is {wanted}, and {quoted(value)} is not.", hint(question)) from reason
