"""What the modules that add commands to the command line share."""

import argparse
from typing import Protocol


class CommandError(Exception):
    """Why a command cannot be done as it was said, in a sentence."""


class Commands(Protocol):
    """What `add_subparsers` returns, as far as it is used."""

    def add_parser(self, name: str, *, help: str) -> argparse.ArgumentParser: ...
