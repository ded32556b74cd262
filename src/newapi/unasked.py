"""Answers to questions that are not asked: a person who gives one expects something that will not come."""

import re
from collections.abc import Mapping

import msgspec

from newapi import values
from newapi.answers import Answers, Questionnaire
from newapi.errors import UsageError, quoted
from newapi.template import Question, Value

PLAIN = re.compile(r"[\w.-]{1,100}")


class Unasked(msgspec.Struct, frozen=True):
    """An answer that comes to nothing; `because` are the answers that its question depends on."""

    question: Question
    answer: Value
    because: Mapping[str, Value]

    @property
    def sentence(self) -> str:
        where = " and ".join(f"{name} is {_word(value)}" for name, value in self.because.items())
        asked = f"where {where}" if where else "with the other answers"
        return f"{self.question.name} cannot be {_word(self.answer)} {asked}."

    @property
    def hint(self) -> str:
        flags = " or ".join(f"--{name.replace('_', '-')}" for name in self.because)
        return f"Leave out {self.question.flag}" + (f", or give another {flags}." if flags else ".")


def unasked(questionnaire: Questionnaire, said: Answers, answers: Answers) -> tuple[Unasked, ...]:
    """What was said to questions that all `answers` leave out, unless it is what stands there anyway."""
    applying = questionnaire.applying(answers)
    return tuple(
        Unasked(question, said[question.name], {name: answers[name] for name in questionnaire.reads(question)})
        for question in questionnaire.questions
        if question.name in said and question.name not in applying
        if not _stands(question, said[question.name], answers)
    )


def refuse(questionnaire: Questionnaire, said: Answers, answers: Answers) -> None:
    """Raise for the first of them."""
    for one in unasked(questionnaire, said, answers):
        raise UsageError(one.sentence, one.hint)


def _stands(question: Question, value: Value, answers: Answers) -> bool:
    try:
        return question.name in answers and values.convert(question, value) == answers[question.name]
    except UsageError:
        return False


def _word(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if PLAIN.fullmatch(str(value)) else quoted(value)
