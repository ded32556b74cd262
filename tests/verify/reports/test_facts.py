import msgspec

from newapi.verify.model import Coverage, Report, Since
from newapi.verify.reports.facts import facts, headline
from tests.verify.reports.sample import report


def told(report: Report) -> dict[str, str]:
    return {fact.name: fact.text for fact in facts(report)}


def test_the_headline_counts_the_variants_that_fail() -> None:
    assert headline(report(12, failing=0)) == "All checks hold for 12 variants"
    assert headline(report(12, failing=1)) == "2 of 12 variants fail"
    assert headline(msgspec.structs.replace(report(), variants=(), failures=())) == "There was nothing to check"


def test_runs_are_told_apart_from_what_was_shared_or_kept() -> None:
    whole = report()
    made = sum(verdict.how == "run" for one in whole.variants for verdict in one.verdicts)

    assert told(whole)["runs"] == f"{made} made, {whole.saved['shared']} shared, {whole.saved['kept']} kept"
    assert told(whole)["variants"] == "12 of 486 in the space (216 distinct services)"
    assert told(msgspec.structs.replace(whole, distinct=None))["variants"] == "12 of 486 in the space"


def test_checks_that_were_not_made_are_counted_with_their_reason() -> None:
    assert told(report())["skipped"] == (
        "manifests of 8 variants: the variant has no such files; "
        "fuzz of 4 variants, drain of 4 variants: it needs journey"
    )


def test_coverage_names_the_pairs_that_were_not_run() -> None:
    pairs = Coverage(2, (("a=1", "b=1"),), tuple((f"a={number}", "b=2") for number in range(9)))
    text = told(msgspec.structs.replace(report(), covered=(pairs,)))["pairs"]

    assert text.startswith("1 of 10 run; missing: a=0 with b=2, a=1 with b=2, ")
    assert text.endswith(" and 3 more")


def test_a_change_without_effect_is_said_to_have_none() -> None:
    whole = msgspec.structs.replace(report(), since=Since("main", ()))

    assert told(whole)["since main"] == "nothing changes"
    assert told(report())["since v0.2.0"].startswith("6 variants by 2 changes; 5 unchanged; added: ")
