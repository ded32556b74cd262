import re
from pathlib import Path

import msgspec

from newapi.verify import reports
from newapi.verify.model import Failure, Report
from newapi.verify.reports.summary import LIMIT, encode
from tests.verify.reports.sample import LOG, report


def with_outputs(whole: Report, *outputs: str) -> Report:
    failures = tuple(Failure(f"variant-{number}", "suite", 1.0, output) for number, output in enumerate(outputs))
    return msgspec.structs.replace(whole, failures=failures)


def test_failures_stand_before_the_facts_and_the_matrix() -> None:
    text = encode(report()).decode()

    assert text.startswith("## ✗ 4 of 12 variants fail\n")
    assert text.index("journey failed") < text.index("| variants | 12 of 486") < text.index("Variants and checks")
    assert "newapi verify --tier full --select MIT-none-session-none-gitlab-compose --keep" in text
    assert "+        workers_kill_timeout=10," in text


def test_every_row_of_the_matrix_has_a_cell_for_each_check() -> None:
    whole = report()
    rows = [line for line in encode(whole).decode().splitlines() if line.startswith("| <code>")]

    assert len(rows) == len(whole.variants)
    assert {row.count(" |") for row in rows} == {len(whole.checks) + 1}


def test_it_is_added_to_what_the_step_has_said_already(tmp_path: Path) -> None:
    file = tmp_path / "summary.md"
    file.write_text("# Said before\n")
    reports.summary(report(), file)

    assert file.read_text(encoding="utf-8").startswith("# Said before\n## ✗ 4 of 12 variants fail\n")


def test_it_never_grows_above_what_github_shows(tmp_path: Path) -> None:
    file = tmp_path / "summary.md"
    whole = with_outputs(report(), *["x" * 100_000] * 30)
    for _ in range(3):
        reports.summary(whole, file)

    assert file.stat().st_size <= LIMIT < 1024 * 1024
    assert "in the reports of `--html` and `--json`" in file.read_text(encoding="utf-8")


def test_output_stays_inside_its_fence() -> None:
    text = encode(with_outputs(report(), "before\n```\n````sh\n</details>\n# after")).decode()
    (fenced,) = re.findall(r"^(`{5})text\n(.*?)\n\1$", text, re.DOTALL | re.MULTILINE)

    assert fenced[1].splitlines() == ["before", "```", "````sh", "</details>", "# after"]


def test_names_are_neither_markdown_nor_html() -> None:
    failure = Failure("<b>*a*|`b`", "suite", 1.0, LOG, stands_for=("[x](y)",))
    text = encode(msgspec.structs.replace(report(), failures=(failure,), notes=("a | b <i>",))).decode()

    assert "<code>&#60;b&#62;&#42;a&#42;&#124;&#96;b&#96;</code>: suite failed" in text
    assert "&#91;x&#93;(y)" in text
    assert "> a &#124; b &#60;i&#62;" in text
