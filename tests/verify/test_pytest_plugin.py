"""The tests of a platform team, run by pytest as they run them."""

import re
import sys
from pathlib import Path

import pytest

from newapi import process

pytest_plugins = ["pytester"]

PLATFORM = Path(__file__).parents[1] / "templates" / "platform"
COPIER_YML = """
_subdirectory: files
_exclude: ["/_*"]
_envops: { undefined: jinja2.StrictUndefined }
name: Desk
store: { type: str, choices: [files, server] }
docs: { type: bool, default: false }
"""
NAMES = ["files-no-docs", "files-docs", "server-no-docs", "server-docs"]
TESTS = """
def test_it_has_a_name(variant):
    assert (variant.path / "README").read_text().startswith(f"Desk in {variant.answers['store']}")
    assert variant.tree.files["README"].content == (variant.path / "README").read_bytes()
"""


@pytest.fixture
def team(pytester: pytest.Pytester) -> pytest.Pytester:
    """A repository with a template and its tests."""
    pytester.makefile(".yml", copier=COPIER_YML)
    readme = pytester.path / "files" / "README.jinja"
    readme.parent.mkdir()
    readme.write_text("{{ name }} in {{ store }}{{ ', documented' if docs }}\n")
    pytester.makepyfile(TESTS)
    return pytester


def names(result: pytest.RunResult) -> list[str]:
    """The variants of the tests that passed, in their order."""
    return re.findall(r"(?m)^(?=.*PASSED).*::\w+\[(.+?)\]", result.stdout.str())


def test_a_test_that_asks_for_a_variant_runs_for_each(team: pytest.Pytester) -> None:
    result = team.runpytest("-v")

    assert names(result) == NAMES
    result.assert_outcomes(passed=4)


def test_the_command_line_names_a_template_and_selects(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(variant): assert variant.answers['ci'] == 'gitlab'")

    result = pytester.runpytest("-v", f"--newapi-template={PLATFORM}", "--newapi-select=ci=gitlab")

    assert names(result)
    assert set(result.parseoutcomes()) == {"passed"}


def test_the_configuration_names_a_template_as_seen_from_its_file(team: pytest.Pytester) -> None:
    team.makefile(".toml", **{"tests/pyproject": "[tool.pytest.ini_options]\nnewapi_template = '..'\n"})
    (team.path / "tests" / "test_it.py").write_text(TESTS)

    result = team.runpytest("-v", "--rootdir=tests", "--config-file=tests/pyproject.toml", "tests")

    assert names(result) == NAMES


def test_coverage_says_how_many_variants_there_are(team: pytest.Pytester) -> None:
    assert len(names(team.runpytest("-v", "--newapi-coverage=each"))) == 2


def test_an_answer_that_does_not_vary_is_given(team: pytest.Pytester) -> None:
    result = team.runpytest("-v", "--newapi-data=store=server")

    assert names(result) == ["server-no-docs", "server-docs"]


def test_a_project_is_rendered_once_and_shared_by_all_tests(team: pytest.Pytester) -> None:
    team.makepyfile(
        test_first="""
        import pytest
        paths = {}

        @pytest.mark.parametrize("time", [1, 2])
        def test_it_stays(variant, render_variant, time):
            path = paths.setdefault(variant.name, variant.path)
            assert variant.path is path
            assert render_variant(**variant.answers).path is path

        def test_each_has_its_own(variant):
            assert len(set(paths.values())) == len(paths)
        """,
        test_team="",
    )

    team.runpytest("test_first.py").assert_outcomes(passed=12)


def test_a_test_that_writes_has_a_copy(team: pytest.Pytester) -> None:
    team.makepyfile(
        """
        def test_it(variant, tmp_path):
            copy = variant.copy(tmp_path / "mine")
            (copy / "README").write_text("written")
            assert (variant.path / "README").read_text() != "written"
        """
    )

    team.runpytest().assert_outcomes(passed=4)


def test_answers_that_are_no_variant_can_be_rendered(team: pytest.Pytester) -> None:
    team.makepyfile(
        """
        def test_it(render_variant):
            one = render_variant(name="Order Desk", store="server")
            assert one.name == "server-no-docs"
            assert one.tree.files["README"].content == b"Order Desk in server\\n"
        """
    )

    team.runpytest("--newapi-data=docs=no").assert_outcomes(passed=1)


def test_a_question_without_a_default_is_answered(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(render_variant): assert render_variant().answers['team']")

    pytester.runpytest(f"--newapi-template={PLATFORM}").assert_outcomes(passed=1)


def test_many_workers_have_the_same_variants(team: pytest.Pytester) -> None:
    result = team.runpytest_subprocess("-v", "-n2")

    assert sorted(names(result)) == sorted(NAMES)
    result.assert_outcomes(passed=4)


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ("--newapi-template=nowhere", "*nowhere is not a template: copier.yml cannot be read*"),
        ("--newapi-select=tape*", "*tape*"),
        ("--newapi-data=tape=1", "*there is no question 'tape'*"),
    ],
)
def test_what_is_wrong_about_the_command_line_is_one_sentence(
    team: pytest.Pytester, option: str, sentence: str
) -> None:
    result = team.runpytest(option)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {sentence}"])
    assert "Traceback" not in result.stderr.str()


@pytest.mark.parametrize(
    ("copier_yml", "sentence"),
    [("name: [", "*copier.yml is not valid YAML*"), (None, "There is no template: name it by --newapi-template*")],
)
def test_what_is_wrong_about_the_template_is_one_sentence(
    team: pytest.Pytester, copier_yml: str | None, sentence: str
) -> None:
    (team.path / "copier.yml").unlink()
    if copier_yml:
        team.makefile(".yml", copier=copier_yml)

    result = team.runpytest()

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([sentence])
    assert "pytest_plugin.py" not in result.stdout.str()


@pytest.mark.parametrize(
    "others",
    [
        "@pytest.fixture\ndef variant(): return 'theirs'\n",
        "def pytest_generate_tests(metafunc): metafunc.parametrize('variant', ['theirs'])\n",
    ],
)
def test_a_variant_of_somebody_elses_making_is_left_alone(team: pytest.Pytester, others: str) -> None:
    team.makeconftest(f"import pytest\n{others}")
    team.makepyfile("def test_it(variant): assert variant == 'theirs'")

    team.runpytest().assert_outcomes(passed=1)


def test_a_fixture_of_theirs_can_be_made_of_ours(team: pytest.Pytester) -> None:
    team.makeconftest("import pytest\n@pytest.fixture\ndef variant(variant): return variant.name")
    team.makepyfile("def test_it(variant): assert isinstance(variant, str)")

    team.runpytest().assert_outcomes(passed=4)


def test_a_run_that_needs_no_variant_imports_nothing(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        "import sys\n"
        "def test_it(): assert {name for name in sys.modules if name.startswith('newapi')} == "
        "{'newapi', 'newapi.verify', 'newapi.verify.pytest_plugin'}\n"
    )

    done = process.run((sys.executable, "-m", "pytest", "-q"), tmp_path)

    assert done.code == 0, done.output
