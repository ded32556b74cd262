"""Answers: what the template's questions come to, from what was given and from their defaults."""

import copy
import functools
from collections.abc import Iterable, Mapping
from typing import TypeAlias, cast

import jinja2
import jinja2.meta
from jinja2.sandbox import SandboxedEnvironment

from newapi import sandbox, values
from newapi.errors import TemplateError, UsageError, quoted
from newapi.memo import Memo
from newapi.template import Choice, Question, Template, Value
from newapi.values import nearest

Answers: TypeAlias = Mapping[str, Value]


class Questionnaire:
    """The template's questions by Copier's rules: which apply, what can be answered, and what the defaults are.

    `defaults` are the user's own, such as the author's name: they go before the template's.
    """

    def __init__(self, template: Template, defaults: Answers | None = None) -> None:
        self.template: Template = template
        self.defaults: Answers = defaults or {}
        self.questions: tuple[Question, ...] = template.questions
        self.environment: SandboxedEnvironment = sandbox.environment(template)
        self._compiled: dict[str, tuple[jinja2.Template, Memo[str]]] = {}
        self._computed: dict[str, tuple[Question, ...]] = {
            question.name: tuple(entry for entry in template.entries[:place] if not entry.asked)
            for place, question in enumerate(template.entries)
        }

    def assuming(self, defaults: Answers) -> "Questionnaire":
        """The same questionnaire with other defaults of the user's."""
        other = copy.copy(self)
        other.defaults = defaults
        return other

    def asked(self, question: Question, so_far: Answers) -> bool:
        """Whether `question` applies, given the answers before it."""
        when = self._render(question, "when", question.when, so_far)
        try:
            return values.truth(when)
        except ValueError as error:
            raise TemplateError(
                f"The `when` of {question.name} in copier.yml comes to {when!r}, not yes or no."
            ) from error

    def default(self, question: Question, so_far: Answers) -> Value:
        """The answer that stands when nobody says another."""
        if question.name in self.defaults:
            return values.convert(question, self.defaults[question.name])
        if question.required:
            return ""
        try:
            return values.convert(question, self._render(question, "default", question.default, so_far))
        except UsageError as error:
            raise TemplateError(f"The default of {question.name} does not fit its question: {error.message}") from error

    def problem(self, question: Question, value: Value, so_far: Answers) -> str:
        """Why `value` cannot be the answer, in one sentence; empty when it can."""
        try:
            value = values.convert(question, value)
        except UsageError as error:
            return error.message
        for one in cast("list[Value]", value) if question.multiselect else [value]:
            if question.choices and (reason := self._choice_problem(question, one, so_far)):
                return reason
        return str(self._render(question, "validator", question.validator, {**so_far, question.name: value})).strip()

    def available(self, question: Question, so_far: Answers) -> list[tuple[Choice, str]]:
        """Each choice, and why it cannot be had (empty when it can)."""
        return [
            (choice, str(self._render(question, "validator", choice.validator, so_far)).strip())
            for choice in question.choices
        ]

    def complete(self, given: Answers) -> Answers:
        """Every answer, in the order of the questions.

        As with Copier, an answer given to a question that does not apply gives way to its default, if it has one.
        """
        self.refuse_unknown(given)
        answers: dict[str, Value] = {}
        for question in self.questions:
            applies = self.asked(question, answers)
            stated = question.name in given and applies
            if question.required and not stated and question.name not in self.defaults:
                if applies:
                    raise UsageError(f"{question.name} has no answer and no default.", values.hint(question))
                continue
            value = given[question.name] if stated else self.default(question, answers)
            if reason := self.problem(question, value, answers):
                raise UsageError(reason, f"Give another one with {question.flag}.")
            answers[question.name] = values.convert(question, value)
        return answers

    def applying(self, answers: Answers) -> dict[str, Value]:
        """The answers to the questions that apply, in the order of the questions."""
        before: dict[str, Value] = {}
        applying: dict[str, Value] = {}
        for question in self.questions:
            if question.name in answers:
                if self.asked(question, before):
                    applying[question.name] = answers[question.name]
                before[question.name] = answers[question.name]
        return applying

    def reads(self, question: Question) -> tuple[str, ...]:
        """The questions whose answers decide whether `question` is asked, in their order."""
        return self._named(question, str(question.when))

    def depends(self, question: Question) -> tuple[str, ...]:
        """Those, and the ones that decide which of its choices can be had."""
        return self._named(question, str(question.when), *(choice.validator for choice in question.choices))

    def _named(self, question: Question, *texts: str) -> tuple[str, ...]:
        names = {name for text in texts for name in jinja2.meta.find_undeclared_variables(self.environment.parse(text))}
        return tuple(other.name for other in self.questions if other.name in names - {question.name})

    def with_computed(self, answers: Answers, before: Question | None = None) -> Answers:
        """`answers` together with what copier.yml computes: all of it, or what stands before a question."""
        computed = self._computed[before.name] if before else self.template.computed
        if not computed:
            return answers
        known = dict(answers)
        for entry in computed:
            if entry.name not in known:
                known[entry.name] = self.default(entry, known)
        return known

    def filled(self, text: str, answers: Answers) -> str:
        """A text that copier.yml has for newapi, with the answers in it."""
        known = sandbox.scope(self.environment, self.with_computed(answers))
        try:
            return sandbox.kept(Memo(), known, functools.partial(sandbox.whole, self.environment.from_string(text)))
        except sandbox.FAULTS as error:
            raise TemplateError(f"_newapi of copier.yml fails: {sandbox.fault(error)}.") from error

    def refuse_unknown(self, names: Iterable[str], where: str = "") -> None:
        """Raise for the first name that is no question; `where` says who named it."""
        known = [question.name for question in self.questions]
        for name in names:
            if name not in known:
                place = f"{where}: " if where else ""
                raise UsageError(
                    f"{place}there is no question {quoted(name)}{nearest(name, known)}",
                    f"The questions are {', '.join(known)}.",
                )

    def _choice_problem(self, question: Question, value: Value, so_far: Answers) -> str:
        for choice, reason in self.available(question, so_far):
            if values.matches(question, value, choice):
                return reason
        known = [str(choice.value) for choice in question.choices]
        return (
            f"{question.name} has no choice {quoted(str(value))}{nearest(str(value), known)} "
            f"The choices are {', '.join(known)}."
        )

    def _render(self, question: Question, what: str, source: Value, so_far: Answers) -> Value:
        """Render one key of a question; what is no text stands for itself, as with Copier."""
        if isinstance(source, list):
            return [self._render(question, what, item, so_far) for item in source]
        if not isinstance(source, str) or not source:
            return source
        try:
            if source not in self._compiled:
                self._compiled[source] = self.environment.from_string(source), Memo()
            compiled, known = self._compiled[source]
            scope = sandbox.scope(self.environment, self.with_computed(so_far, before=question))
            return sandbox.kept(known, scope, functools.partial(sandbox.whole, compiled))
        except sandbox.FAULTS as error:
            raise TemplateError(
                f"The {what} of {question.name} in copier.yml fails: {sandbox.fault(error)}."
            ) from error
