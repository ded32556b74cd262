import shlex
from pathlib import Path

import pytest

from newapi import plan, sources, template
from newapi.answers import Answers, Questionnaire
from newapi.errors import TemplateError, UsageError
from newapi.finish import Switches
from newapi.plan import Plan
from tests.small import questionnaire, written

ALL = Switches()


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def planned(given: Answers, dest: str = "", switches: Switches = ALL) -> Plan:
    ours = Questionnaire(template.load())
    if dest:
        ours = ours.assuming(sources.from_target(Path(dest)))
    return plan.make(ours, ours.complete(given), dest=dest, switches=switches)


def test_a_plan_touches_nothing(here: Path) -> None:
    made = planned({}, "desk")

    assert (made.target, list(here.iterdir())) == (here / "desk", [])
    assert "pyproject.toml" in made.tree.files
    assert [step.name for step in made.steps] == ["settings", "lock", "sync", "git", "check"]


def test_without_a_name_the_slug_names_the_folder(here: Path) -> None:
    assert planned({"project_name": "My Shop"}).target == here / "my-shop"


def test_a_template_without_a_slug_needs_a_name() -> None:
    ours = questionnaire()

    with pytest.raises(UsageError, match="The target has no name"):
        plan.make(ours, ours.complete({}), dest="", switches=ALL)
    assert plan.make(ours, ours.complete({}), dest="desk", switches=ALL).command == "newapi create desk --yes"


@pytest.mark.parametrize(
    ("given", "dest", "switches", "command"),
    [
        ({}, "", ALL, "newapi create order-desk --yes"),
        ({}, "my-shop", ALL, "newapi create my-shop --yes"),
        ({"database": "none"}, "my-shop", ALL, "newapi create my-shop --yes --database none"),
        ({"project_name": "My Shop"}, "", ALL, "newapi create my-shop --yes"),
        ({"project_name": "It's"}, "x", ALL, """newapi create x --yes --project-name 'It'"'"'s'"""),
        ({}, "x", Switches(git=False, check=False), "newapi create x --yes --no-git --no-check"),
        ({}, "a b/x", ALL, "newapi create 'a b/x' --yes"),
    ],
)
def test_the_command_says_only_what_differs(given: Answers, dest: str, switches: Switches, command: str) -> None:
    assert planned(given, dest, switches).command == command


def test_the_command_names_answers_that_only_this_user_has_by_default() -> None:
    ours = Questionnaire(template.load(), {"author_name": "Ada"})

    made = plan.make(ours, ours.complete({}), dest="", switches=ALL)

    assert made.command == "newapi create order-desk --yes --author-name Ada"


def test_the_command_makes_the_same_answers_again() -> None:
    made = planned({"project_name": "Ä & B", "description": "", "auth": "none"}, "x")

    words = shlex.split(made.command)[4:]
    flags = {flag[2:].replace("-", "_"): value for flag, value in zip(words[::2], words[1::2], strict=True)}
    ours = Questionnaire(template.load(), sources.from_target(Path("x")))
    assert ours.complete(flags) == made.answers


def test_flags_of_every_type_are_written() -> None:
    ours = questionnaire()
    answers = ours.complete({"cache": "redis", "jobs": True, "workers": 3, "regions": ["south", "west"]})

    command = plan.make(ours, answers, dest="x", switches=ALL).command

    assert command == """newapi create x --yes --cache redis --jobs --workers 3 --regions '["south", "west"]'"""


@pytest.mark.parametrize(
    ("given", "commands"),
    [
        ({}, ("make run", "make test")),
        (
            {"database": "postgresql", "cache": "redis"},
            ("createdb -h localhost -U postgres x", "redis-cli ping", "make run", "make test"),
        ),
        (
            {"cache": "redis", "jobs": "saq"},
            ("redis-cli ping", "make run", "uv run python -m x worker", "make test"),
        ),
    ],
)
def test_what_follows_names_the_servers_that_are_needed_and_the_worker(
    given: Answers, commands: tuple[str, ...]
) -> None:
    ours = Questionnaire(template.load())

    made = plan.make(ours, ours.complete({"project_slug": "x", **given}), dest="x", switches=ALL)

    assert made.following == commands


def test_what_follows_is_the_templates_to_get_right(tmp_path: Path) -> None:
    ours = Questionnaire(
        written(tmp_path, "_newapi: { next: ['{{ 1 / 0 }}'] }\n_subdirectory: files\nproject_slug: x\n")
    )

    with pytest.raises(TemplateError, match="_newapi of copier"):
        plan.make(ours, ours.complete({}), dest="", switches=ALL)
