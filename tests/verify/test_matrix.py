from collections.abc import Mapping
from pathlib import Path

import msgspec

from newapi.template import Contract
from newapi.tree import File, Tree
from newapi.verify import matrix
from newapi.verify.check import Check
from newapi.verify.job import Done
from newapi.verify.kept import Kept, Keys, Results
from newapi.verify.matrix import Matrix
from newapi.verify.model import Variant
from newapi.verify.reads import Reads
from newapi.verify.site import Site
from newapi.verify.subject import Finding, Subject

# Which bytes each variant has: `code` is read by one check, `page` by the other.
BYTES = {"one": (b"1", b"x"), "two": (b"1", b"y"), "three": (b"2", b"y"), "four": (b"1", b"x")}


def finds(problem: str) -> Check:
    def run(site: Site) -> Finding:
        del site
        return Finding(problem)

    return Check(
        name="look", tier="render", about="", reads=Reads(("*",)), seconds=1, absent=lambda _: "", run=run, needs="tree"
    )


def reading(name: str, seconds: float = 10) -> Check:
    return msgspec.structs.replace(finds(""), name=name, reads=Reads((name,)), needs="files", seconds=seconds)


def without_code(_: Subject) -> str:
    return "it has no code"


def subject(variant: Variant) -> Subject:
    code, page = BYTES[variant.name]
    return Subject(variant, Tree({"code": File(code), "page": File(page)}), Contract())


def made(folder: Path, *checks: Check) -> Matrix:
    variants = [Variant(name, {}, ()) for name in BYTES]
    return matrix.make(variants, subject, checks, Keys((), {}), Results(folder))


def how(planned: Matrix) -> Mapping[str, list[str]]:
    return {row.variant.name: [f"{cell.how} {cell.by}" for cell in row.cells] for row in planned.rows}


def test_variants_that_agree_in_what_a_check_reads_share_one_run(tmp_path: Path) -> None:
    planned = made(tmp_path, reading("code"), reading("page"))
    assert how(planned) == {
        "one": ["run one", "run one"],
        "two": ["shared one", "run two"],
        "three": ["run three", "shared two"],
        "four": ["shared one", "shared one"],
    }
    assert [(work.variant, work.checks) for work in planned.planned()] == [
        ("one", ("code", "page")),
        ("two", ("page",)),
        ("three", ("code",)),
    ]
    assert planned.counted() == {"run": 4, "shared": 4}


def test_a_shared_verdict_names_the_variant_that_ran(tmp_path: Path) -> None:
    planned = made(tmp_path, reading("code"))
    key = planned.row("four").cells[0].key
    (verdict,) = planned.verdicts(planned.row("four"), {key: Done("code", "failed", 3, "no")})
    assert (verdict.status, verdict.how, verdict.by, verdict.seconds) == ("failed", "shared", "one", 3)
    assert planned.sharing(key) == ["one", "two", "four"]


def test_what_was_not_run_has_no_verdict(tmp_path: Path) -> None:
    planned = made(tmp_path, reading("code"))
    assert not list(planned.verdicts(planned.row("one"), {}))


def test_what_is_kept_is_not_run_again(tmp_path: Path) -> None:
    first = made(tmp_path, reading("code"), reading("page"))
    Results(tmp_path).keep(first.row("one").cells[0].key, Kept("earlier", 4))
    again = made(tmp_path, reading("code"), reading("page"))
    assert how(again)["one"] == ["kept one", "run one"]
    assert how(again)["four"] == ["kept one", "shared one"]
    (verdict, _) = [*again.verdicts(again.row("four"), {}), None]
    assert verdict
    assert (verdict.status, verdict.by, verdict.seconds) == ("passed", "earlier", 4)


def test_a_check_that_does_not_apply_says_why(tmp_path: Path) -> None:
    check = msgspec.structs.replace(reading("code"), absent=without_code)
    planned = made(tmp_path, check)
    (verdict,) = planned.verdicts(planned.row("one"), {})
    assert (verdict.status, verdict.how, verdict.reason) == ("skipped", "none", "it has no code")
    assert not planned.planned()


def test_what_needs_only_the_tree_is_found_at_once(tmp_path: Path) -> None:
    planned = made(tmp_path, finds("line 1 is wrong"))
    assert not planned.planned()
    (verdict,) = planned.verdicts(planned.row("one"), {})
    assert (verdict.status, verdict.how) == ("failed", "run")


def test_shards_are_all_of_the_work_and_each_of_it_once(tmp_path: Path) -> None:
    whole = made(tmp_path, reading("code", 10), reading("page", 30))
    parts = [whole.shard(number, 2) for number in (1, 2)]
    runs = [(work.variant, check) for part in parts for work in part.planned() for check in work.checks]
    assert sorted(runs) == sorted((work.variant, check) for work in whole.planned() for check in work.checks)
    cells = [(row.variant.name, cell.check) for part in parts for row in part.rows for cell in row.cells]
    assert sorted(cells) == sorted((row.variant.name, cell.check) for row in whole.rows for cell in row.cells)
    costs = [sum(work.seconds for work in part.planned()) for part in parts]
    assert max(costs) <= sum(costs) * 0.6


def test_what_one_machine_has_kept_does_not_change_the_shards(tmp_path: Path) -> None:
    fresh = made(tmp_path, reading("code", 10), reading("page", 30))
    Results(tmp_path).keep(fresh.row("one").cells[1].key, Kept("one", 30))
    warm = made(tmp_path, reading("code", 10), reading("page", 30))
    for number in (1, 2):
        rows = [[row.variant.name for row in planned.shard(number, 2).rows] for planned in (fresh, warm)]
        assert rows[0] == rows[1]
