import os
import sys
from pathlib import Path

import pytest

from newapi import doctor
from newapi.doctor import Need


def test_it_finds_the_version_of_what_is_there_and_says_how_to_get_the_rest() -> None:
    there = Need("Python", (sys.executable, "--version"), "runs", "install it")
    absent = Need("Nothing", ("no-such-program", "--version"), "does nothing", "get it there", required=True)

    found, missing = doctor.examine([there, absent])

    assert found.version == ".".join(map(str, sys.version_info[:3]))
    assert (missing.version, missing.remedy, missing.required) == ("", "get it there", True)
    assert missing.problem == "not found"


def test_a_program_that_fails_counts_as_missing() -> None:
    broken = Need("Broken", (sys.executable, "-c", "print('1.2.3'); raise SystemExit(1)"), "", "")

    (finding,) = doctor.examine([broken])

    assert (finding.version, finding.problem) == ("", "does not answer")


@pytest.mark.skipif(os.name == "nt", reason="Windows does not remove the folder that one is in")
def test_it_finds_python_where_the_current_folder_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()

    (finding,) = doctor.examine([need for need in doctor.needs() if need.sought])

    assert finding.version.startswith("3.14")


def test_one_that_another_program_looks_for_is_not_found() -> None:
    sought = Need("Sought", (sys.executable, "-c", "raise SystemExit(2)"), "", "", sought=True)

    assert doctor.examine([sought])[0].problem == "not found"
    assert [need.name for need in doctor.needs() if need.sought] == ["Python 3.14"]


@pytest.mark.skipif(sys.platform == "win32", reason="its Docker is a shell script")
def test_a_docker_whose_daemon_is_down_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    docker = tmp_path / "docker"
    docker.write_text("#!/bin/sh\n[ \"$1\" = --version ] && echo 28.0.1 || { echo 'Is 1.2 running?' >&2; exit 1; }\n")
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    (finding,) = doctor.examine([need for need in doctor.needs() if need.name == "Docker"])

    assert (finding.version, finding.problem) == ("", "does not answer")


def test_a_uv_that_is_the_programs_own_is_not_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (finding,) = doctor.examine([need for need in doctor.needs() if need.name == "uv on PATH"])
    assert (finding.problem, finding.required) == ("not found", False)

    uv = tmp_path / ("uv.exe" if os.name == "nt" else "uv")
    uv.touch(0o755)
    assert "uv on PATH" not in [need.name for need in doctor.needs()]


def test_only_uv_and_python_are_required() -> None:
    assert [need.name for need in doctor.needs() if need.required] == ["uv", "Python 3.14"]
