"""What a check is: which files it reads, when it applies, and what it does."""

from collections.abc import Callable
from typing import Literal

import msgspec

from newapi.verify.model import Tier
from newapi.verify.reads import Reads
from newapi.verify.site import Site
from newapi.verify.subject import Finding, Subject

TIERS: tuple[Tier, ...] = ("render", "static", "full")


class Check(msgspec.Struct, frozen=True):
    """`absent` says why a check does not apply, or nothing; `run` finds what is wrong.

    One that is `served` reads what a service does when it runs: for it the template's `unread` files do not count.
    `tools` are programs of the harness that it runs. It `needs` the rendered tree alone, the project's files on the
    disk, or the project installed.
    `seconds` is what it is expected to take until it was measured.
    """

    name: str
    tier: Tier
    about: str
    reads: Reads
    seconds: float
    absent: Callable[[Subject], str]
    run: Callable[[Site], Finding]
    needs: Literal["tree", "files", "installed"] = "installed"
    served: bool = False
    tools: tuple[str, ...] = ()

    def digest(self, subject: Subject) -> str:
        """The same where all is the same that the check reads of the project."""
        return (self.reads.of(subject.contract) if self.served else self.reads).digest(subject.tree)
