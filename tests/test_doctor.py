import sys

from newapi import doctor
from newapi.doctor import Need


def test_it_finds_the_version_of_what_is_there_and_says_how_to_get_the_rest() -> None:
    there = Need("Python", (sys.executable, "--version"), "runs", "install it")
    absent = Need("Nothing", ("no-such-program", "--version"), "does nothing", "get it there", required=True)

    found, missing = doctor.examine([there, absent])

    assert found.version == ".".join(map(str, sys.version_info[:3]))
    assert (missing.version, missing.remedy, missing.required) == ("", "get it there", True)


def test_a_program_that_fails_counts_as_missing() -> None:
    broken = Need("Broken", (sys.executable, "-c", "print('1.2.3'); raise SystemExit(1)"), "", "")

    assert doctor.examine([broken])[0].version == ""


def test_only_uv_and_python_are_required() -> None:
    assert [need.name for need in doctor.needs() if need.required] == ["uv", "Python 3.14"]
