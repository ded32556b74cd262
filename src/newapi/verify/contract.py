"""What a template says of its services to the harness, as it reads for one variant."""

import msgspec

from newapi import sandbox
from newapi.answers import Answers, Questionnaire
from newapi.errors import TemplateError
from newapi.template import Contract

# What is known only once something is started stands in a rendered contract as `{port}` and the like.
SERVERS = ("postgresql", "redis")
PLACES = ("port", "url", *SERVERS)


def rendered(questionnaire: Questionnaire, answers: Answers) -> Contract:
    """The contract for these answers; what is known later stands in it by its name in braces."""
    context = {**questionnaire.with_computed(answers), **{name: f"{{{name}}}" for name in PLACES}}
    try:
        texts = _render(questionnaire, msgspec.to_builtins(questionnaire.template.settings.newapi.verify), context)
    except sandbox.FAULTS as error:
        raise TemplateError(f"_newapi.verify of copier.yml cannot be rendered: {sandbox.fault(error)}.") from error
    return msgspec.convert(texts, Contract)


def _render(questionnaire: Questionnaire, said: object, context: Answers) -> object:
    """Every text in `said`, settings that come to nothing left out."""
    match said:
        case str():
            return questionnaire.environment.from_string(said).render(context).strip()
        case dict():
            pairs = ((name, _render(questionnaire, value, context)) for name, value in said.items())
            return {name: value for name, value in pairs if value != ""}
        case list() | tuple():
            return [_render(questionnaire, value, context) for value in said]
        case _:
            return said


def servers(contract: Contract) -> tuple[str, ...]:
    """The servers that a service of this contract needs beside it."""
    whole = msgspec.json.encode(contract).decode()
    return tuple(name for name in SERVERS if f"{{{name}}}" in whole)


def filled(text: str, places: dict[str, str]) -> str:
    """A text of a rendered contract with what is known now."""
    for name, value in places.items():
        text = text.replace(f"{{{name}}}", value)
    return text
