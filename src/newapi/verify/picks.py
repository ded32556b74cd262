"""The answers to questions that have choices, and what they are called in the names of variants."""

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from typing import cast

import msgspec

from newapi import values
from newapi.answers import Answers
from newapi.errors import UsageError
from newapi.template import Question, Value

MOST = 200_000
STRANGE = re.compile(r"[^A-Za-z0-9._+-]")


class Option(msgspec.Struct, frozen=True):
    """One answer: `pick` is `question=value`, `word` is its part of a variant's name."""

    value: Value
    pick: str
    word: str


def options(questions: Sequence[Question], fixed: Answers) -> dict[str, list[Option]]:
    """All answers to each question that has choices, in their order, by the question's name.

    Words follow from the template alone: they are the same whatever is fixed.
    """
    choices = {question.name: _choices(question) for question in questions}
    uses = Counter(word for question in questions for word in {_word(question, one) for one in choices[question.name]})
    found: dict[str, list[Option]] = {}
    for question in questions:
        words = {_text(one): _word(question, one, uses) for one in choices[question.name]}
        for answer in _answers(question, choices[question.name], fixed):
            parts = cast("list[Value]", answer) if question.multiselect else [answer]
            word = "+".join(words.get(_text(one), "") for one in parts) or _without(question)
            option = Option(answer, f"{question.name}={_text(answer)}", word if len(words) > 1 else "")
            found.setdefault(question.name, []).append(option)
    return found


def any_of(trace: str) -> list[str]:
    """The answers of which one is enough for the words of a trace to be there."""
    return trace.split("|")


def _choices(question: Question) -> list[Value]:
    if question.switch:
        return [False, True]
    if not question.multiselect:
        return [values.convert(question, choice.value) for choice in question.choices]
    return [cast("list[Value]", values.convert(question, [choice.value]))[0] for choice in question.choices]


def _answers(question: Question, choices: Sequence[Value], fixed: Answers) -> list[Value]:
    """Of several choices at once all sets, the smaller ones first."""
    if not question.multiselect or not choices:
        return list(choices)
    if question.name in fixed:
        return [fixed[question.name]]
    if 2 ** len(choices) > MOST:
        raise UsageError(
            f"{question.name} can be answered in more than {MOST:,} ways.",
            f"Fix the answer with --data '{question.name}=[{_text(choices[0])}]'.",
        )
    sizes = range(len(choices) + 1)
    return [list(chosen) for size in sizes for chosen in itertools.combinations(choices, size)]


def _word(question: Question, value: Value, uses: Counter[str] | None = None) -> str:
    """A value, with the question's name before it where another question has the same one (`uses` counts them)."""
    if value is True:
        return question.flag[2:]
    text = _text(value)
    if text in {"none", "false"}:
        return _without(question)
    word = STRANGE.sub("_", text)
    return f"{question.name}.{word}" if uses and uses[word] > 1 else word


def _without(question: Question) -> str:
    return f"no-{question.flag[2:]}"


def _text(value: Value) -> str:
    if isinstance(value, (list, tuple)):
        return "+".join(map(_text, value)) or "none"
    return str(value).lower() if value is None or isinstance(value, bool) else str(value)
