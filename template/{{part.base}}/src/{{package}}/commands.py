"""What the modules that add commands to the command line share."""

import argparse
import sys
from contextlib import suppress
from typing import Protocol


class CommandError(Exception):
    """Why a command cannot be done as it was said, in a sentence."""


class Commands(Protocol):
    """What `add_subparsers` returns, as far as it is used."""

    def add_parser(self, name: str, *, help: str) -> argparse.ArgumentParser: ...


def say(*lines: str) -> None:
    """Print the lines, with all that was printed before; raises `CommandError` where nobody takes them."""
    try:
        print(*lines, sep="\n", end="\n" * bool(lines), flush=True)
    except OSError as error:
        with suppress(OSError):
            _ = sys.stdout.close()  # or Python would try again at its end
        raise CommandError(f"The output cannot be written: {error.strerror}.") from None
