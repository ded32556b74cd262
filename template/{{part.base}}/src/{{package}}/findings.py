"""Findings: what the service starts with, and production should not have."""

from collections.abc import Iterable
from typing import Protocol, runtime_checkable

import msgspec

from .config import Secret

LEAST_CHARACTERS = 10


class Finding(msgspec.Struct, frozen=True):
    """One thing, and what to do about it, in a line; `serious` where nobody should be let in before that."""

    text: str
    serious: bool = False


@runtime_checkable
class Checked(Protocol):
    """A section of the settings that has an opinion on its values.

    What can never be right is refused by its `__post_init__`; this is for what is right somewhere else.
    """

    def findings(self) -> Iterable[Finding]: ...


def is_guessable(secret: Secret) -> bool:
    """Whether a secret is none: one that was drawn at random has more different characters."""
    return len(set(secret.reveal())) < LEAST_CHARACTERS
