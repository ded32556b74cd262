"""Coverage: few variants that have all the combinations of so many answers that any variant has."""

import itertools
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Literal, TypeAlias, cast

from newapi import values
from newapi.answers import Answers, Questionnaire
from newapi.errors import TemplateError, UsageError
from newapi.verify import space
from newapi.verify.model import Combination, Coverage, Variant, Verified

Strength: TypeAlias = Literal["each", "pairs", "triples", "all"]
Row: TypeAlias = tuple[str, ...]  # a pick for each question, "" where it does not apply

STRENGTHS: Mapping[str, int] = {"each": 1, "pairs": 2, "triples": 3}


def cover(variants: Sequence[Variant], coverage: Strength, always: Sequence[Variant]) -> list[Variant]:
    """Few variants, in their order, with every combination of one, two or three answers; `always` are among them.

    Combinations of fewer answers count, too: a variant may not have more. The same variants give the same result.
    """
    if coverage == "all":
        return list(variants)
    strength = STRENGTHS[coverage]
    kept = {one.name for one in always}
    chosen = {one.name: one for one in (*always, *_array(variants, strength, always))}
    lacking = {found for one in variants for found in _up_to(strength, one)}
    lacking.difference_update(*(_up_to(strength, one) for one in chosen.values()))
    while lacking:
        best = max(variants, key=lambda one: len(lacking.intersection(_up_to(strength, one))))
        chosen[best.name] = best
        lacking.difference_update(_up_to(strength, best))
    kept |= _needed(strength, list(chosen.values()), len(kept))
    return [one for one in variants if one.name in kept] or list(variants[:1])


def combinations(variants: Iterable[Variant], strength: int) -> list[Combination]:
    """Every combination of so many answers that one of the variants has, in order."""
    return list(dict.fromkeys(found for one in variants for found in itertools.combinations(one.picks, strength)))


def covered(strength: int, reachable: Iterable[Combination], run: Iterable[Variant]) -> Coverage:
    """Which of the reachable combinations the variants that were run have."""
    had = set(combinations(run, strength))
    found: dict[bool, list[Combination]] = {True: [], False: []}
    for combination in reachable:
        found[combination in had].append(combination)
    return Coverage(strength=strength, run=tuple(found[True]), missing=tuple(found[False]))


def verified(variants: Iterable[Verified], checks: Sequence[str]) -> list[Variant]:
    """The variants of which every check has a verdict, and not only why it does not apply."""
    return [one.variant for one in variants if len(one.verdicts) == len(checks) and one.status != "skipped"]


def preset_variants(questionnaire: Questionnaire, fixed: Answers) -> list[Variant]:
    """What the template's presets come to, each once; `fixed` answers leave out those that say otherwise."""
    found: dict[str, Variant] = {}
    for name, answers in questionnaire.template.presets.items():
        both = [question for question in questionnaire.questions if question.name in answers.keys() & fixed.keys()]
        try:
            questionnaire.refuse_unknown(answers)
            if all(values.convert(one, answers[one.name]) == values.convert(one, fixed[one.name]) for one in both):
                variant = space.default(questionnaire, {**answers, **fixed})
                found[variant.name] = variant
        except UsageError as error:
            if not fixed:  # which may not go with what the preset says
                raise TemplateError(f"The preset {name} cannot be had: {error.message}") from error
    return list(found.values())


def _up_to(strength: int, variant: Variant) -> Iterator[Combination]:
    """All its combinations of so many answers, or fewer."""
    for size in range(1, strength + 1):
        yield from itertools.combinations(variant.picks, size)


def _needed(strength: int, chosen: Sequence[Variant], always: int) -> set[str]:
    """By name those after the first ones that have a combination which no other one has that stays."""
    times = Counter(found for one in chosen for found in _up_to(strength, one))
    needed: set[str] = set()
    for one in reversed(chosen[always:]):
        if all(times[found] > 1 for found in _up_to(strength, one)):
            times.subtract(_up_to(strength, one))
        else:
            needed.add(one.name)
    return needed


def _array(variants: Sequence[Variant], strength: int, always: Sequence[Variant]) -> list[Variant]:
    """A covering array with an answer to each question in a row, as the library makes it."""
    import covertable  # noqa: PLC0415 - only a covering array needs it  # pyright: ignore[reportMissingTypeStubs] - it has none

    questions = list(dict.fromkeys(pick.partition("=")[0] for one in variants for pick in one.picks))
    rows = {_row(questions, one): one for one in variants}
    factors = [list(dict.fromkeys(column)) for column in zip(*rows, strict=True)]
    if not factors:
        return []
    constraint: dict[str, object] = {"operator": "fn", "requires": (), "evaluate": _reachable(list(rows))}
    array = covertable.Controller(
        factors,
        strength=min(strength, len(factors)),
        presets=[list(_row(questions, one)) for one in always],
        constraints=[constraint],
    )
    return [rows[row] for row in map(tuple, cast("list[list[str]]", array.make())) if row in rows]


def _row(questions: Iterable[str], variant: Variant) -> Row:
    picks = {pick.partition("=")[0]: pick for pick in variant.picks}
    return tuple(picks.get(question, "") for question in questions)


def _reachable(rows: Sequence[Row]) -> Callable[[Mapping[int, str]], bool | None]:
    """Whether one of the rows has these picks at these places; None where it is too early to be sure."""
    having: defaultdict[tuple[int, str], bytearray] = defaultdict(lambda: bytearray(len(rows) // 8 + 1))
    for number, row in enumerate(rows):
        for item in enumerate(row):
            having[item][number // 8] |= 1 << number % 8
    sets = {item: int.from_bytes(bits, "little") for item, bits in having.items()}  # a bit for each row

    def reachable(picks: Mapping[int, str]) -> bool | None:
        left = -1
        for item in picks.items():
            left &= sets[item]
        return None if left and len(picks) < len(rows[0]) else bool(left)

    return reachable
