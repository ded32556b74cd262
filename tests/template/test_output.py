"""What comes out, in every variant."""

import re
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from newapi import process
from newapi.answers import Questionnaire
from newapi.render import render
from newapi.template import Template
from newapi.tree import Tree, write

# Words that only a variant with that choice may have in it.
TRACES = {
    "sqlite": r"sqlite",
    "postgresql": r"postgres|asyncpg|psql|createdb",
    "jwt": r"jwt|argon2|pwdlib|\bAUTH_|refresh_token|/auth/|\bsign-up\b",
}
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
            assert path.endswith((".py", ".mako", "LICENSE")) or "\n\n\n" not in text, where
            assert path.endswith("LICENSE") or not re.search(r"[ \t]$", text, flags=re.MULTILINE), where
            assert path.endswith("ci.yml") or not re.search(r"{{|{%|%}", text), where


def test_nothing_is_left_of_what_was_not_chosen(variants: Mapping[str, Tree]) -> None:
    for variant, tree in variants.items():
        chosen = variant.split("-")
        for option, trace in TRACES.items():
            if option in chosen:
                continue
            for path, text in texts(tree).items():
                if path in {".copier-answers.yml", ".gitignore", "LICENSE"} or "LICENSE" in path:
                    continue
                found = re.search(trace, f"{path}\n{text}", flags=re.IGNORECASE if option != "jwt" else 0)
                assert found is None, (variant, path, found)


@pytest.mark.parametrize("package", NAMES)
@pytest.mark.parametrize("database", ["sqlite", "postgresql", "none"])
@pytest.mark.parametrize("auth", ["jwt", "none"])
def test_any_name_gives_code_that_the_linter_leaves_as_it_is(
    own: Template, tmp_path: Path, package: str, database: str, auth: str
) -> None:
    given = {"package": package, "project_slug": package.replace("_", "-"), "database": database, "auth": auth}
    project = tmp_path / "project"
    write(render(own, Questionnaire(own).complete(given)), project)

    checked = process.run((*RUFF, "check", "--no-cache", "."), project)
    formatted = process.run((*RUFF, "format", "--no-cache", "--diff", "."), project)

    assert (checked.code, formatted.code) == (0, 0), checked.output + formatted.output
