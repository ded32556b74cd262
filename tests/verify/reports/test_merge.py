import itertools
from collections.abc import Sequence

import msgspec
import pytest

from newapi.errors import UsageError
from newapi.verify.model import Coverage, Failure, Report, Verdict, Verified
from newapi.verify.reports import merge as merge_files
from tests.verify.reports.sample import report, variant


def merge(reports: Sequence[Report]) -> Report:
    return merge_files({f"{number}.json": report for number, report in enumerate(reports, 1)})


def shards(whole: Report, total: int) -> list[Report]:
    """A report cut into what each of several shards would have written."""
    parts = [[one for number, one in enumerate(whole.variants) if number % total == part] for part in range(total)]
    return [_shard(whole, part, f"{number}/{total}") for number, part in enumerate(parts, 1)]


def _shard(whole: Report, part: list[Verified], name: str) -> Report:
    run = {pair for one in part for pair in itertools.combinations(one.variant.picks, 2)}
    (pairs,) = whole.covered
    reachable = {*pairs.run, *pairs.missing}
    names = {one.variant.name for one in part}
    return msgspec.structs.replace(
        whole,
        shard=name,
        seconds=whole.seconds - len(part),
        variants=tuple(part),
        failures=tuple(failure for failure in whole.failures if failure.variant in names),
        covered=(Coverage(2, tuple(sorted(run)), tuple(sorted(reachable - run))),),
        saved={how: sum(verdict.how == how for one in part for verdict in one.verdicts) for how in ("shared", "kept")},
    )


@pytest.mark.parametrize("total", [1, 2, 3, 5, 12])
def test_shards_in_any_order_are_the_whole_report(total: int) -> None:
    whole = report()
    parts = shards(whole, total)

    for given in (parts, parts[::-1], [*parts[1::2], *parts[::2]]):
        assert msgspec.structs.replace(merge(given), seconds=whole.seconds) == merge([whole])


def test_a_merged_report_can_be_merged_again() -> None:
    merged = merge(shards(report(), 3))

    assert merge([merged]) == merged


def test_a_merged_report_keeps_every_variant_failure_and_fact() -> None:
    whole = report()
    merged = merge(shards(whole, 4))

    assert {one.variant.name for one in merged.variants} == {one.variant.name for one in whole.variants}
    assert sorted(failure.variant for failure in merged.failures) == sorted(one.variant for one in whole.failures)
    assert merged.saved == whole.saved
    assert merged.shard == ""
    assert merged.since == whole.since
    assert merged.notes == whole.notes


def test_a_variant_of_several_shards_has_the_verdicts_of_all_and_a_failure_wins() -> None:
    whole = report(12, failing=0)
    one = variant("MIT", "none", "none")
    first = _only(whole, one.name, "1/2", Verdict("text", "passed", "run"), Verdict("lint", "skipped", "none"))
    second = _only(whole, one.name, "2/2", Verdict("lint", "failed", "run"), Verdict("text", "passed", "kept"))
    (verified,) = merge([first, second]).variants

    assert verified.verdicts == (Verdict("text", "passed", "run"), Verdict("lint", "failed", "run"))
    assert verified.status == "failed"


def test_a_failure_of_several_shards_is_one_that_stands_for_all() -> None:
    first, second = shards(report(12, failing=0), 2)
    failure = Failure("a", "lint", 1.0, "F401", stands_for=("b",))
    again = msgspec.structs.replace(failure, stands_for=("c",))
    merged = merge([
        msgspec.structs.replace(first, failures=(failure,)), msgspec.structs.replace(second, failures=(again,)),
    ])  # fmt: skip

    assert [one.stands_for for one in merged.failures] == [("b", "c")]


@pytest.mark.parametrize("name", ["newapi", "template", "version", "tier", "checks", "coverage", "space", "digest"])
def test_reports_of_different_verifications_are_refused(name: str) -> None:
    other = {"tier": "static", "checks": ("text",), "space": 3}.get(name, "another")

    with pytest.raises(UsageError, match=r"^1\.json and 2\.json are not of one verification"):
        merge([report(), msgspec.structs.replace(report(), **{name: other})])


def test_a_shard_without_a_report_is_named() -> None:
    first, _, third = shards(report(), 3)

    with pytest.raises(UsageError, match="shard 2/3 is given, only of 1/3, 3/3"):
        merge([third, first])


def test_there_is_nothing_to_merge_in_no_report() -> None:
    with pytest.raises(UsageError, match="No report"):
        merge([])


def _only(whole: Report, name: str, shard: str, *verdicts: Verdict) -> Report:
    one = msgspec.structs.replace(variant("MIT"), name=name)
    return msgspec.structs.replace(whole, variants=(Verified(one, verdicts),), shard=shard)
