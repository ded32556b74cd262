"""What can be known of a verification before it is over: what each check will cost, and how far the work has come."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from newapi.verify.model import How, Status


class Planned(msgspec.Struct, frozen=True):
    """The checks to run on one variant, in their order; `seconds` is what all of them are expected to take."""

    variant: str
    checks: tuple[str, ...]
    seconds: float


class Cost(msgspec.Struct, frozen=True):
    """What a check of a variant will take: nothing, unless it has to be run. `by` is the variant that runs it."""

    seconds: float
    how: How
    by: str = ""


class Listed(msgspec.Struct, frozen=True):
    """A variant and what its checks will cost, in the order of the checks."""

    variant: str
    costs: Mapping[str, Cost]


class Watcher(Protocol):
    """Is told how the work goes, by one thread, in the process that the person started.

    What has begun may also be a stage that is no check, such as "install". Stages are not counted.
    """

    def planned(self, work: Sequence[Planned], *, variants: int, shared: int, kept: int) -> None:
        """All that will be run, before any of it; of the verdicts, how many need no run because of what."""
        ...

    def started(self, variant: str, check: str) -> None: ...

    def finished(self, variant: str, check: str, status: Status, seconds: float) -> None: ...

    def waiting(self) -> None:
        """Nothing has ended for some seconds; told again and again while that is so."""
        ...

    def done(self, variant: str) -> None:
        """All that was to be run on this variant is over, also what an earlier failure made pointless."""
        ...


class Nobody:
    """Watches for those who only want the report."""

    def planned(self, work: Sequence[Planned], *, variants: int, shared: int, kept: int) -> None:
        del work, variants, shared, kept

    def started(self, variant: str, check: str) -> None:
        del variant, check

    def finished(self, variant: str, check: str, status: Status, seconds: float) -> None:
        del variant, check, status, seconds

    def waiting(self) -> None: ...

    def done(self, variant: str) -> None:
        del variant
