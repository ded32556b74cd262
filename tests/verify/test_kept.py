import os
import time
from pathlib import Path

import msgspec

from newapi.template import Contract, load
from newapi.tree import File, Tree
from newapi.verify.checks import CHECKS
from newapi.verify.kept import A_MONTH, Kept, Keys, Results
from newapi.verify.model import Variant
from newapi.verify.subject import Subject

SUITE, TYPES, TEXT = (next(check for check in CHECKS if check.name == name) for name in ("suite", "types", "text"))
TERMS = Contract(test="pytest", test_settings={"DATABASE": "{postgresql}"}, unread=("*.md",))


def subject(contract: Contract = TERMS, **files: bytes) -> Subject:
    tree = Tree({name.replace("_", "."): File(content) for name, content in files.items()})
    return Subject(Variant("one", {}, ()), tree, contract)


def keys(*pins: str, **servers: str) -> Keys:
    return Keys(pins, servers)


def test_a_result_is_found_by_its_key(tmp_path: Path) -> None:
    results = Results(tmp_path / "made")
    assert results.find("ab12") is None
    results.keep("ab12", Kept("one", 1.5, "1 skipped"))
    assert results.find("ab12") == Kept("one", 1.5, "1 skipped")
    assert results.find("ab13") is None


def test_without_reading_nothing_is_found_and_all_is_kept(tmp_path: Path) -> None:
    Results(tmp_path, read=False).keep("ab12", Kept("one", 1))
    assert Results(tmp_path, read=False).find("ab12") is None
    assert Results(tmp_path).find("ab12") == Kept("one", 1)


def test_a_result_that_was_cut_off_is_none(tmp_path: Path) -> None:
    results = Results(tmp_path)
    results.keep("ab12", Kept("one", 1))
    (file,) = tmp_path.glob("ab/*.json")
    file.write_bytes(file.read_bytes()[:5])
    assert results.find("ab12") is None


def test_a_disk_that_takes_nothing_costs_no_run(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("a file where the folder would be")
    results = Results(tmp_path / "results")
    results.keep("ab12", Kept("one", 1))
    assert results.find("ab12") is None


def test_what_was_of_no_use_for_a_month_is_forgotten(tmp_path: Path) -> None:
    results = Results(tmp_path)
    for key in ("ab12", "cd34"):
        results.keep(key, Kept("one", 1))
    long_ago = time.time() - A_MONTH - 60
    for file in tmp_path.glob("*/*.json"):
        os.utime(file, (long_ago, long_ago))
    assert results.find("cd34")  # which is a use of it
    results.prune()
    assert (results.find("ab12"), results.find("cd34")) == (None, Kept("one", 1))


def test_a_check_is_expected_to_take_what_it_took_last(tmp_path: Path) -> None:
    results = Results(tmp_path)
    results.took("suite", 7.5)
    assert results.seconds([SUITE, TYPES]) == {"suite": 7.5, "types": TYPES.seconds}


def test_a_key_is_of_what_a_check_reads() -> None:
    own = keys("web==1")
    assert own.of(SUITE, subject(a_py=b"1", a_md=b"x")) == own.of(SUITE, subject(a_py=b"1", a_md=b"y"))
    assert own.of(SUITE, subject(a_py=b"1")) != own.of(SUITE, subject(a_py=b"2"))
    assert own.of(SUITE, subject(a_py=b"1")) != own.of(TYPES, subject(a_py=b"1"))


def test_a_key_is_of_pins_servers_and_the_contract_where_they_count() -> None:
    one = subject(a_py=b"1")
    assert keys("web==1").of(TYPES, one) != keys("web==2").of(TYPES, one)
    assert keys(postgresql="15").of(SUITE, one) != keys(postgresql="16").of(SUITE, one)
    assert keys(postgresql="15").of(TYPES, one) == keys(postgresql="16").of(TYPES, one)
    other = subject(msgspec.structs.replace(TERMS, test="pytest -x"), a_py=b"1")
    assert keys().of(SUITE, one) != keys().of(SUITE, other)
    assert keys().of(TYPES, one) == keys().of(TYPES, other)


def test_words_that_may_not_be_left_are_part_of_the_key_of_the_texts() -> None:
    traced = subject(Contract(traces={"store=server": "server"}), a_py=b"1")
    assert keys().of(TEXT, subject(Contract(), a_py=b"1")) != keys().of(TEXT, traced)


def test_a_count_of_the_space_is_kept_until_the_template_or_the_answers_are_others(tmp_path: Path) -> None:
    (tmp_path / "copier.yml").write_text("_subdirectory: files\nname: desk\n")
    (tmp_path / "files").mkdir()
    own, variants, made = load(tmp_path), [Variant("one", {"name": "desk"}, ())], keys()

    known = {made.of_space(own, variants), made.of_space(own, [Variant("one", {"name": "shop"}, ())])}
    assert len(known) == 2
    for change in ("1", "2"):
        (tmp_path / "files" / "added").write_text(change)
        known.add(made.of_space(own, variants))
    (tmp_path / "files" / "added").chmod(0o755)
    known.add(made.of_space(own, variants))

    assert len(known) == 5
    assert made.of_space(own, variants) in known
