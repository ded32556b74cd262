"""The wizard in a terminal: one full-screen application, its windows and its keys; it leaves the terminal as it was."""

import asyncio
import signal
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from types import FrameType

from prompt_toolkit.application import Application
from prompt_toolkit.filters import Condition, FilterOrBool
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.layout import (
    BufferControl,
    ConditionalContainer,
    FormattedTextControl,
    HSplit,
    Layout,
    VSplit,
    Window,
)
from prompt_toolkit.styles import Style

from newapi.plan import Plan
from newapi.wizard.pages import aside, heading, keys_line, problem_lines, title
from newapi.wizard.session import ASIDE, WIDE, Session
from newapi.wizard.text import ACCENT, INDENT, POINTER, Line, joined

# The terminal's own colours, so that the wizard can be read on any background.
STYLE = Style.from_dict({"accent": "ansicyan", "bold": "bold", "dim": "dim", "wrong": "ansired"})
ESCAPE = 0.05  # seconds to wait for the rest of a key that begins like Esc; a person would feel more


def show(session: Session) -> Plan | None:
    """The plan that was confirmed; None when the person cancelled or the terminal went away."""
    app: Application[Plan | None] = Application(
        _layout(session), key_bindings=_bindings(session), style=STYLE, full_screen=True, erase_when_done=True
    )
    app.ttimeoutlen = app.timeoutlen = ESCAPE

    def failed(_: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        error = context.get("exception")
        if not app.is_done:
            app.exit(exception=error if isinstance(error, Exception) else RuntimeError(str(context["message"])))

    def started() -> None:
        # prompt_toolkit's own handler prints a traceback and waits for Enter; errors belong to the caller.
        asyncio.get_running_loop().set_exception_handler(failed)
        session.opened()
        if ended:
            app.exit()

    try:
        with _ending(app) as ended:
            return app.run(pre_run=started, set_exception_handler=False)
    except (KeyboardInterrupt, EOFError):
        return None


@contextmanager
def _ending(app: Application[Plan | None]) -> Generator[Sequence[int]]:
    """Let the signals that end the program wait until the terminal is as it was; yields those that wait."""
    waiting: list[int] = []

    def leave(number: int, _: FrameType | None) -> None:
        waiting.append(number)
        if app.loop:
            app.loop.call_soon_threadsafe(app.exit)

    handled = [number for number in signal.valid_signals() - {signal.SIGINT} if callable(signal.getsignal(number))]
    before = {number: signal.signal(number, leave) for number in handled}
    try:
        yield waiting
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for number in waiting[:1]:
            signal.raise_signal(number)


def _layout(session: Session) -> Layout:
    asking = Condition(lambda: session.state.at is not None and not session.helping)
    writing = asking & Condition(lambda: session.writing)
    wide = asking & Condition(lambda: session.columns >= WIDE)

    session.rows.text = lambda: joined(_visible(session))
    pointer = Window(FormattedTextControl([(ACCENT, INDENT + POINTER)]), width=4, dont_extend_height=True)
    entry = VSplit([pointer, Window(BufferControl(session.field), height=1)])
    problem = FormattedTextControl(lambda: joined(problem_lines(session.state.problem, session.room)))
    field = HSplit([_text(lambda: _heading(session)), entry, Window(problem)])
    beside = Window(FormattedTextControl(lambda: joined(aside(session.state, ASIDE))), width=ASIDE)
    body = [
        ConditionalContainer(beside, wide),
        ConditionalContainer(field, writing),
        ConditionalContainer(Window(session.rows), ~writing),
    ]
    top = _text(lambda: title(session.state, session.columns))
    return Layout(HSplit([top, VSplit(body), _text(lambda: _keys_line(session))]), focused_element=session.rows)


def _heading(session: Session) -> list[Line]:
    return heading(session.state.at, session.room) if session.state.at is not None else []


def _visible(session: Session) -> list[Line]:
    lines, _ = session.page()
    return lines[session.top : session.top + session.height]


def _keys_line(session: Session) -> list[Line]:
    lines, _ = session.page()
    more = not session.writing and session.top + session.height < len(lines)
    return keys_line(session.state, session.columns, writing=session.writing, more=more)


def _text(lines: Callable[[], list[Line]]) -> Window:
    return Window(FormattedTextControl(lambda: joined(lines())), dont_extend_height=True)


def _bindings(session: Session) -> KeyBindings:
    keys = KeyBindings()

    def bind(action: Callable[[], None], *names: str, when: FilterOrBool = True) -> None:
        def handler(_: KeyPressEvent) -> None:
            action()

        for name in names:
            keys.add(name, filter=when)(handler)

    def pick(row: int) -> Callable[[], None]:
        return lambda: session.turn(session.state.picked(row))

    helping = Condition(lambda: session.helping)
    writing = Condition(lambda: session.writing) & ~helping
    listing = ~writing & ~helping
    choosing = listing & Condition(lambda: session.state.at is not None)

    bind(session.cancel, "c-c", "<sigint>")
    bind(session.cancel, "q", when=listing)
    bind(session.enter, "enter", "tab", when=~helping)
    bind(session.back, "escape", "s-tab", when=~helping)
    bind(session.back, "left", when=listing)
    bind(session.back, "c-b", when=writing)
    bind(lambda: session.move(-1), "up", "k", when=listing)
    bind(lambda: session.move(1), "down", "j", when=listing)
    for row in range(9):
        bind(pick(row), str(row + 1), when=choosing)
    bind(lambda: session.scroll(-session.height), "pageup", when=listing)
    bind(lambda: session.scroll(session.height), "pagedown", " ", when=listing)
    bind(session.help, "f1", when=~helping)
    bind(session.help, "?", when=listing)
    bind(session.help, "<any>", "escape", "enter", when=helping)
    return keys
