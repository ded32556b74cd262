"""The wizard while it runs: what each key does to the state, and what is worked out in the background."""

import asyncio
from collections.abc import Callable

import msgspec
from prompt_toolkit.application import get_app
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.document import Document
from prompt_toolkit.layout import FormattedTextControl

from newapi.answers import Answers
from newapi.errors import NewapiError
from newapi.plan import Plan
from newapi.template import Choice, Question
from newapi.wizard.costs import Cost, measured
from newapi.wizard.model import State
from newapi.wizard.pages import choice_lines, cost_lines, heading, keys_page, problem_lines
from newapi.wizard.review import review
from newapi.wizard.text import Line

WIDE = 96  # columns from which there is room for the answers beside the question
ASIDE = 32
READABLE = 90


class Session:
    """Holds the state that is shown; every key replaces it by the next one."""

    def __init__(self, state: State, planned: Callable[[Answers], Plan]) -> None:
        self.state: State = state
        self.top: int = 0
        self.helping: bool = False
        self.plan: Plan | NewapiError | None = None
        self.rows: FormattedTextControl = FormattedTextControl(focusable=True, show_cursor=False)
        self.field: Buffer = Buffer(multiline=False, on_text_changed=lambda _: self._edited())
        self._planned: Callable[[Answers], Plan] = planned
        self._costs: dict[bytes, tuple[Cost | None, ...]] = {}

    @property
    def writing(self) -> bool:
        """Whether the page has a text field."""
        return self.state.at is not None and not self.state.rows

    @property
    def columns(self) -> int:
        return get_app().output.get_size().columns

    @property
    def height(self) -> int:
        """The rows between title and keys."""
        return max(get_app().output.get_size().rows - 3, 1)

    @property
    def costs(self) -> tuple[Cost | None, ...] | None:
        """What each choice of the page costs; None until it is measured."""
        return self._costs.get(self._key)

    @property
    def room(self) -> int:
        """The columns of a question: less where the answers stand beside it, and no more than reads well."""
        return min(self.columns - (ASIDE if self.columns >= WIDE else 0), READABLE)

    def page(self) -> tuple[list[Line], int]:
        """All lines of the page as far as they are text, and which of them has the pointer."""
        state, width = self.state, self.room
        if self.helping:
            return keys_page(width), 0
        if state.at is None:
            return review(state, self.plan, self.columns)
        head, problem = heading(state.at, width), problem_lines(state.problem, width)
        if self.writing:
            return [*head, *problem], 0
        rows, pointed = choice_lines(state, width)
        _, reason = state.options[state.cursor]
        cost = cost_lines(self.costs[state.cursor], width) if self.costs and not reason else []
        return [*head, *rows, *problem, *cost], len(head) + pointed

    def turn(self, state: State) -> None:
        """Show another state."""
        turned = state.at != self.state.at
        self.state = state
        if turned:
            self.opened()
        _, pointed = self.page()
        self.top = max(min(self.top, pointed), pointed - self.height + 1)

    def move(self, by: int) -> None:
        """Move the pointer; past its last row, the rest of the page comes into view."""
        moved = self.state.moved(by)
        _, pointed = self.page()
        if moved.cursor == self.state.cursor or (by < 0 and pointed < self.top):
            self.scroll(by)
        else:
            self.turn(moved)

    def scroll(self, by: int) -> None:
        lines, _ = self.page()
        self.top = max(min(self.top + by, len(lines) - self.height), 0)

    def enter(self) -> None:
        """Take what the page says."""
        if self.writing:
            self.turn(self.state.entered(self.field.text.strip()))
            return
        _, pointed = self.page()
        if not self.top <= pointed < self.top + self.height:
            self.turn(self.state)  # nobody means what is out of sight: it comes into sight first
            return
        match self.state.rows[self.state.cursor]:
            case Choice() as choice:
                self.turn(self.state.entered(choice.value))
            case Question() as question:
                self.turn(self.state.opened(question, detour=True))
            case "create":
                if isinstance(self.plan, Plan):
                    get_app().exit(result=self.plan)
            case "back":
                self.back()
            case "cancel":
                self.cancel()

    def back(self) -> None:
        self.turn(self.state.back(self.field.text.strip() if self.writing else None))

    def cancel(self) -> None:
        get_app().exit(result=None)

    def help(self) -> None:
        self.helping = not self.helping

    def opened(self) -> None:
        """A page is new: its field has the answer as it is, and what it has to show is worked out."""
        self.top = 0
        get_app().layout.focus(self.field if self.writing else self.rows)
        if self.state.at is None:
            self.plan = None
            get_app().create_background_task(self._make_plan(self.state.answers))
        elif self.writing:
            state = self.state
            self.field.document = Document(str(state.answers[self.state.at.name]))
            self.state = state  # `_edited` took the new text for a person's, and the problem for solved
        elif self.costs is None:
            get_app().create_background_task(self._measure(self.state, self._key))

    def _edited(self) -> None:
        self.state = msgspec.structs.replace(self.state, problem="")

    async def _make_plan(self, answers: Answers) -> None:
        try:
            plan: Plan | NewapiError = await asyncio.to_thread(self._planned, answers)
        except NewapiError as error:
            plan = error
        if self.state.at is None and self.state.answers == answers:
            self.plan = plan
            get_app().invalidate()

    async def _measure(self, state: State, key: bytes) -> None:
        # The page may have been left by now: what is measured is what it was, not what is shown.
        self._costs[key] = await asyncio.to_thread(measured, state)
        get_app().invalidate()

    @property
    def _key(self) -> bytes:
        """What a measurement depends on: the question, and the answers to all others."""
        name = self.state.at.name if self.state.at is not None else ""
        return msgspec.json.encode([name, {**self.state.answers, name: None}])
