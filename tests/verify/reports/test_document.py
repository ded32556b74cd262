import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from newapi.errors import UsageError
from newapi.verify import reports
from tests.verify.reports.sample import report

SCHEMA = Path(__file__).parents[3] / "docs" / "reference" / "verify-report.schema.json"


def test_a_report_is_read_as_it_was_written(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    file.write_bytes(reports.encode(report()))

    assert reports.read(file) == report()
    assert reports.encode(reports.read(file)) == file.read_bytes()


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (b"", "is no report"),
        (b"\xff", "is no report"),
        (b"[1, 2]", "is no report"),
        (b'{"files": []}', "is no report"),
        (b'{"format": 1, "newapi": 3}', "Expected `str`, got `int`"),
        (b'{"format": 2}', "is a report of format 2; this newapi reads format 1"),
    ],
)
def test_another_file_is_refused_by_its_name(tmp_path: Path, document: bytes, said: str) -> None:
    file = tmp_path / "other.json"
    file.write_bytes(document)

    with pytest.raises(UsageError, match=said) as refused:
        reports.read(file)
    assert "other.json" in refused.value.message
    assert refused.value.hint


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        reports.read(tmp_path / "report.json")


def test_the_schema_in_the_docs_is_current() -> None:
    assert SCHEMA.read_bytes() == reports.schema(), "write it again: `make docs`"


def test_a_report_is_as_the_schema_says_and_another_document_is_not(tmp_path: Path) -> None:
    whole = msgspec.json.decode(reports.encode(report()), type=dict[str, object])
    (tmp_path / "whole.json").write_bytes(msgspec.json.encode(whole))
    (tmp_path / "part.json").write_bytes(msgspec.json.encode({**whole, "tier": "most"}))
    command = [sys.executable, "-m", "check_jsonschema", "--schemafile", str(SCHEMA)]

    assert subprocess.run([*command, str(tmp_path / "whole.json")], check=False, capture_output=True).returncode == 0
    refused = subprocess.run([*command, str(tmp_path / "part.json")], check=False, capture_output=True, text=True)
    assert "$.tier: 'most' is not one of" in refused.stdout
