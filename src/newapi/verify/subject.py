"""What is checked, and what was found."""

import msgspec

from newapi.template import Contract
from newapi.tree import Tree
from newapi.verify.model import Variant


class Subject(msgspec.Struct, frozen=True):
    """What is checked: a variant, the project that it renders to, and what the template says of it."""

    variant: Variant
    tree: Tree
    contract: Contract


class Finding(msgspec.Struct, frozen=True):
    """What a check found: nothing wrong, or what; `note` says what a reader should know even so."""

    problem: str = ""
    note: str = ""
