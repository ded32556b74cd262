"""Coverage of pairs as a picture: a triangle like a table of distances, every answer crossed with every other."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import msgspec

from newapi.verify.model import Combination, Coverage

STEP, GAP, LETTER = 18, 6, 8.0  # in pixels: a square and the room around it, between questions, a letter of a name
SAID = {"run": "run", "missing": "never run", "impossible": "cannot be had together"}


class Square(msgspec.Struct, frozen=True):
    x: float
    y: float
    state: str
    said: str


class Name(msgspec.Struct, frozen=True):
    x: float
    y: float
    text: str


class Words(msgspec.Struct, frozen=True):
    """A line of the picture in words: what an answer was run with, and what it never was."""

    answer: str
    run: tuple[str, ...]
    missing: tuple[str, ...]


class Picture(msgspec.Struct, frozen=True):
    width: float
    height: float
    squares: tuple[Square, ...]
    names: tuple[Name, ...]
    words: tuple[Words, ...]


def picture(pairs: Coverage, first: Sequence[Combination] = ()) -> Picture:
    """Draw the pairs; questions and answers stand in the order of `first`, then in the one in which pairs have them."""
    states = {frozenset(pair): "run" for pair in pairs.run} | {frozenset(pair): "missing" for pair in pairs.missing}
    known = {answer for pair in states for answer in pair}
    places = _places([answer for answer in _answers([*first, *pairs.run, *pairs.missing]) if answer in known])
    squares = tuple(_squares(places, states))
    names = tuple(Name(place + 3, place + STEP / 2, answer) for answer, place in places.items())
    width = max((name.x + len(name.text) * LETTER for name in names), default=0)
    height = max(places.values(), default=0) + STEP
    return Picture(width, height, squares, names, tuple(_words(places, states)))


def _answers(combinations: Sequence[Combination]) -> Iterator[str]:
    """Every answer once, those to one question together."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for combination in combinations:
        for answer in combination:
            found[_question(answer)][answer] = None
    return (answer for answers in found.values() for answer in answers)


def _question(answer: str) -> str:
    return answer.partition("=")[0]


def _places(answers: Sequence[str]) -> dict[str, float]:
    """Where the line and the column of each answer begin: there is a gap before another question."""
    places: dict[str, float] = {}
    place, before = 0.0, ""
    for answer in answers:
        if before:
            place += STEP if _question(before) == _question(answer) else STEP + GAP
        places[answer] = place
        before = answer
    return places


def _squares(places: Mapping[str, float], states: Mapping[frozenset[str], str]) -> Iterator[Square]:
    for one, other in combinations(places, 2):
        if _question(one) != _question(other):
            state = states.get(frozenset((one, other)), "impossible")
            yield Square(places[one], places[other], state, f"{one} with {other}: {SAID[state]}")


def _words(places: Mapping[str, float], states: Mapping[frozenset[str], str]) -> Iterator[Words]:
    for one in places:
        found = {other: states.get(frozenset((one, other))) for other in places}
        run, missing = (
            tuple(other for other, state in found.items() if state == wanted) for wanted in ("run", "missing")
        )
        yield Words(one, run, missing)
