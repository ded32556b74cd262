"""The space: every set of answers that a person can reach, each with its name, and the choice of some of them."""

import fnmatch
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from newapi import values
from newapi.answers import Answers, Questionnaire
from newapi.errors import TemplateError, UsageError, quoted
from newapi.template import Question, Value
from newapi.values import nearest
from newapi.verify.model import Combination, Variant
from newapi.verify.picks import MOST, Option, options

PROBES: Answers = {"int": 1, "float": 1.0, "json": "{}", "yaml": "{}"}  # "example" where a text is wanted

_Taken: TypeAlias = tuple[Option, ...]


def walk(questionnaire: Questionnaire, fixed: Answers) -> Iterator[Variant]:
    """Every variant, in the order of the questions and of their choices.

    `fixed` answers restrict the questions with choices, and answer the others; those take their default else.
    """
    space = _Space(questionnaire, fixed)
    names: dict[str, Combination] = {}
    for variant in space.variants():
        if names.setdefault(variant.name, variant.picks) is not variant.picks:
            both = f"{', '.join(names[variant.name])} and {', '.join(variant.picks)}"
            raise TemplateError(f"Two variants have the name {variant.name}: {both}.")
        if len(names) > MOST:
            raise UsageError(f"The template has more than {MOST:,} variants.", space.hint())
        yield variant
    if not names:
        raise space.nothing()
    space.refuse_unused()


def default(questionnaire: Questionnaire, given: Answers) -> Variant:
    """The variant that has these answers as far as it is asked for them, and the defaults else."""
    space = _Space(questionnaire, given, defaults=True)
    for variant in space.variants():
        return variant
    raise space.nothing()


def select(variants: Sequence[Variant], patterns: Iterable[str]) -> list[Variant]:
    """The variants that one of the patterns is about, in their order.

    A pattern is a glob over names, or conditions `question=glob` joined by commas, which all have to hold.
    """
    chosen: set[str] = set()
    for pattern in patterns:
        found = {variant.name for variant in variants if _matches(variant, pattern)}
        if not found:
            raise _nothing(variants, pattern)
        chosen |= found
    return [variant for variant in variants if variant.name in chosen]


def _matches(variant: Variant, pattern: str) -> bool:
    if "=" not in pattern:
        return fnmatch.fnmatchcase(variant.name, pattern)
    conditions = map(str.strip, pattern.split(","))
    return all(any(fnmatch.fnmatchcase(pick, one) for pick in variant.picks) for one in conditions)


def _nothing(variants: Sequence[Variant], pattern: str) -> UsageError:
    hint = "`newapi verify --list` shows the variants by name."
    if "=" not in pattern:
        names = [variant.name for variant in variants]
        word = pattern.strip("*").lower()
        parts = [name for name in names if word and word in name.lower()]
        near = f"; did you mean {parts[0]}?" if parts else nearest(pattern, names)
        return UsageError(f"No variant is named {quoted(pattern)}{near}", hint)
    picks = dict.fromkeys(pick for variant in variants for pick in variant.picks)
    for one in map(str.strip, pattern.split(",")):
        if not any(fnmatch.fnmatchcase(pick, one) for pick in picks):
            return UsageError(f"No variant has {quoted(one)}{nearest(one, picks)}", hint)
    return UsageError(f"No variant has all of {quoted(pattern)}.", hint)


class _Space:
    """A walk through a questionnaire. With `defaults` a question that is not fixed takes its default alone."""

    def __init__(self, questionnaire: Questionnaire, fixed: Answers, *, defaults: bool = False) -> None:
        questionnaire.refuse_unknown(fixed)
        self._questionnaire: Questionnaire = questionnaire
        self._questions: tuple[Question, ...] = questionnaire.questions
        self._fixed: dict[str, Value] = {
            question.name: _converted(question, fixed[question.name])
            for question in self._questions
            if question.name in fixed
        }
        self._options: Mapping[str, Sequence[Option]] = options(self._questions, self._fixed)
        self._defaults: bool = defaults
        self._met: set[str] = set()  # the fixed answers that a variant has
        self._reasons: dict[str, str] = {}  # why one could not be had, where it could not

    def variants(self) -> Iterator[Variant]:
        for answers, taken in self._after(0, {}, ()):
            if len(self._met) < len(self._fixed):
                self._met |= self._questionnaire.applying(answers).keys() & self._fixed.keys()
            name = "-".join(option.word for option in taken if option.word)
            yield Variant(name or "default", answers, tuple(option.pick for option in taken))

    def refuse_unused(self) -> None:
        """Raise for a fixed answer that no variant has: it would mean nothing."""
        for name in self._fixed:
            if name not in self._met:
                reason = self._reasons.get(name) or f"No variant is asked for its {name}."
                raise UsageError(f"{name}: {reason}", f"Give another answer with --data {name}=..., or none.")

    def nothing(self) -> UsageError:
        reasons = [*self._reasons.values(), "The answers to the template's questions do not fit together."]
        return UsageError(reasons[0], "Give other answers with --data.")

    def hint(self) -> str:
        free = [name for name in self._options if name not in self._fixed]
        widest = sorted(free, key=lambda name: -len(self._options[name]))[:3]
        picks = " ".join(f"--data {self._options[name][0].pick}" for name in widest)
        return f"Fix answers to the questions with the most choices, such as {picks}."

    def _after(self, place: int, answers: Answers, taken: _Taken) -> Iterator[tuple[Answers, _Taken]]:
        """All that begins with these answers: what follows from them is worked out once."""
        if place == len(self._questions):
            yield answers, taken
            return
        question = self._questions[place]
        asked = self._questionnaire.asked(question, answers)
        if not asked and not self._has_default(question):
            yield from self._after(place + 1, answers, taken)
            return
        known = self._options.get(question.name, ()) if asked else ()
        for value in self._values(question, answers, asked=asked):
            chosen = tuple(option for option in known if option.value == value)
            yield from self._after(place + 1, {**answers, question.name: value}, taken + chosen)

    def _values(self, question: Question, answers: Answers, *, asked: bool) -> list[Value]:
        """What can be answered, one after the other; a question that does not apply has its default."""
        known = [option.value for option in self._options.get(question.name, ())]
        if asked and question.name in self._fixed:
            tried, most = [self._fixed[question.name]], 1
        elif asked and known and not self._defaults:
            tried, most = known, len(known)
        else:
            standing = [self._questionnaire.default(question, answers)] if self._has_default(question) else []
            tried, most = [*standing, *(known or [_probe(question)])] if asked else standing, 1
        reasons = [self._questionnaire.problem(question, value, answers) for value in tried]
        fitting = [value for value, reason in zip(tried, reasons, strict=True) if not reason]
        if asked and not fitting:
            self._reasons[question.name] = reasons[0]
            if not known and question.name not in self._fixed:
                raise UsageError(
                    f"{question.name} has no answer of its own that fits: {reasons[0]}",
                    f"Give one with --data {question.name}=...",
                )
        return fitting[:most]

    def _has_default(self, question: Question) -> bool:
        return not question.required or question.name in self._questionnaire.defaults


def _converted(question: Question, value: Value) -> Value:
    try:
        return values.convert(question, value)
    except UsageError as error:  # questions have no flags here
        raise UsageError(error.message, f"Give it as `--data {question.name}=...`.") from error


def _probe(question: Question) -> Value:
    return values.convert(question, PROBES.get(question.type, "example"))
