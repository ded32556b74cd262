import itertools
from collections.abc import Iterable
from pathlib import Path

import pytest

from newapi import template
from newapi.answers import Answers, Questionnaire
from newapi.errors import TemplateError, UsageError
from newapi.template import Question, Value
from newapi.verify import space
from newapi.verify.model import Variant
from tests import small

CLOUD = """
name: {type: str, default: desk}
cloud: {type: str, choices: [aws, gcp, none], default: none}
region: {type: str, choices: [eu, us], default: eu, when: "{{ cloud != 'none' }}"}
cheap: {type: bool, default: false, when: "{{ cloud == 'aws' }}"}
store:
  type: str
  choices:
    Files: files
    Bucket: {value: bucket, validator: "{% if cloud == 'none' %}A bucket needs a cloud.{% endif %}"}
  default: files
mirrors:
  type: str
  multiselect: true
  choices: [a, b]
  default: []
  validator: "{% if mirrors | length > 1 and store == 'files' %}Files have one mirror.{% endif %}"
"""


def asking(folder: Path, text: str) -> Questionnaire:
    (folder / "copier.yml").write_text(text)
    return Questionnaire(template.load(folder))


def names(variants: Iterable[Variant]) -> list[str]:
    return [variant.name for variant in variants]


def tried(questionnaire: Questionnaire, answers: dict[str, list[Value]]) -> list[Answers]:
    """What `create` makes of every product of the answers, each once; those that it refuses are not there."""
    found: list[Answers] = []
    for row in itertools.product(*answers.values()):
        given = dict(zip(answers, row, strict=True))
        try:
            complete = questionnaire.complete(given)
        except UsageError:
            continue
        if complete not in found:
            found.append(complete)
    return found


def test_every_set_of_answers_that_can_be_given_is_there_once(tmp_path: Path) -> None:
    ours = asking(tmp_path, CLOUD)
    products: dict[str, list[Value]] = {
        "cloud": ["aws", "gcp", "none"],
        "region": ["eu", "us"],
        "cheap": [False, True],
        "store": ["files", "bucket"],
        "mirrors": [[], ["a"], ["b"], ["a", "b"]],
    }

    reached = [variant.answers for variant in space.walk(ours, {})]

    assert sorted(map(str, reached)) == sorted(map(str, tried(ours, products)))


def test_each_variant_is_complete() -> None:
    ours = small.questionnaire()

    assert all(ours.complete(variant.answers) == variant.answers for variant in space.walk(ours, {}))


def test_variants_stand_in_the_order_of_questions_and_choices(tmp_path: Path) -> None:
    ours = asking(tmp_path, "a: {type: str, choices: [x, y]}\nb: {type: bool, default: true}\n")

    assert names(space.walk(ours, {})) == ["x-no-b", "x-b", "y-no-b", "y-b"]


def test_a_variant_lists_the_choices_of_the_questions_that_apply(tmp_path: Path) -> None:
    ours = asking(tmp_path, CLOUD)

    picks = {variant.name: variant.picks for variant in space.walk(ours, {})}

    assert picks["no-cloud-files-no-mirrors"] == ("cloud=none", "store=files", "mirrors=none")
    assert picks["aws-us-cheap-bucket-a+b"] == (
        "cloud=aws",
        "region=us",
        "cheap=true",
        "store=bucket",
        "mirrors=a+b",
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: {type: str, choices: [x]}\nb: {type: str, choices: [y, z]}\n", ["y", "z"]),
        ("a_b: {type: str, choices: [none, x]}\n", ["no-a-b", "x"]),
        ("a: {type: str, choices: [x, y]}\nb: {type: str, choices: [x, z]}\n", ["a.x-b.x", "a.x-z", "y-b.x", "y-z"]),
        ("a: {type: str, choices: ['1 / 2', 'é']}\n", ["1___2", "_"]),
        ("a: {type: int, choices: [1, 2]}\n", ["1", "2"]),
        ("a: text\n", ["default"]),
    ],
)
def test_a_name_is_made_of_the_answers(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert names(space.walk(asking(tmp_path, text), {})) == expected


def test_a_name_is_the_same_whatever_is_fixed(tmp_path: Path) -> None:
    ours = asking(tmp_path, CLOUD)
    known = {variant.name: variant for variant in space.walk(ours, {})}

    for fixed in ({"cloud": "aws"}, {"cheap": "yes"}, {"store": "bucket", "mirrors": "[b, a]"}):
        for variant in space.walk(ours, fixed):
            assert known[variant.name] == variant


def test_two_variants_of_one_name_are_the_templates_fault(tmp_path: Path) -> None:
    ours = asking(tmp_path, "a: {type: str, choices: [x, x-y]}\nb: {type: str, choices: [y-z, z]}\n")

    with pytest.raises(TemplateError, match="have the name x-y-z: a=x, b=y-z and a=x-y, b=z"):
        list(space.walk(ours, {}))


def test_a_fixed_answer_restricts_its_question(tmp_path: Path) -> None:
    ours = asking(tmp_path, CLOUD)

    found = names(space.walk(ours, {"cloud": "gcp", "mirrors": "[]"}))

    assert found == [
        "gcp-eu-files-no-mirrors",
        "gcp-eu-bucket-no-mirrors",
        "gcp-us-files-no-mirrors",
        "gcp-us-bucket-no-mirrors",
    ]


def test_a_fixed_answer_leaves_variants_alone_that_are_not_asked(tmp_path: Path) -> None:
    ours = asking(tmp_path, CLOUD)

    clouds = {variant.picks[0] for variant in space.walk(ours, {"cheap": True})}

    assert clouds == {"cloud=aws", "cloud=gcp", "cloud=none"}


def test_texts_are_fixed_or_have_their_default(tmp_path: Path) -> None:
    ours = asking(tmp_path, CLOUD)

    assert {str(variant.answers["name"]) for variant in space.walk(ours, {})} == {"desk"}
    assert {str(variant.answers["name"]) for variant in space.walk(ours, {"name": "shop"})} == {"shop"}


@pytest.mark.parametrize(
    ("fixed", "said"),
    [
        ({"cloud": "azure"}, "cloud has no choice 'azure'"),
        ({"clod": "aws"}, "there is no question 'clod'; did you mean cloud?"),
        ({"cloud": "none", "region": "us"}, "No variant is asked for its region."),
        ({"cloud": "none", "store": "bucket"}, "A bucket needs a cloud."),
        ({"cheap": "perhaps"}, "cheap is yes or no, and 'perhaps' is not."),
    ],
)
def test_a_fixed_answer_that_no_variant_has_is_refused(tmp_path: Path, fixed: Answers, said: str) -> None:
    with pytest.raises(UsageError, match=said.replace("?", r"\?")):
        list(space.walk(asking(tmp_path, CLOUD), fixed))


def test_a_question_without_a_default_gets_an_answer_that_fits(tmp_path: Path) -> None:
    text = "word: {type: str}\nnumber: {type: int}\nmap: {type: json}\nchoice: {type: str, choices: [x, y]}\n"

    found = list(space.walk(asking(tmp_path, text), {}))

    assert names(found) == ["x", "y"]
    assert found[0].answers == {"word": "example", "number": 1, "map": {}, "choice": "x"}


def test_a_question_that_nothing_fits_asks_for_an_answer(tmp_path: Path) -> None:
    ours = asking(tmp_path, "name: {type: str, validator: \"{{ '' if name == 'desk' else 'It is desk.' }}\"}\n")

    with pytest.raises(UsageError, match=r"name has no answer of its own that fits: It is desk\.") as caught:
        list(space.walk(ours, {}))

    assert "--data name=" in caught.value.hint
    assert names(space.walk(ours, {"name": "desk"})) == ["default"]


def test_a_space_that_is_too_large_names_what_to_fix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(space, "MOST", 100)
    text = "".join(f"q{n}: {{type: bool, default: false}}\n" for n in range(7))
    ours = asking(tmp_path, text + "size: {type: str, choices: [s, m, l]}\n")

    with pytest.raises(UsageError, match="more than 100 variants") as caught:
        list(space.walk(ours, {}))

    assert "--data size=s" in caught.value.hint
    assert len(list(space.walk(ours, {"q1": "yes", "q2": "yes", "size": "m"}))) == 32


def test_a_list_of_too_many_choices_has_to_be_fixed(tmp_path: Path) -> None:
    ours = asking(tmp_path, f"many: {{type: int, multiselect: true, choices: {list(range(30))}, default: []}}\n")

    with pytest.raises(UsageError, match="many can be answered in more than 200,000 ways"):
        list(space.walk(ours, {}))

    assert names(space.walk(ours, {"many": "[3, 5]"})) == ["3+5"]


def test_each_expression_is_evaluated_once_for_what_comes_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = asking(tmp_path, "a: {type: str, choices: [x, y]}\nb: text\nc: {type: bool, default: no}\nd: {type: bool}\n")
    asked: list[str] = []

    def noted(question: Question, _so_far: Answers) -> bool:
        asked.append(question.name)
        return True

    monkeypatch.setattr(ours, "asked", noted)

    found = list(space.walk(ours, {}))

    assert len(found) == 8
    assert [asked.count(name) for name in "abcd"] == [1, 2, 2, 4]


def test_the_variant_of_a_few_answers_has_the_defaults_else(tmp_path: Path) -> None:
    ours = asking(tmp_path, CLOUD)

    assert space.default(ours, {}).name == "no-cloud-files-no-mirrors"
    assert space.default(ours, {"cloud": "aws"}).answers == ours.complete({"cloud": "aws"})


def test_answers_that_do_not_fit_have_no_variant(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="A bucket needs a cloud"):
        space.default(asking(tmp_path, CLOUD), {"store": "bucket"})


def chosen(patterns: list[str]) -> list[str]:
    return names(space.select(list(space.walk(small.questionnaire(), {})), patterns))


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (["memory-plain-north"], ["memory-plain-north"]),
        (["*-shared-no-regions"], ["redis-no-jobs-shared-no-regions", "redis-jobs-shared-no-regions"]),
        (["cache=memory, regions=nor??"], ["memory-plain-north"]),
        (["redis-jobs-plain-west", "memory-plain-*west"], [
            "memory-plain-west", "memory-plain-north+west", "memory-plain-south+west", "memory-plain-north+south+west",
            "redis-jobs-plain-west",
        ]),
        (["jobs=true,mode=shared,regions=none", "memory-plain-west"], [
            "memory-plain-west", "redis-jobs-shared-no-regions",
        ]),
    ],
)  # fmt: skip
def test_patterns_select_by_name_and_by_answer(patterns: list[str], expected: list[str]) -> None:
    assert chosen(patterns) == expected


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("memory-plan-north", "No variant is named 'memory-plan-north'; did you mean memory-plain-north?"),
        ("cache=rediss", "No variant has 'cache=rediss'; did you mean cache=redis?"),
        ("cash=redis", "No variant has 'cash=redis'; did you mean cache=redis?"),
        ("cache=memory,mode=shared", "No variant has all of 'cache=memory,mode=shared'."),
        ("", "No variant is named ''."),
    ],
)
def test_a_pattern_that_selects_nothing_names_the_nearest(pattern: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        chosen(["memory-*", pattern])

    assert caught.value.message == said


def test_the_variants_of_the_real_template_have_speaking_names() -> None:
    own = template.load()
    ours = Questionnaire(own)
    # What no other question asks about: with it there would be tens of thousands of products to try.
    fixed: dict[str, Value] = {"license": "MIT", "metrics": True, "webhooks": False, "tracing": False, "ci": "github"}
    products: dict[str, list[Value]] = {
        one.name: [choice.value for choice in one.choices] or [True, False]
        for one in own.questions
        if one.name not in fixed and (one.choices or one.type == "bool")
    }

    found = list(space.walk(ours, fixed))

    as_text = sorted(str(variant.answers) for variant in found)
    assert as_text == sorted(
        str(answers) for answers in tried(ours, {**{k: [v] for k, v in fixed.items()}, **products})
    )
    chosen = space.select(found, ["database=postgresql,auth=jwt,cache=redis,jobs=saq,deploy=kubernetes,live=channels"])
    assert names(chosen) == [
        "MIT-postgresql-jwt-redis-saq-sample-channels-metrics-no-webhooks-no-tracing-docker-kubernetes-github"
    ]
