"""What a template says of its services to the harness, as it reads for one variant."""

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias, cast

import jinja2
import msgspec

from newapi import sandbox
from newapi.answers import Answers, Questionnaire
from newapi.errors import TemplateError
from newapi.memo import Memo
from newapi.template import Contract

# What is known only once something is started stands in a rendered contract as `{port}` and the like.
SERVERS = ("postgresql", "redis")
Said: TypeAlias = "str | float | Sequence[Said] | dict[str, Said]"
PLACES = ("port", "url", *SERVERS)


class Contracts:
    """The contract of a template, rendered for many variants."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        self._questionnaire: Questionnaire = questionnaire
        # A name that is not known would come to nothing else, and with it the check that needs it.
        strict = questionnaire.environment.overlay(undefined=jinja2.StrictUndefined)
        self._strict: jinja2.Environment = strict
        self._compiled: Callable[[str], jinja2.Template] = functools.cache(strict.from_string)
        self._said: Said = cast("Said", msgspec.to_builtins(questionnaire.template.settings.newapi.verify))
        self._memo: Memo[Contract] = Memo()

    def rendered(self, answers: Answers) -> Contract:
        """The contract for these answers; what is known later stands in it by its name in braces."""
        context = {**self._questionnaire.with_computed(answers), **{name: f"{{{name}}}" for name in PLACES}}
        return sandbox.kept(self._memo, sandbox.scope(self._strict, context), self._made)

    def _made(self, names: Mapping[str, object]) -> Contract:
        try:
            found = msgspec.convert(self._render(self._said, names), Contract)
        except sandbox.FAULTS as error:
            raise TemplateError(f"_newapi.verify of copier.yml cannot be rendered: {sandbox.fault(error)}.") from error
        for name, pattern in (*found.traces.items(), ("last", found.last)):
            try:
                re.compile(pattern)
            except re.error as error:
                where = "last" if name == "last" else f"traces, {name},"
                raise TemplateError(f"_newapi.verify: {where} is no regular expression: {error}.") from error
        return found

    def _render(self, said: Said, context: Mapping[str, object]) -> Said:
        """Every text in `said`; what comes to nothing is left out."""
        if isinstance(said, str):
            return sandbox.whole(self._compiled(said), context).strip()
        if isinstance(said, dict):
            pairs = ((name, self._render(value, context)) for name, value in said.items())
            return {name: value for name, value in pairs if value != ""}
        if isinstance(said, float | int):
            return said
        return [text for value in said if (text := self._render(value, context)) != ""]


def servers(contract: Contract) -> tuple[str, ...]:
    """The servers that a service of this contract needs beside it."""
    whole = msgspec.json.encode(contract).decode()
    return tuple(name for name in SERVERS if f"{{{name}}}" in whole)


def filled(text: str, places: dict[str, str]) -> str:
    """A text of a rendered contract with what is known now."""
    for name, value in places.items():
        text = text.replace(f"{{{name}}}", value)
    return text
