"""How far a verification is, and how long it will still take."""

from collections.abc import Callable, Sequence

from newapi.verify.model import Status
from newapi.verify.watch import Planned

EARLY = 5.0  # seconds in which nothing can be told from the pace


class Job:
    """A variant in work: what it is doing, since when, and what is over."""

    def __init__(self, planned: Planned, now: float) -> None:
        self.planned: Planned = planned
        self.began: float = now
        self.since: float = now
        self.doing: str = ""
        self.over: set[str] = set()
        self.failed: list[str] = []


class Pace:
    """What was planned, what of it is over, and what is in flight; `clock` tells seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock: Callable[[], float] = clock
        self._began: float = clock()
        self._work: dict[str, Planned] = {}
        self._behind: float = 0.0  # seconds of expected work that are behind, and runs
        self._over: int = 0
        self._flight: dict[str, Job] = {}
        self.variants_over: int = 0
        self.passed: int = 0
        self.failed: int = 0

    @property
    def runs(self) -> int:
        return sum(len(planned.checks) for planned in self._work.values())

    @property
    def over(self) -> int:
        return self._over + sum(len(job.over) for job in self.flight())

    @property
    def variants(self) -> int:
        return len(self._work)

    def planned(self, work: Sequence[Planned]) -> None:
        self._work = {planned.variant: planned for planned in work}
        self._began = self._clock()

    def started(self, variant: str, check: str) -> None:
        now = self._clock()
        job = self._flight.setdefault(variant, Job(self._plan(variant), now))
        job.doing, job.since = check, now

    def finished(self, variant: str, check: str, status: Status) -> None:
        """A stage that is no check does not count as a run, but it can fail. What was lost may be told once more."""
        job = self._flight.setdefault(variant, Job(self._plan(variant), self._clock()))
        job.doing = ""
        counts = check in job.planned.checks and check not in job.over
        if counts:
            job.over.add(check)
        if status == "failed" and check not in job.failed:
            job.failed.append(check)
            self.failed += 1
        self.passed += counts and status == "passed"

    def done(self, variant: str) -> Job:
        job = self._flight.pop(variant, None) or Job(self._plan(variant), self._clock())
        self._behind += job.planned.seconds
        self._over += len(job.planned.checks)
        self.variants_over += 1
        return job

    def since(self, moment: float | None = None) -> float:
        """Seconds since a moment, or since the work began."""
        return self._clock() - (self._began if moment is None else moment)

    def left(self) -> float | None:
        """Seconds to the end at the pace so far, but no less than what is in flight still needs; None: too early."""
        now = self._clock()
        passed = now - self._began
        running = [(job.planned.seconds, now - job.began) for job in self.flight()]
        behind = self._behind + sum(min(expected, taken) for expected, taken in running)
        if passed < EARLY or behind <= 0:
            return None
        ahead = sum(planned.seconds for planned in self._work.values()) - behind
        longest = max((expected - taken for expected, taken in running), default=0.0)
        return max(ahead * passed / behind, longest, 0.0)

    def flight(self) -> tuple[Job, ...]:
        """What is in work, longest first; a copy, since another thread draws it."""
        return tuple(self._flight.values())

    def _plan(self, variant: str) -> Planned:
        return self._work.get(variant) or Planned(variant, (), 0.0)
