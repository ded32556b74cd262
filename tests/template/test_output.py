"""What comes out, in every variant."""

import re
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from newapi import process
from newapi.answers import Questionnaire
from newapi.render import renderer
from newapi.template import Template
from newapi.tree import Tree, write
from newapi.verify.contract import Contracts
from newapi.verify.model import Variant
from newapi.verify.picks import any_of

RUFF = (sys.executable, "-m", "ruff")
# The shortest and the longest name: no line may be wrapped in one and not in the other.
NAMES = ("ab", "a" + "_long" * 6 + "_package")


def texts(tree: Tree) -> dict[str, str]:
    return {str(path): file.content.decode() for path, file in tree.files.items() if not str(path).endswith(".gz")}


def test_text_is_final(variants: Mapping[str, Tree]) -> None:
    for variant, tree in variants.items():
        for path, text in texts(tree).items():
            where = f"{variant}: {path}"
            assert not text or (text.endswith("\n") and not text.endswith("\n\n")), where
            assert "\r" not in text, where
            prose = re.sub(r"```python\n.*?```", "code", text, flags=re.DOTALL)
            assert path.endswith((".py", ".mako", "LICENSE")) or "\n\n\n" not in prose, where
            assert path.endswith("LICENSE") or not re.search(r"[ \t]$", text, flags=re.MULTILINE), where
            assert path.endswith("ci.yml") or not re.search(r"{{|{%|%}", text), where


def test_nothing_is_left_of_what_was_not_chosen(
    own: Template, chosen: list[Variant], variants: Mapping[str, Tree]
) -> None:
    contracts = Contracts(Questionnaire(own))
    for variant in chosen:
        traces = contracts.rendered(variant.answers).traces
        for pick, trace in traces.items():
            if not set(variant.picks).isdisjoint(any_of(pick)):
                continue
            for path, text in texts(variants[variant.name]).items():
                if path in {".copier-answers.yml", ".gitignore"} or "LICENSE" in path:
                    continue
                found = re.search(trace, f"{path}\n{text}")
                assert found is None, (variant.name, path, found)


@pytest.mark.parametrize("package", NAMES)
def test_any_name_gives_code_that_the_linter_leaves_as_it_is(
    own: Template, chosen: list[Variant], tmp_path: Path, package: str
) -> None:
    render, names = renderer(own), {"package": package, "project_slug": package.replace("_", "-")}
    for variant in chosen:
        write(render({**variant.answers, **names}), tmp_path / variant.name)

    checked = process.run((*RUFF, "check", "--no-cache", "."), tmp_path)
    formatted = process.run((*RUFF, "format", "--no-cache", "--diff", "."), tmp_path)

    assert (checked.code, formatted.code) == (0, 0), checked.output + formatted.output


def test_every_place_that_names_a_python_names_the_same(variants: Mapping[str, Tree]) -> None:
    named = r"""requires-python = ">=([\d.]+)"|pythonVersion = "([\d.]+)"|\bpython:([\d.]+)|crosses the wire, Python ([\d.]+\d)"""
    for variant, tree in variants.items():
        found = texts(tree)
        python = found[".python-version"].strip()
        others = ["".join(groups) for text in found.values() for groups in re.findall(named, text)]
        assert len(others) >= 3, variant
        assert set(others) == {python}, variant
        assert f'target-version = "py{python.replace(".", "")}"' in found["pyproject.toml"], variant


def test_every_place_that_brings_uv_brings_the_same(own: Template, variants: Mapping[str, Tree]) -> None:
    pinned = re.findall(r"(?m)^uv==(\S+)", (own.root / "requirements" / "dev.txt").read_text("utf-8"))
    for variant, tree in variants.items():
        for path, text in texts(tree).items():
            named = re.findall(r"astral-sh/uv:(\S+)|UV_VERSION: (\S+)", text)
            assert {version for pair in named for version in pair if version} <= set(pinned), (variant, path)
            assert not re.search(r"install .*\buv\b(?!==)", text) or path.endswith(".md"), (variant, path)


def test_each_test_that_the_security_page_names_is_there(variants: Mapping[str, Tree]) -> None:
    for variant, tree in variants.items():
        found = texts(tree)
        rows = [line for line in found["docs/security.md"].splitlines() if line.startswith("| API")]
        named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", "\n".join(rows))
        assert rows
        assert len(named) == len(rows), variant
        for file, test in named:
            assert f"def {test}(" in found.get(file, ""), f"{variant}: {file}::{test}"
