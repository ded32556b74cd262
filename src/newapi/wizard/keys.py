"""What each key does."""

from collections.abc import Callable

from prompt_toolkit.filters import Condition, FilterOrBool
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

from newapi.wizard.session import Session


def bindings(session: Session) -> KeyBindings:
    keys = KeyBindings()

    def bind(action: Callable[[], None], *names: str, when: FilterOrBool = True) -> None:
        def handler(_: KeyPressEvent) -> None:
            action()

        for name in names:
            keys.add(name, filter=when)(handler)

    helping = Condition(lambda: session.helping)
    writing = Condition(lambda: session.writing) & ~helping
    listing = ~writing & ~helping

    def move(by: int) -> Callable[[], None]:
        return lambda: session.move(by)

    def pick(row: int) -> Callable[[], None]:
        return lambda: session.turn(session.state.picked(row))

    bind(session.cancel, "c-c", "<sigint>")
    bind(session.cancel, "q", when=listing)
    bind(session.enter, "enter", "tab", when=~helping)
    bind(session.back, "escape", "s-tab", when=~helping)
    bind(session.back, "left", when=listing)
    bind(session.back, "c-b", when=writing)
    bind(move(-1), "up", "k", when=listing)
    bind(move(1), "down", "j", when=listing)
    for number in range(1, 10):
        bind(pick(number - 1), str(number), when=listing & Condition(lambda: session.state.at is not None))
    bind(lambda: session.scroll(-session.height), "pageup", when=listing)
    bind(lambda: session.scroll(session.height), "pagedown", " ", when=listing)
    bind(session.help, "f1", when=~helping)
    bind(session.help, "?", when=listing)
    bind(session.help, "<any>", "escape", "enter", when=helping)
    return keys
