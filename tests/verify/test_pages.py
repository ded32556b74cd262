"""What people copy from the pages about verifying works."""

import re
import shlex
import sys
from pathlib import Path

import msgspec
import pytest

from newapi import cli, process, template
from newapi.template import Contract, read_yaml

pytest_plugins = ["pytester"]

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to"
TEMPLATES = HOW_TO / "verify-a-template.md"
PLATFORM = Path(__file__).parents[1] / "templates" / "platform"
BIN = Path(sys.executable).parent
WORKFLOW = re.compile(r"^```yaml\n# (\S+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
EXAMPLES = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
FILES: dict[str, str] = dict(WORKFLOW.findall((HOW_TO / "verify-in-ci.md").read_text(encoding="utf-8")))
SCHEMAS = {".github": "vendor.github-workflows", ".gitlab-ci.yml": "vendor.gitlab-ci"}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


@pytest.mark.parametrize("name", FILES)
def test_the_files_are_valid(repository: Path, name: str) -> None:
    schema = SCHEMAS[name.partition("/")[0]]

    done = process.run((str(BIN / "check-jsonschema"), "--builtin-schema", schema, name), repository)

    assert done.code == 0, done.output


def test_the_workflows_of_github_are_safe(repository: Path) -> None:
    done = process.run((str(BIN / "zizmor"), "--offline", "--no-progress", ".github"), repository)

    assert done.code == 0, done.output


def test_the_page_has_the_files_of_both_providers() -> None:
    assert set(FILES) == {".github/workflows/verify.yml", ".github/workflows/nightly.yml", ".gitlab-ci.yml"}


def test_the_example_of_what_to_declare_is_true() -> None:
    (example,) = re.findall(r"^```yaml\n(.*?)^```$", TEMPLATES.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    declared = template.load(PLATFORM).settings.newapi.verify

    said = msgspec.convert(read_yaml(example), dict[str, dict[str, Contract]])["_newapi"]["verify"]

    assert said.traces.items() <= declared.traces.items()
    assert msgspec.structs.replace(said, traces=declared.traces) == declared


def test_the_commands_that_list_variants_work(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed: list[str] = re.findall(r"^\$ newapi (verify --template \. .*)$", TEMPLATES.read_text("utf-8"), re.MULTILINE)
    monkeypatch.chdir(PLATFORM)
    chosen = [command for command in typed if "--since" not in command]

    assert len(chosen) > 2
    for command in chosen:
        assert cli.run([*shlex.split(command), "--list"]) == 0, command
        assert "in the space" in capsys.readouterr().out


def test_the_example_of_tests_runs(pytester: pytest.Pytester) -> None:
    example, _ = EXAMPLES.findall(TEMPLATES.read_text(encoding="utf-8"))
    pytester.makepyfile(example)

    result = pytester.runpytest(f"--newapi-template={PLATFORM}", "--newapi-select=metrics=true")

    assert set(result.parseoutcomes()) == {"passed"}


def test_the_example_of_a_program_runs(tmp_path: Path) -> None:
    _, example = EXAMPLES.findall(TEMPLATES.read_text(encoding="utf-8"))
    script = tmp_path / "script.py"
    script.write_text(example.replace("path/to/template", str(PLATFORM)).replace('"static"', '"render"'))

    done = process.run((sys.executable, str(script)), tmp_path)

    assert "metrics-github-image-compose passed" in done.output
