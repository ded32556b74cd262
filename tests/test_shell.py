import os
import shlex
from pathlib import Path

import pytest

from newapi.shell import continued, near, operand

COMMAND = shlex.join(["newapi", "create", "cafe", "--project-name", "It's a café", "--auth", "none", "--no-git"])


def test_a_command_that_fits_is_one_line() -> None:
    assert continued(COMMAND, 120) == [COMMAND]


@pytest.mark.parametrize("width", [20, 40, 60, 80])
def test_a_long_command_is_broken_into_lines_that_a_shell_puts_together_again(width: int) -> None:
    assert shlex.split("\n".join(continued(COMMAND, width)).replace("\\\n", "")) == shlex.split(COMMAND)


def test_lines_are_as_wide_as_allowed_and_an_option_stays_with_its_value() -> None:
    lines = continued("newapi create shop --database postgresql --auth none --no-git", 40)

    assert lines == ["newapi create shop \\", "  --database postgresql --auth none \\", "  --no-git"]


def test_commands_that_follow_each_other_stay_as_they_are() -> None:
    assert continued("git init -b main && git add -A", 80) == ["git init -b main && git add -A"]


def test_a_path_is_said_as_it_is_typed_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert near(tmp_path / "a" / "b") == str(Path("a", "b"))
    assert near(tmp_path / "-rf") == operand("-rf") == os.path.join(".", "-rf")  # noqa: PTH118 - Path drops the dot
    assert near(tmp_path) == str(tmp_path)
    assert near(tmp_path.parent) == str(tmp_path.parent)


@pytest.mark.skipif(os.name == "nt", reason="Windows does not remove the folder that one is in")
def test_a_path_is_said_even_where_the_current_folder_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()

    assert near(tmp_path / "desk") == str(tmp_path / "desk")
