"""Where a person stands in the questionnaire: a value, so that every move is a function and needs no terminal."""

from collections.abc import Mapping
from typing import Literal, TypeAlias

import msgspec

from newapi import values
from newapi.answers import Answers, Questionnaire
from newapi.template import Choice, Question, Template, Value
from newapi.unasked import Unasked, unasked

Action: TypeAlias = Literal["create", "back", "cancel"]
ACTIONS: tuple[Action, ...] = ("create", "back", "cancel")
YES_OR_NO = (Choice(True, "Yes"), Choice(False, "No"))


class State(msgspec.Struct, frozen=True):
    """One moment of the wizard. `at` is the question on the page; None is the review page.

    An answer `given` by a flag, or by the preset, is not asked again, but the review page leads to it. A text that
    equals its default is not kept in `said`, so that a slug follows the name until somebody writes another slug.
    """

    questionnaire: Questionnaire
    given: Answers
    said: Answers = {}
    seen: frozenset[str] = frozenset()
    at: Question | None = None
    cursor: int = 0
    problem: str = ""
    detour: bool = False  # the review page led here, and Enter leads back to it
    preset: str = ""
    offer: Question | None = None  # the page of presets, where one is to be chosen

    @property
    def given_by_preset(self) -> Answers:
        """What the preset answers, as far as no flag says otherwise."""
        presets = self.questionnaire.template.presets
        return {name: value for name, value in presets.get(self.preset, {}).items() if name not in self.given}

    @property
    def answers(self) -> Mapping[str, Value]:
        """Every answer as it is now: what was said or given where it still holds, else the default."""
        answers: dict[str, Value] = {}
        stated = {**self.given_by_preset, **self.given, **self.said}
        for question in self.questionnaire.questions:
            holds = (
                question.name in stated
                and self.questionnaire.asked(question, answers)
                and not self.questionnaire.problem(question, stated[question.name], answers)
            )
            answers[question.name] = (
                values.convert(question, stated[question.name]) if holds else self._default(question, answers)
            )
        return answers

    @property
    def pages(self) -> tuple[Question, ...]:
        """The questions to ask, in order: those that apply, without those that are answered."""
        answered = self.answered
        asked = (q for q in self.applying if q == self.at or q.name not in answered)
        return (self.offer, *asked) if self.offer else tuple(asked)

    @property
    def step(self) -> int:
        """The number of this page; the review page comes after all others."""
        return (self.pages.index(self.at) if self.at is not None else len(self.pages)) + 1

    @property
    def applying(self) -> tuple[Question, ...]:
        answers = self.answers
        return tuple(q for q in self.questionnaire.questions if self.questionnaire.asked(q, answers))

    @property
    def unasked(self) -> tuple[Unasked, ...]:
        """What flags say to questions that are not asked."""
        return unasked(self.questionnaire, self.given, self.answers)

    @property
    def options(self) -> list[tuple[Choice, str]]:
        """The choices of the page, each with the reason why it cannot be had; none on a page with a text field."""
        if self.at is None:
            return []
        if self.at.switch:
            return [(choice, "") for choice in YES_OR_NO]
        return list(self.questionnaire.available(self.at, self.answers))

    @property
    def rows(self) -> tuple[Action | Question | Choice, ...]:
        """What the cursor moves over: the choices of a question; the actions and the answers of the review page."""
        return (*ACTIONS, *self.applying) if self.at is None else tuple(choice for choice, _ in self.options)

    @property
    def answered(self) -> frozenset[str]:
        """The questions that a flag has answered, or the preset with an answer that can be had."""
        answers = self.answers
        kept = (name for name, value in self.given_by_preset.items() if value == answers[name])
        return frozenset((*self.given, *kept))

    def supposing(self, value: Value) -> Answers:
        """All answers, were `value` the answer of this page."""
        return self.answers if self.at is None else self._keeping(self.at, value).answers

    def moved(self, by: int) -> "State":
        return self.picked(min(max(self.cursor + by, 0), len(self.rows) - 1))

    def picked(self, row: int) -> "State":
        return msgspec.structs.replace(self, cursor=row, problem="") if 0 <= row < len(self.rows) else self

    def entered(self, value: Value) -> "State":
        """Answer the question of this page and go on, or stay with the sentence that says what is wrong."""
        if self.at is None:
            return self
        if problem := self.problem_with(self.at, value):
            return msgspec.structs.replace(self, problem=problem)
        answered = self._keeping(self.at, value)
        if self.detour:
            ahead = [q for q in answered.pages if q.name not in answered.seen]
        else:
            ahead = list(answered.pages[answered.pages.index(self.at) + 1 :])
        if ahead:
            return answered.opened(ahead[0], detour=self.detour)
        # What follows from an answer can be wrong where its page was passed already, such as the slug of a new name.
        wrong = answered.first_wrong()
        return answered.opened(wrong, detour=wrong is not None)

    def back(self, draft: Value = None) -> "State":
        """Go to the page before this one. A text that was begun is kept when it is a valid answer."""
        if self.detour:
            return self.opened(None)
        kept = self
        if self.at is not None and draft is not None and not self.problem_with(self.at, draft):
            kept = self._keeping(self.at, draft)
        pages = kept.pages
        place = pages.index(self.at) if self.at is not None else len(pages)
        return kept.opened(pages[place - 1]) if place else kept

    def opened(self, page: Question | None, *, detour: bool = False) -> "State":
        """Turn to a page; on a choice page the cursor stands on the answer as it is."""
        state = msgspec.structs.replace(self, at=page, detour=detour, problem="", cursor=0)
        if page is None:
            return state
        answer = state.preset if page is state.offer else state.answers[page.name]
        rows = [choice.value for choice, _ in state.options]
        cursor = rows.index(answer) if answer in rows else 0
        return msgspec.structs.replace(state, cursor=cursor, problem=state.problem_with(page, answer))

    def _keeping(self, question: Question, value: Value) -> "State":
        if question is self.offer:
            return msgspec.structs.replace(self, preset=str(value))
        said = {**self.said, question.name: values.convert(question, value)}
        given = {name: old for name, old in self.given.items() if name != question.name}
        if not self.options and said[question.name] == self._default(question, self.answers):
            del said[question.name]
        return msgspec.structs.replace(self, said=said, given=given, seen=self.seen | {question.name})

    def _default(self, question: Question, so_far: Answers) -> Value:
        nothing = question.required and question.name not in self.questionnaire.defaults
        return "" if nothing else self.questionnaire.default(question, so_far)

    def problem_with(self, question: Question, value: Value) -> str:
        return self.questionnaire.problem(question, value, self.answers)

    def first_wrong(self) -> Question | None:
        return next((q for q in self.applying if self.problem_with(q, self.answers[q.name])), None)


def start(questionnaire: Questionnaire, given: Answers, preset: str = "") -> State:
    """The first page; presets are offered unless one is chosen or nothing is left for them to answer."""
    left = any(answers.keys() - given.keys() for answers in questionnaire.template.presets.values())
    offer = _offer(questionnaire.template) if left and not preset else None
    state = State(questionnaire, given, preset=preset, offer=offer)
    return state.opened(state.pages[0] if state.pages else None)


def _offer(template: Template) -> Question:
    """The presets as a question."""
    custom = Choice("", "Custom: each question, one after the other")
    presets = (Choice(name, f"{name.capitalize()}: {_told(answers)}") for name, answers in template.presets.items())
    return Question(
        name="preset",
        help="What to start from",
        about="A preset answers some of the questions. The others are asked, and the last page leads to every answer.",
        choices=(custom, *presets),
        default="",
    )


def _told(answers: Answers) -> str:
    """Answers in a line: `database sqlite, no metrics`."""
    words = {True: "{}", False: "no {}"}
    told = (
        words[value].format(name) if isinstance(value, bool) else f"{name} {value}" for name, value in answers.items()
    )
    return ", ".join(told).replace("_", " ")
