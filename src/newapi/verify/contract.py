"""What a template says of its services to the harness, as it reads for one variant."""

from collections.abc import Sequence
from typing import TypeAlias, cast

import msgspec

from newapi import sandbox
from newapi.answers import Answers, Questionnaire
from newapi.errors import TemplateError
from newapi.template import Contract

# What is known only once something is started stands in a rendered contract as `{port}` and the like.
SERVERS = ("postgresql", "redis")
Said: TypeAlias = "str | float | Sequence[Said] | dict[str, Said]"
PLACES = ("port", "url", *SERVERS)


def rendered(questionnaire: Questionnaire, answers: Answers) -> Contract:
    """The contract for these answers; what is known later stands in it by its name in braces."""
    context = {**questionnaire.with_computed(answers), **{name: f"{{{name}}}" for name in PLACES}}
    said = cast("Said", msgspec.to_builtins(questionnaire.template.settings.newapi.verify))
    try:
        return msgspec.convert(_render(questionnaire, said, context), Contract)
    except sandbox.FAULTS as error:
        raise TemplateError(f"_newapi.verify of copier.yml cannot be rendered: {sandbox.fault(error)}.") from error


def _render(questionnaire: Questionnaire, said: Said, context: Answers) -> Said:
    """Every text in `said`; what comes to nothing is left out."""
    if isinstance(said, str):
        return questionnaire.environment.from_string(said).render(context).strip()
    if isinstance(said, dict):
        pairs = ((name, _render(questionnaire, value, context)) for name, value in said.items())
        return {name: value for name, value in pairs if value != ""}
    if isinstance(said, float | int):
        return said
    return [text for value in said if (text := _render(questionnaire, value, context)) != ""]


def servers(contract: Contract) -> tuple[str, ...]:
    """The servers that a service of this contract needs beside it."""
    whole = msgspec.json.encode(contract).decode()
    return tuple(name for name in SERVERS if f"{{{name}}}" in whole)


def filled(text: str, places: dict[str, str]) -> str:
    """A text of a rendered contract with what is known now."""
    for name, value in places.items():
        text = text.replace(f"{{{name}}}", value)
    return text
