from pathlib import Path

import pytest

from newapi import template
from newapi.answers import Answers, Questionnaire
from newapi.errors import TemplateError, UsageError
from newapi.template import Question, Value
from newapi.values import nearest
from tests.small import questionnaire, small


def named(name: str) -> Question:
    return next(question for question in small().questions if question.name == name)


def test_defaults_complete_what_was_not_given() -> None:
    assert questionnaire().complete({}) == {
        "title": "Desk",
        "package": "desk",
        "cache": "memory",
        "jobs": False,
        "workers": 1,
        "mode": "plain",
        "regions": ["north"],
        "password": "hidden",
    }


def test_a_default_follows_from_the_answers_before_it() -> None:
    answers = questionnaire().complete({"title": "Big Desk", "cache": "redis"})

    assert (answers["package"], answers["workers"]) == ("big_desk", 2)


def test_a_question_that_does_not_apply_keeps_its_default() -> None:
    assert questionnaire().complete({"jobs": True})["jobs"] is False
    assert questionnaire().complete({"jobs": True, "cache": "redis"})["jobs"] is True


def test_the_users_own_defaults_stand_in_for_the_templates() -> None:
    ours = questionnaire().assuming({"title": "My {{ desk }}"})

    assert ours.complete({"package": "x"})["title"] == "My {{ desk }}"
    assert ours.complete({"title": "Other"})["title"] == "Other"


@pytest.mark.parametrize(
    ("name", "given", "answer"),
    [
        ("workers", "4", 4),
        ("jobs", "yes", True),
        ("jobs", "Off", False),
        ("jobs", "0", False),
        ("title", 2024, "2024"),
        ("regions", "[west, north]", ["north", "west"]),
        ("regions", ["west"], ["west"]),
    ],
)
def test_what_a_flag_or_a_file_says_becomes_the_questions_type(name: str, given: Value, answer: Value) -> None:
    answers = questionnaire().complete({"cache": "redis", "package": "desk", name: given})

    assert answers[name] == answer


@pytest.mark.parametrize(
    ("name", "given", "sentence"),
    [
        ("workers", "many", "workers is a whole number, and 'many' is not."),
        ("workers", 2.5, "workers is a whole number, and 2.5 is not."),
        ("jobs", "perhaps", "jobs is yes or no, and 'perhaps' is not."),
        ("title", ["a"], "title is a text, and ['a'] is not."),
        ("title", None, "title is a text, and None is not."),
        ("regions", "north", "regions is a list, and 'north' is not one."),
        ("cache", "redsi", "cache has no choice 'redsi'; did you mean redis? The choices are memory, redis."),
        ("cache", "x", "cache has no choice 'x'. The choices are memory, redis."),
        ("regions", ["east"], "regions has no choice 'east'; did you mean west? The choices are north, south, west."),
        ("package", "a b", "a b is no identifier."),
    ],
)
def test_a_problem_is_one_sentence(name: str, given: Value, sentence: str) -> None:
    assert questionnaire().problem(named(name), given, {"cache": "redis"}) == sentence


def test_the_first_problem_is_raised_with_its_flag() -> None:
    with pytest.raises(UsageError) as caught:
        questionnaire().complete({"package": "a b", "cache": "x"})

    assert caught.value.message == "a b is no identifier."
    assert "--package" in caught.value.hint


@pytest.mark.parametrize(("cache", "reason"), [("memory", "Sharing needs Redis."), ("redis", "")])
def test_a_choice_that_cannot_be_had_says_why(cache: str, reason: str) -> None:
    so_far: Answers = {"cache": cache}

    options = questionnaire().available(named("mode"), so_far)

    assert [(choice.value, why) for choice, why in options] == [("plain", ""), ("shared", reason)]
    assert questionnaire().problem(named("mode"), "shared", so_far) == reason


def test_an_unknown_question_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(UsageError, match=r"there is no question 'cahce'; did you mean cache\?"):
        questionnaire().complete({"cahce": "redis"})


def test_a_computed_value_cannot_be_given() -> None:
    with pytest.raises(UsageError, match="there is no question 'extra'"):
        questionnaire().complete({"extra": "."})


def test_computed_values_follow_from_the_answers() -> None:
    ours = questionnaire()

    assert ours.with_computed(ours.complete({}))["extra"] == ""
    assert ours.with_computed(ours.complete({"cache": "redis", "jobs": True}))["extra"] == "."


def test_a_computed_value_serves_the_questions_after_it(tmp_path: Path) -> None:
    text = "a: x\nb: {when: false, default: '{{ a }}{{ a }}'}\nc: '{{ b }}!'\n"
    (tmp_path / "copier.yml").write_text(text)

    assert Questionnaire(template.load(tmp_path)).complete({"a": "y"}) == {"a": "y", "c": "yy!"}


def test_a_question_that_does_not_apply_needs_no_default(tmp_path: Path) -> None:
    (tmp_path / "copier.yml").write_text("a: true\nname: {type: str, when: '{{ not a }}'}\n")
    ours = Questionnaire(template.load(tmp_path))

    assert ours.complete({}) == {"a": True}
    assert ours.complete({"a": False, "name": "x"}) == {"a": False, "name": "x"}


def test_a_question_without_a_default_has_to_be_answered(tmp_path: Path) -> None:
    (tmp_path / "copier.yml").write_text("name: {type: str}\n")

    with pytest.raises(UsageError, match="name has no answer and no default"):
        Questionnaire(template.load(tmp_path)).complete({})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: '{{ nothing.at.all }}'", "The default of a in copier.yml fails"),
        ("a: {type: str, default: x, validator: '{% if %}'}", "The validator of a in copier.yml fails: line 1"),
        ("a: {type: str, default: x, when: '{{ 7 }}'}", "comes to '7', not yes or no"),
        ("a: {type: int, default: many}", "The default of a does not fit its question"),
        ("a: {type: colour, default: red}", "has the type 'colour'"),
        ("_envops: {undefined: os.system}\na: x", "_envops"),
    ],
)
def test_a_broken_question_is_the_templates_fault(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "copier.yml").write_text(text)

    with pytest.raises(TemplateError, match=said):
        Questionnaire(template.load(tmp_path)).complete({})


def test_templates_are_read_in_a_sandbox(tmp_path: Path) -> None:
    (tmp_path / "copier.yml").write_text("a: \"{{ ''.__class__.__mro__[1].__subclasses__() }}\"\n")

    with pytest.raises(TemplateError, match="unsafe"):
        Questionnaire(template.load(tmp_path)).complete({})


def test_nearest_ignores_case_and_stays_silent_when_nothing_is_near() -> None:
    assert nearest("SQLITE", ["sqlite", "none"]) == "; did you mean sqlite?"
    assert nearest("zebra", ["sqlite", "none"]) == "."


@pytest.mark.parametrize(
    "value",
    ["[" * 5_000 + "]" * 5_000, ["x" * 5_000], [["x" * 5_000]], "x" * 5_000],
    ids=["deep", "choice", "list", "text"],
)
def test_a_value_without_measure_is_refused_in_a_sentence(value: Value) -> None:
    with pytest.raises(UsageError) as caught:
        questionnaire().complete({"regions": value})

    assert caught.value.message.startswith("regions ")
    assert len(caught.value.message) < 300


def test_a_question_depends_on_what_asks_it_and_on_what_its_choices_need() -> None:
    ours = Questionnaire(template.load())
    (deploy,) = (question for question in ours.questions if question.name == "deploy")

    assert ours.reads(deploy) == ("container",)
    assert ours.depends(deploy) == ("database", "auth", "sample", "container")
