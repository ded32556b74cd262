import shlex

import pytest

from newapi.shell import continued

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
