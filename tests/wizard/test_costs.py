from pathlib import Path

from newapi.tree import Difference
from newapi.wizard.costs import Cost, measured
from newapi.wizard.model import start
from tests.questionnaires import questionnaire


def test_a_choice_costs_what_it_adds_to_the_leanest_one(tmp_path: Path) -> None:
    page = start(questionnaire(tmp_path), {"project_name": "Shop", "project_slug": "shop"})

    assert measured(page) == (
        Cost(
            than="Nowhere",
            files=Difference(added=("src/store.py",), removed=(), changed=("README.md",)),
            dependencies=(),
            dropped=(),
        ),
        Cost(
            than="Nowhere",
            files=Difference(
                added=("src/store/pool.py", "src/store/server.py"), removed=(), changed=("README.md", "pyproject.toml")
            ),
            dependencies=("client",),
            dropped=(),
        ),
        None,  # tape cannot be had
        None,  # nowhere is the leanest
    )
