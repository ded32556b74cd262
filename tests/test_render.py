import itertools
import random
import stat
from pathlib import Path

import pytest

from newapi import memory, reference, template
from newapi.answers import Answers, Questionnaire
from newapi.errors import TemplateError
from newapi.render import render
from newapi.template import Template
from newapi.tree import difference
from tests.small import small, written

STRICT = "_subdirectory: files\n_envops: {undefined: jinja2.StrictUndefined}\n"
SMALL: list[Answers] = [
    {},
    {"cache": "redis", "jobs": True, "regions": ["west", "north"], "mode": "shared"},
    {"title": "A Big Desk", "workers": 7, "jobs": True, "password": "other"},
]


def shaping(own: Template) -> list[Answers]:
    """Every set of answers to the questions that shape the service."""
    questions = [question for question in own.questions if question.name in {"database", "auth"}]
    values = [[choice.value for choice in question.choices] for question in questions]
    return [dict(zip((q.name for q in questions), row, strict=True)) for row in itertools.product(*values)]


@pytest.fixture(scope="module")
def engine() -> memory.Engine:
    """One for all the variants: what it keeps of one serves the next."""
    return memory.Engine(template.load())


@pytest.mark.parametrize("given", shaping(template.load()), ids=lambda given: "-".join(map(str, given.values())))
def test_both_engines_give_the_same_bytes_for_the_real_template(engine: memory.Engine, given: Answers) -> None:
    own = template.load()
    assert memory.can_render(own)
    answers = Questionnaire(own).complete(given)

    expected, ours = reference.render(own, answers), engine.render(answers)

    assert difference(expected, ours).empty
    assert ours.digest == expected.digest


def test_what_an_engine_has_rendered_before_changes_nothing() -> None:
    own = template.load()
    ours, shared = Questionnaire(own), memory.Engine(own)
    names: list[Answers] = [{}, {"project_name": "Größe & Co", "description": "A: 'B' #1", "author_name": "Zoë"}]
    licences: list[Answers] = [{"license": name} for name in ("MIT", "Apache-2.0", "Proprietary")]
    given = [{**name, **licence, **shape} for name in names for licence in licences for shape in shaping(own)]
    everything = [ours.complete(one) for one in given]
    shuffled = random.Random(0).sample(everything, len(everything))  # noqa: S311 - the same order every time

    kept = {str(answers): shared.render(answers) for answers in shuffled}

    for answers in everything[::5]:
        assert kept[str(answers)] == memory.Engine(own).render(answers)


@pytest.mark.parametrize("given", SMALL)
def test_both_engines_give_the_same_bytes_for_a_foreign_template(given: Answers) -> None:
    assert memory.can_render(small())

    answers = Questionnaire(small()).complete(given)

    expected, ours = reference.render(small(), answers), memory.Engine(small()).render(answers)

    assert difference(expected, ours).empty


def test_the_same_answers_give_the_same_bytes() -> None:
    answers = Questionnaire(small()).complete({"cache": "redis"})

    assert render(small(), answers) == render(small(), answers)


def test_files_without_the_suffix_are_copied_as_they_are() -> None:
    tree = render(small(), Questionnaire(small()).complete({}))

    assert tree.files["icon.bin"].content == b"\x00\xff{{ title }}\n"
    assert tree.files["empty.txt"].content == b""


def test_a_file_with_the_suffix_stands_for_the_one_without() -> None:
    tree = render(small(), Questionnaire(small()).complete({}))

    assert tree.files["desk/settings.txt"].content.startswith(b"title = Desk\n")


def test_executable_files_stay_executable() -> None:
    tree = render(small(), Questionnaire(small()).complete({}))

    assert [path for path, file in tree.files.items() if file.executable] == ["scripts/run.sh"]


def test_excluded_files_are_left_out() -> None:
    tree = render(small(), Questionnaire(small()).complete({}))

    assert not [path for path in tree.files if path.endswith(".bak") or "_shared" in path]


def test_a_folder_whose_name_comes_to_nothing_is_left_out_with_its_files() -> None:
    ours = Questionnaire(small())

    assert "jobs.txt" not in render(small(), ours.complete({})).files
    assert "jobs.txt" in render(small(), ours.complete({"cache": "redis", "jobs": True})).files


def test_secrets_and_answers_that_do_not_apply_are_not_recorded() -> None:
    recorded = render(small(), Questionnaire(small()).complete({})).files[".copier-answers.yml"].content.decode()

    assert "password" not in recorded
    assert "jobs" not in recorded
    assert "cache: memory" in recorded


def test_the_template_learns_which_release_of_newapi_renders_it() -> None:
    tree = render(small(), Questionnaire(small()).complete({}))

    assert tree.files["RELEASE"].content.decode() == f"release {small().version}"


@pytest.mark.parametrize(
    "settings",
    [
        "_subdirectory: files\n",  # undefined values are nothing, which may be what only Copier provides
        STRICT + "_exclude: [docs/secret]\n",
        STRICT + "_exclude: ['!keep']\n",
        STRICT + "_exclude: ['{{ name }}']\n",
        STRICT + "_templates_suffix: .tmpl\n",
        STRICT.replace("_subdirectory: files\n", ""),
    ],
)
def test_a_template_outside_the_subset_is_left_to_copier(tmp_path: Path, settings: str) -> None:
    own = written(tmp_path, settings + "name: x\n", a__txt="{{ name }}")

    assert not memory.can_render(own)
    assert render(own, Questionnaire(own).complete({})).files


def test_names_that_yield_and_links_are_left_to_copier(tmp_path: Path) -> None:
    yields = written(tmp_path / "yields", STRICT + "names: [a, b]\n")
    (yields.folder / "{% yield n from names %}{{ n }}{% endyield %}.txt.jinja").write_text("{{ n }}")
    links = written(tmp_path / "links", STRICT + "name: x\n", a="text")
    (links.folder / "b").symlink_to("a.jinja")

    assert not memory.can_render(yields)
    assert not memory.can_render(links)
    assert list(render(yields, {"names": ["a", "b"]})) == ["a.txt", "b.txt"]


def test_a_template_that_wants_to_run_programs_is_refused(tmp_path: Path) -> None:
    own = written(tmp_path, STRICT + "_tasks: [touch made]\nname: x\n", a="{{ name }}")

    with pytest.raises(TemplateError, match="Copier cannot render"):
        render(own, {"name": "x"})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{{ nobody }}", "'nobody' is undefined"),
        ("{% if %}", "line 1"),
        ("{{ 1 / 0 }}", "division"),
        ("{{ name.__class__.__mro__ }}", "unsafe"),
        ("{% include 'missing' %}", "missing"),
        ("{{ name | nothing }}", r"No filter named 'nothing'\.$"),
    ],
)
@pytest.mark.parametrize("extra", ["", "_skip_if_exists: [z]\n"], ids=["memory", "copier"])
def test_a_file_that_breaks_is_named_by_either_engine(tmp_path: Path, content: str, said: str, extra: str) -> None:
    own = written(tmp_path, STRICT + extra + "name: x\n", a=content)
    assert memory.can_render(own) is not bool(extra)

    with pytest.raises(TemplateError, match=said):
        render(own, {"name": "x"})


@pytest.mark.parametrize("extra", ["", "_skip_if_exists: [z]\n"], ids=["memory", "copier"])
def test_two_owners_of_one_path_are_refused_by_either_engine(tmp_path: Path, extra: str) -> None:
    own = written(tmp_path, STRICT + extra + "name: b\n", a="one")
    (own.folder / "{{ 'a' }}.jinja").write_text("two")

    with pytest.raises(TemplateError):
        render(own, {"name": "x"})


def test_a_path_outside_the_project_is_refused(tmp_path: Path) -> None:
    own = written(tmp_path, STRICT + "name: ..\n")
    (own.folder / "{{ name }}").mkdir()
    (own.folder / "{{ name }}" / "a").write_text("text")

    with pytest.raises(TemplateError, match="no path inside the project"):
        render(own, {"name": ".."})


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    own = written(tmp_path, STRICT + "name: x\n", a="text")
    engine = memory.Engine(own)
    (own.folder / "a.jinja").unlink()

    with pytest.raises(TemplateError, match=r"a\.jinja"):
        engine.render({"name": "x"})


def test_rendering_with_copier_leaves_the_process_as_it_was(tmp_path: Path) -> None:
    own = written(tmp_path, "name: x\n")
    before = Path.cwd(), stat.S_IMODE(tmp_path.stat().st_mode)

    reference.render(own, {"name": "x"})

    assert (Path.cwd(), stat.S_IMODE(tmp_path.stat().st_mode)) == before
