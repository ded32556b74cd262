import itertools
import random
from pathlib import Path

import pytest

from newapi import template
from newapi.answers import Questionnaire
from newapi.errors import TemplateError
from newapi.verify import coverage, space
from newapi.verify.coverage import STRENGTHS, Strength
from newapi.verify.model import Combination, Variant
from tests import small

STRONG: list[Strength] = ["each", "pairs", "triples"]


def asking(folder: Path, text: str) -> Questionnaire:
    folder.mkdir(exist_ok=True)
    (folder / "copier.yml").write_text(text)
    return Questionnaire(template.load(folder))


def at_random(folder: Path, seed: int) -> list[Variant]:
    """The space of some questions, of which some apply, and some choices can be had, under a condition."""
    dice = random.Random(seed)  # noqa: S311 - the same cases every time
    lines: list[str] = []
    for number in range(dice.randint(1, 6)):
        choices = [f"v{one}" for one in range(dice.randint(1, 4))]
        shown = dict.fromkeys(choices, "''")
        if number and len(choices) > 1 and dice.random() < 0.4:
            shown[choices[-1]] = "\"{% if q0 == 'v0' %}not here{% endif %}\""
        pairs = ", ".join(f"{one}: {{value: {one}, validator: {refused}}}" for one, refused in shown.items())
        asked = f"\"{{{{ q{number - 1} != 'v1' }}}}\"" if number and dice.random() < 0.4 else "true"
        lines.append(f"q{number}: {{type: str, choices: {{{pairs}}}, default: v0, when: {asked}}}\n")
    return list(space.walk(asking(folder, "".join(lines)), {}))


def brute_force(variants: list[Variant], most: int) -> set[Combination]:
    """What any variant has of each set of up to `most` questions."""
    found: set[Combination] = set()
    for size in range(1, most + 1):
        for variant in variants:
            for places in itertools.combinations(range(len(variant.picks)), size):
                found.add(tuple(variant.picks[place] for place in places))
    return found


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("strength", STRONG)
def test_every_combination_that_a_variant_has_is_in_one_that_is_taken(
    tmp_path: Path, strength: Strength, seed: int
) -> None:
    variants = at_random(tmp_path, seed)
    always = random.Random(seed).sample(variants, min(2, len(variants)))  # noqa: S311 - the same cases every time

    taken = coverage.cover(variants, strength, always)

    most = STRENGTHS[strength]
    assert brute_force(taken, most) == brute_force(variants, most)
    assert [one for one in variants if one in taken] == taken
    assert all(one in taken for one in always)


@pytest.mark.parametrize("strength", STRONG)
def test_none_is_taken_that_brings_nothing(tmp_path: Path, strength: Strength) -> None:
    variants = at_random(tmp_path, 7)
    most = STRENGTHS[strength]

    taken = coverage.cover(variants, strength, [])

    for one in taken:
        rest = [other for other in taken if other is not one]
        assert brute_force(rest, most) != brute_force(variants, most), one.name


def test_few_variants_are_enough_for_all_pairs(tmp_path: Path) -> None:
    text = "".join(f"q{n}: {{type: str, choices: [a{n}, b{n}, c{n}], default: a{n}}}\n" for n in range(8))
    variants = list(space.walk(asking(tmp_path, text), {}))

    taken = coverage.cover(variants, "pairs", [])

    assert len(variants) == 6561
    assert len(taken) <= 18


@pytest.mark.parametrize("strength", STRONG)
def test_the_same_variants_are_taken_every_time(tmp_path: Path, strength: Strength) -> None:
    first = at_random(tmp_path / "one", 3)
    second = at_random(tmp_path / "two", 3)

    assert coverage.cover(first, strength, first[:1]) == coverage.cover(second, strength, second[:1])


def test_all_is_all() -> None:
    variants = list(space.walk(small.questionnaire(), {}))

    assert coverage.cover(variants, "all", []) == variants


@pytest.mark.parametrize("strength", STRONG)
def test_a_template_without_choices_has_its_one_variant_taken(tmp_path: Path, strength: Strength) -> None:
    variants = list(space.walk(asking(tmp_path, "name: x\n"), {}))

    assert [one.name for one in coverage.cover(variants, strength, [])] == ["default"]
    assert [one.name for one in coverage.cover(variants, strength, variants)] == ["default"]


def test_a_variant_with_fewer_answers_than_a_pair_is_taken(tmp_path: Path) -> None:
    text = "a: {type: str, choices: [x, y]}\nb: {type: bool, default: no, when: \"{{ a == 'x' }}\"}\n"
    variants = list(space.walk(asking(tmp_path, text), {}))

    assert [one.name for one in coverage.cover(variants, "pairs", [])] == ["x-no-b", "x-b", "y"]


def test_combinations_are_those_of_answers_that_are_given(tmp_path: Path) -> None:
    text = "a: {type: str, choices: [x, y]}\nb: {type: bool, default: no, when: \"{{ a == 'x' }}\"}\n"
    variants = list(space.walk(asking(tmp_path, text), {}))

    assert coverage.combinations(variants, 1) == [("a=x",), ("b=false",), ("b=true",), ("a=y",)]
    assert coverage.combinations(variants, 2) == [("a=x", "b=false"), ("a=x", "b=true")]
    assert coverage.combinations(variants, 3) == []


def test_what_was_run_is_told_from_what_was_not() -> None:
    variants = list(space.walk(small.questionnaire(), {}))
    reachable = coverage.combinations(variants, 2)

    found = coverage.covered(2, reachable, variants[:1])

    assert found.run == (
        ("cache=memory", "mode=plain"),
        ("cache=memory", "regions=none"),
        ("mode=plain", "regions=none"),
    )
    assert set(found.run) | set(found.missing) == set(reachable)
    assert (found.strength, found.total) == (2, len(reachable))


def test_presets_are_variants_too() -> None:
    ours = Questionnaire(template.load())

    names = [one.name for one in coverage.preset_variants(ours, {})]

    assert names == [
        "MIT-no-database-no-auth-memory-no-sample-no-metrics-no-webhooks-no-tracing-no-container-no-ci",
        "MIT-sqlite-jwt-memory-sample-no-live-metrics-no-webhooks-no-tracing-docker-no-deploy-github",
        "MIT-postgresql-jwt-redis-saq-sample-channels-metrics-no-webhooks-tracing-docker-kubernetes-github",
    ]
    assert set(names) <= {one.name for one in space.walk(ours, {})}


def test_a_preset_gives_way_to_what_is_fixed() -> None:
    ours = Questionnaire(template.load())

    names = [one.name for one in coverage.preset_variants(ours, {"auth": "jwt", "license": "Apache-2.0"})]

    assert names == [
        "Apache-2.0-sqlite-jwt-memory-sample-no-live-metrics-no-webhooks-no-tracing-docker-no-deploy-github",
        "Apache-2.0-postgresql-jwt-redis-saq-sample-channels-metrics-no-webhooks-tracing-docker-kubernetes-github",
    ]


@pytest.mark.parametrize(
    ("presets", "said"),
    [
        ("{odd: {colour: red}}", "The preset odd cannot be had: there is no question 'colour'"),
        ("{odd: {size: xl}}", "The preset odd cannot be had: size has no choice 'xl'"),
    ],
)
def test_a_preset_that_cannot_be_had_is_the_templates_fault(tmp_path: Path, presets: str, said: str) -> None:
    ours = asking(tmp_path, f"_newapi: {{presets: {presets}}}\nsize: {{type: str, choices: [s, m]}}\n")

    with pytest.raises(TemplateError, match=said):
        coverage.preset_variants(ours, {})
