"""The lists of names that cannot be had."""

import re
import subprocess
from pathlib import Path

import pytest

from newapi.answers import Questionnaire
from newapi.steps import uv
from newapi.template import Template

PYTHON = """
import keyword, sys
print(*sorted({name.lower() for name in (*keyword.kwlist, *keyword.softkwlist)} - {"_"}))
print(*sorted(name.lower() for name in sys.stdlib_module_names if not name.startswith("_")))
"""
INSTALLED = """
from importlib.metadata import distributions, packages_distributions
print(*(found.metadata["Name"] for found in distributions()))
print(*(name for name in packages_distributions() if name.isidentifier() and "__" not in name and name[0] != "_"))
"""


def listed(own: Template, name: str) -> list[str]:
    found = re.search(rf'{{% set {name} = """(.*?)"""', (own.folder / "_names.jinja").read_text(), flags=re.DOTALL)
    assert found
    return found[1].split()


def problem(own: Template, question: str, value: str) -> str:
    questionnaire = Questionnaire(own)
    (asked,) = (entry for entry in own.questions if entry.name == question)
    return questionnaire.problem(asked, value, questionnaire.complete({}))


def test_are_those_of_the_python_that_services_run_on(own: Template) -> None:
    found = subprocess.run(
        [uv(), "run", "--no-project", "--python", "3.14", "python", "-c", PYTHON],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    keywords, modules = found.stdout.splitlines()

    assert listed(own, "keywords") == keywords.split()
    assert listed(own, "standard_library") == modules.split()


def test_name_all_that_a_service_installs_as_it_is_called_and_as_it_is_imported(own: Template) -> None:
    assert own.versions
    environment = ["--no-project", "--python", "3.14", "--with-requirements", own.versions]
    found = subprocess.run(
        [uv(), "run", *environment, "python", "-c", INSTALLED],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    names = {name.lower().replace("-", "_").replace(".", "_") for name in found.stdout.split()}

    assert {"google", "pyjwt"} <= names
    assert names - set(listed(own, "dependencies")) == set()


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("package", "class"), ("package", "match"), ("package", "json"), ("package", "litestar"), ("package", "tests"),
        ("package", "google"), ("package", "support"), ("package", "conftest"),
        ("package", "Orders"), ("package", "order-desk"), ("package", "1st"), ("package", "_x"), ("package", "a__b"),
        ("package", "con"), ("package", "x" * 41), ("package", "été"), ("package", "a\n"), ("package", ""),
        ("project_slug", "Order-Desk"), ("project_slug", "a--b"), ("project_slug", "-a"), ("project_slug", "a-"),
        ("project_slug", "lpt1"), ("project_slug", "pyjwt"), ("project_slug", "../x"), ("project_slug", "/x"),
        ("project_slug", ""),
        ("project_name", ""), ("project_name", " x"), ("project_name", 'a "b"'), ("project_name", "a\tb"),
        ("project_name", "{{ 1 }}"), ("project_name", "x" * 61), ("project_name", "-x"),
        ("description", "two\nlines"), ("description", "x" * 201), ("author_name", "a\x07"),
        ("author_email", "nobody"), ("author_email", "a b@c.de"), ("author_email", '"a"@b.de'),
    ],
)  # fmt: skip
def test_a_name_that_cannot_be_had_is_refused_with_a_way_out(own: Template, question: str, value: str) -> None:
    found = problem(own, question, value)

    assert found.endswith(".")
    assert "\n" not in found


@pytest.mark.parametrize(
    ("question", "value"),
    [("package", "orders"), ("package", "order_desk2"), ("project_slug", "order-desk"),
     ("project_name", "Café Ü & Co."), ("project_name", "Bob's"),
     ("description", 'With "quotes" and \\ and ünïcode 🎉'), ("author_email", "")],
)  # fmt: skip
def test_a_good_name_is_taken(own: Template, question: str, value: str) -> None:
    assert problem(own, question, value) == ""


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Order Desk", "order-desk"), ("Zoll & Söhne 'Ämter'", "zoll-sohne-amter"), ("Łódź Straße", "lodz-strasse"),
     ("  A--B__C  ", "a-b-c"), ("日本", "")],
)  # fmt: skip
def test_a_slug_is_derived_from_the_letters_that_a_name_has(own: Template, name: str, slug: str) -> None:
    questionnaire = Questionnaire(own)
    (asked,) = (entry for entry in own.questions if entry.name == "project_slug")

    assert questionnaire.default(asked, {"project_name": name}) == slug


def test_the_versions_are_pins_that_a_bot_can_read(own: Template) -> None:
    assert own.versions
    lines = [line for line in Path(own.versions).read_text().splitlines() if not line.startswith("#")]

    assert lines == sorted(lines, key=lambda line: line.partition("==")[0])
    assert [line for line in lines if not re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.]*", line)] == []
