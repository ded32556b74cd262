import io
import re

import msgspec
import pytest
from rich.console import Console, RenderableType

from newapi import views as common
from newapi.verify import views
from newapi.verify.model import Report, Selected
from newapi.verify.watch import Cost, Listed
from tests.verify.reports.sample import report

ANSI = re.compile(r"\x1b\[[\d;]*m")
WHOLE = report()
SELECTED = Selected([one.variant for one in WHOLE.variants], WHOLE.space, WHOLE.distinct, {})


def printed(view: RenderableType, width: int = 100, *, terminal: bool = False) -> str:
    out = io.StringIO()
    colours = "standard" if terminal else None
    console = Console(file=out, width=width, force_terminal=terminal, color_system=colours, markup=False)
    common.show(console, view)
    return out.getvalue()


def listed(whole: Report) -> list[Listed]:
    return [
        Listed(
            one.variant.name,
            {verdict.check: Cost(verdict.seconds, verdict.how, verdict.by) for verdict in one.verdicts},
        )
        for one in whole.variants
    ]


def test_the_checks_are_stairs_above_the_marks_of_each_variant() -> None:
    lines = printed(views.result(WHOLE)).splitlines()

    assert lines[0] == "  text"
    assert lines[13] == "  " + "│ " * 13 + "workflows"
    assert lines[15] == "  ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✗ - - ✓ ✓ - ✓  MIT-none-session-none-gitlab-compose"
    assert lines[16] == "  ✓ = ✓ = = = = ✗ - - = ✓ ✓ ✓  MIT-sqlite-jwt-none-none-kubernetes"
    assert lines[26] == "  ✓ run  = shared  · kept  ✗ failed  - skipped"


@pytest.mark.parametrize(("whole", "width"), [(WHOLE, 60), (report(200), 120)])
def test_what_is_too_much_for_a_table_is_told_in_groups(whole: Report, width: int) -> None:
    text = printed(views.result(whole), width)

    assert re.search(r"✓ \d+ variants: 14 checks hold\n", text)
    assert re.search(r"✗ 2 variants: journey failed; fuzz, drain skipped; 11\s+checks hold\n", text)
    assert "│" not in text


def test_a_failure_shows_the_lines_that_matter_the_folder_and_the_command() -> None:
    failure = msgspec.structs.replace(WHOLE.failures[0], output="\n".join(f"line {n} [red]" for n in range(1, 41)))
    text = printed(views.result(msgspec.structs.replace(WHOLE, failures=(failure,))))
    shown = text.split(f"✗ journey of {failure.variant}  4.8 s\n")[1]

    assert shown.startswith("  line 1 [red]\n  … 25 lines left out\n  line 27 [red]\n")
    assert "  line 40 [red]\n  the same for MIT-sqlite-jwt-none-none-kubernetes\n" in shown
    assert f"  kept in {failure.folder}\n  {failure.command}\n" in shown


def test_of_many_failures_the_rest_is_named() -> None:
    many = tuple(msgspec.structs.replace(WHOLE.failures[0], check=f"check-{number}") for number in range(11))
    text = printed(views.result(msgspec.structs.replace(WHOLE, failures=many)))

    assert text.count("kept in") == 8
    assert "✗ check-10 of MIT-none-session-none-gitlab-compose" in text
    assert "Their output is in the reports of --html and --json." in text


def test_the_result_ends_with_the_facts() -> None:
    text = printed(views.result(WHOLE), 1_000)
    end = text[text.index("✗ 4 of 12 variants fail\n") :].splitlines()

    assert end[1:3] == [
        "  variants: 12 of 486 in the space (216 distinct services)",
        "  runs: 116 made, 32 shared, 4 kept",
    ]
    assert "  pairs: 109 of 119 run; missing: " in "\n".join(end)
    assert end[-2:] == ["  time: 8 min 32 s", "  Docker is not running: image was checked by its linter alone."]


def test_a_verification_that_holds_says_so() -> None:
    assert "\n✓ All checks hold for 12 variants\n" in printed(views.result(report(12, failing=0)))


def test_changes_are_diffs_for_each_group_of_variants() -> None:
    text = printed(views.result(WHOLE))

    assert "5 variants change alike: MIT-none-none-none-github-none, " in text
    assert "  -        workers_kill_timeout=5,\n  +        workers_kill_timeout=10,\n" in text
    assert "1 variant changes: Apache-2.0-postgresql-none-redis-github-compose\n" in text
    assert re.search(r"\x1b\[32m\+ +workers_kill", printed(views.result(WHOLE), terminal=True))


def test_a_listing_tells_what_each_check_will_cost() -> None:
    text = printed(views.listing(SELECTED, listed(WHOLE)), 1_000)
    blocks = text.split("MIT-sqlite-jwt-none-none-kubernetes")[1].splitlines()

    assert blocks[1] == "  run: text 12 ms, lint 0.2 s, compose 0.4 s, manifests 0.2 s, workflows 0.1 s"
    assert blocks[2].startswith("  shared with MIT-none-session-none-gitlab-compose: lock, types, migrations, ")
    assert "  kept: lock, types\n" in text
    assert text.endswith(
        "12 variants of 486 in the space (216 distinct services)\n  116 runs of 9 min 22 s in all, 32 shared, 4 kept\n"
    )


@pytest.mark.parametrize("width", [60, 80, 120])
def test_every_view_fits_its_width(width: int) -> None:
    for view in (views.result(WHOLE), views.result(report(200)), views.listing(SELECTED, listed(WHOLE))):
        text = ANSI.sub("", printed(view, width, terminal=True))
        whole = [line for line in text.splitlines() if line.startswith("  kept in ")]  # left whole, to be copied
        assert max(len(line.rstrip()) for line in text.splitlines() if line not in whole) <= width


def test_what_programs_printed_is_text_in_a_terminal_too() -> None:
    failure = msgspec.structs.replace(WHOLE.failures[0], output="\x1b[2J\x1b]0;title\x07 \x00 \x9b31m [bold]x")
    text = printed(views.result(msgspec.structs.replace(WHOLE, failures=(failure,))))

    assert "[bold]x" in text
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)
