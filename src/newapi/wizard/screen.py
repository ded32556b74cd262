"""The wizard in a terminal: one full-screen application, which leaves the terminal as it was."""

import asyncio

from prompt_toolkit.application import Application
from prompt_toolkit.styles import Style

from newapi.plan import Plan
from newapi.wizard.keys import bindings
from newapi.wizard.session import Session
from newapi.wizard.windows import layout

# The terminal's own colours, so that the wizard can be read on any background.
STYLE = Style.from_dict({"accent": "ansicyan", "bold": "bold", "dim": "dim", "wrong": "ansired"})
ESCAPE = 0.05  # seconds to wait for the rest of a key that begins like Esc; a person would feel more


def show(session: Session) -> Plan | None:
    """The plan that was confirmed; None when the person cancelled or the terminal went away."""
    app: Application[Plan | None] = Application(
        layout(session), key_bindings=bindings(session), style=STYLE, full_screen=True, erase_when_done=True
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

    try:
        return app.run(pre_run=started, set_exception_handler=False)
    except (KeyboardInterrupt, EOFError):
        return None
