"""Findings: what the service starts with, and production should not have."""

from collections.abc import Iterable
from ipaddress import ip_address
from typing import Protocol, runtime_checkable

import msgspec


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


def is_loopback(host: str) -> bool:
    """Whether nobody reaches a host from another machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_public(host: str) -> bool:
    """Whether a host is an address of the internet, where a firewall is all that keeps anybody out."""
    try:
        return ip_address(host).is_global
    except ValueError:
        return False
