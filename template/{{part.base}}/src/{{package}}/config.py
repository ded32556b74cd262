"""Configuration: how a tree of frozen structs is read from environment variables."""

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import cast, final, get_origin, override

import msgspec
from dotenv import dotenv_values
from msgspec import inspect

# Of `.env`, beginning like a setting of ours: a word that all programs share.
FOREIGN = frozenset({"HTTP_PROXY"})


class ConfigurationError(Exception):
    """Why the service cannot start: a line for each thing that is missing or wrong, never with a variable's value."""


@final
class Secret:
    """A string that does not show itself in logs, tracebacks or a `repr`."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    @override
    def __repr__(self) -> str:
        return "Secret('***')"


def load[T: msgspec.Struct](kind: type[T], environ: Mapping[str, str], env_file: Path) -> T:
    """Read `kind`, whose fields are sections: the variable of `server.port` is `SERVER_PORT`.

    The environment wins over `env_file`, which need not exist. An empty variable counts as not set, and a tuple is
    written with commas.
    """
    try:
        written = {name: value or "" for name, value in dotenv_values(env_file, interpolate=False).items()}
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{env_file.name} is not written in UTF-8.") from error
    given = {name: value for name, value in (written | dict(environ)).items() if value}
    sections = {field.name: cast("type[msgspec.Struct]", field.type) for field in msgspec.structs.fields(kind)}
    problems = misspelt(written, sections)
    values: dict[str, msgspec.Struct] = {}
    for name, section in sections.items():
        try:
            values[name] = read_section(name, section, given)
        except ConfigurationError as error:
            problems.append(str(error))
    if problems:
        error = ConfigurationError("\n".join(problems))
        if not env_file.exists() and env_file.with_name(f"{env_file.name}.example").exists():
            error.add_note(f"`make {env_file.name}` makes a first {env_file.name}, with secrets of its own.")
        raise error
    return kind(**values)


def read_section(prefix: str, kind: type[msgspec.Struct], given: Mapping[str, str]) -> msgspec.Struct:
    problems: list[str] = []
    values: dict[str, object] = {}
    for field in msgspec.structs.fields(kind):
        variable = variable_of(prefix, field.name)
        if variable in given:
            try:
                values[field.name] = convert(given[variable], cast("type", field.type))
            except msgspec.ValidationError as error:
                known = expected(cast("type", field.type))
                problems.append(f"{variable} has to be {known}" if known else f"{variable} is wrong: {error}")
        elif field.required:
            problems.append(f"{variable} is not set, and it has no default")
    if problems:
        raise ConfigurationError("\n".join(problems))
    try:
        return kind(**values)
    except ValueError as error:  # what the section's own __post_init__ refuses
        raise ConfigurationError(str(error)) from None


def convert(text: str, kind: type) -> object:
    is_list = get_origin(kind) is tuple
    value = [part.strip() for part in text.split(",") if part.strip()] if is_list else text
    return cast("object", msgspec.convert(value, kind, strict=False, dec_hook=decode_secret))


def expected(kind: type) -> str:
    """What a value of this type is, in words; nothing where msgspec's own have to do."""
    match inspect.type_info(kind):
        case inspect.BoolType():
            return "true or false"
        case inspect.LiteralType(values=values):
            return f"one of {', '.join(map(str, values))}"
        case inspect.IntType() | inspect.FloatType() as number:
            what = "a whole number" if isinstance(number, inspect.IntType) else "a number"
            limits = {"at least": number.ge, "above": number.gt, "at most": number.le, "below": number.lt}
            said = " and ".join(f"{word} {limit}" for word, limit in limits.items() if limit is not None)
            return f"{what}, {said}" if said else what
        case _:
            return ""


def decode_secret(kind: type, value: object) -> object:
    if kind is Secret and isinstance(value, str):
        return Secret(value)
    raise TypeError(f"a setting cannot be read as {kind}")  # msgspec adds the name of the setting


def misspelt(written: Mapping[str, str], sections: Mapping[str, type[msgspec.Struct]]) -> list[str]:
    """What `.env` sets that nobody reads and that looks like a setting: a slip, and silence were the worst answer."""
    known = {variable_of(name, field.name) for name, kind in sections.items() for field in msgspec.structs.fields(kind)}
    prefixes = tuple(f"{name.upper()}_" for name in sections)
    problems: list[str] = []
    for variable in written.keys() - known - FOREIGN:
        ours = variable.startswith(prefixes)
        nearest = get_close_matches(variable, known, n=1, cutoff=0.6 if ours else 0.9)
        if ours or nearest:
            hint = f"; did you mean {nearest[0]}?" if nearest else ""
            problems.append(f"{variable} in .env is not a setting{hint}")
    return sorted(problems)


def variable_of(section: str, field: str) -> str:
    return f"{section}_{field}".upper()
