import pytest

from newapi.verify.pace import Pace
from newapi.verify.watch import Planned


class Clock:
    def __init__(self) -> None:
        self.now: float = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pace(clock: Clock) -> Pace:
    """Four variants of ten seconds each, of which two at a time are in work."""
    made = Pace(clock)
    made.planned([Planned(name, ("lint", "suite"), 10.0) for name in "abcd"])
    return made


def test_checks_count_as_runs_and_stages_do_not(pace: Pace) -> None:
    pace.started("a", "install")
    pace.finished("a", "install", "passed")
    assert (pace.over, pace.runs) == (0, 8)

    pace.finished("a", "lint", "passed")
    assert pace.over == 1


def test_a_variant_that_is_done_has_nothing_left_to_run(pace: Pace) -> None:
    pace.started("a", "install")
    pace.finished("a", "install", "failed")
    pace.done("a")

    assert (pace.over, pace.failed, pace.variants_over) == (2, 1, 1)
    assert pace.flight() == ()


def test_a_check_that_is_told_twice_is_one_run(pace: Pace) -> None:
    for _ in range(2):
        pace.started("a", "lint")
        pace.finished("a", "lint", "passed")

    assert pace.over == 1


def test_a_variant_whose_process_was_lost_is_counted_once(pace: Pace) -> None:
    for _ in range(2):
        pace.started("a", "lint")
        pace.finished("a", "lint", "failed")
        pace.finished("a", "suite", "passed")

    assert (pace.over, pace.passed, pace.failed) == (2, 1, 1)


def test_time_left_follows_the_work_that_is_done_at_once(pace: Pace, clock: Clock) -> None:
    pace.started("a", "lint")
    pace.started("b", "lint")
    clock.now += 10
    pace.done("a")
    pace.done("b")

    assert pace.left() == 10  # two of four took ten seconds


def test_time_left_follows_a_machine_that_is_slower_than_expected(pace: Pace, clock: Clock) -> None:
    pace.started("a", "lint")
    clock.now += 30
    pace.done("a")

    assert pace.left() == 90


def test_time_left_is_no_less_than_what_is_in_work_needs(clock: Clock) -> None:
    pace = Pace(clock)
    pace.planned([Planned("quick", ("lint",), 90.0), Planned("long", ("lint",), 60.0)])
    pace.started("quick", "lint")
    clock.now += 6
    pace.done("quick")
    pace.started("long", "lint")

    assert pace.left() == 60


def test_nothing_is_foretold_before_something_is_known(pace: Pace, clock: Clock) -> None:
    assert pace.left() is None
    clock.now += 60
    assert pace.left() is None


def test_without_expectations_there_is_no_time_left(clock: Clock) -> None:
    pace = Pace(clock)
    pace.planned([Planned("a", ("lint",), 0.0)])
    pace.started("a", "lint")
    clock.now += 60

    assert pace.left() is None
