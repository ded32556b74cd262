"""The windows of the wizard, and which of the session's texts each of them shows."""

from collections.abc import Callable

from prompt_toolkit.filters import Condition
from prompt_toolkit.layout import (
    BufferControl,
    ConditionalContainer,
    FormattedTextControl,
    HSplit,
    Layout,
    VSplit,
    Window,
)

from newapi.wizard.pages import aside, heading, keys_line, problem_lines, title
from newapi.wizard.session import ASIDE, WIDE, Session
from newapi.wizard.text import ACCENT, INDENT, POINTER, Line, joined


def layout(session: Session) -> Layout:
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
