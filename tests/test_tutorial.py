"""The tutorial is carried out as it is written: its files, its changes and its commands."""

import re
import shlex
from pathlib import Path

import pytest

from newapi import cli, process
from newapi.steps import environment
from scripts.docs import ROOT

PAGE = ROOT / "docs" / "tutorial.md"
FILE = re.compile(r"^`([\w/]+\.py)`(?:(?!^```).)*?^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
CHANGE = re.compile(r"^```diff\n (.*\n)\+(.*\n)```$", re.MULTILINE)
FOLDER = Path("src/parcel_desk/notes")
COMMANDS = (
    'make migration m="notes"', "uv run python -m parcel_desk db upgrade", "make check", "uv run pytest tests/notes",
)  # fmt: skip


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    assert cli.run(["create", "parcel-desk", "--yes", "--no-check"]) == 0
    return tmp_path / "parcel-desk"


def test_its_feature_passes_the_checks_and_its_own_tests(service: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    for name, text in FILE.findall(page):
        file = service / (name if "/" in name else FOLDER / name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    changed = [service / "src/parcel_desk/app.py", service / "pyproject.toml"]
    for above, new in CHANGE.findall(page):
        (file,) = (file for file in changed if above in file.read_text(encoding="utf-8"))
        file.write_text(file.read_text(encoding="utf-8").replace(above, above + new), encoding="utf-8")

    assert len(list((service / FOLDER).glob("*.py"))) == 5

    for command in COMMANDS:
        done = process.run(shlex.split(command), service, timeout=300, env=environment())
        assert done.code == 0, done.output
