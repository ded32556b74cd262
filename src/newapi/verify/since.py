"""What a change of the template does to projects: one diff for all variants that change alike."""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from fnmatch import fnmatch
from functools import cache

import msgspec

from newapi.answers import Answers, Questionnaire
from newapi.errors import UsageError
from newapi.render import renderer
from newapi.template import Template
from newapi.tree import File, Tree
from newapi.verify import space
from newapi.verify.diff import cut, unified
from newapi.verify.model import Change, Since, Variant

# Copier's record of the answers, by the names that its documentation gives it: it changes with every version.
RECORD = ".copier-answers*"
POSITION = re.compile(r"(?m)^@@ .*? @@")
LONGEST_DIFF, LONGEST = 200_000, 2_000_000  # characters of one diff, and of all of them


class _Told(msgspec.Struct, frozen=True):
    """The change of one file. What is `alike` is the same change, at whichever line it stands."""

    path: str
    diff: str
    alike: str


def compare(ref: str, old: Template, new: Template, fixed: Answers) -> tuple[Since, frozenset[str]]:
    """Say what differs between the projects of two versions of a template; with it the variants whose bytes differ.

    Each change is told once: files that change alike in the same variants are one diff, and a variant that other files
    change in too is in more than one. Both versions are rendered as if they were of one version and in one place, so
    nothing differs that only records these.
    """
    before, after = _space(old, fixed, f"At {ref}: "), _space(new, fixed)
    origins = _origins(before, after, _updating(new, after), fixed)
    render_old, render_new = renderer(msgspec.structs.replace(old, version=new.version)), renderer(new)
    tell = _teller(str(old.root).encode(), str(new.root).encode())
    alike: dict[tuple[str, str], tuple[_Told, list[str]]] = {}
    for name, origin in origins.items():
        for pair in _differing(render_old(before[origin].answers), render_new(after[name].answers)):
            if told := tell(*pair):
                alike.setdefault((told.path, told.alike), (told, []))[1].append(name)
    added = tuple(name for name in after if name not in origins)
    changed = {*added, *(name for _, names in alike.values() for name in names)}
    gone = before.keys() - set(origins.values())
    found = Since(
        ref=ref,
        changes=tuple(_changes(alike.values())),
        added=added,
        removed=tuple(name for name in before if name in gone),
        unchanged=len(after) - len(changed),
    )
    return found, frozenset(changed)


def _space(template: Template, fixed: Answers, where: str = "") -> dict[str, Variant]:
    """The variants by name, under the fixed answers to questions that this version of the template has."""
    questionnaire = Questionnaire(template)
    known = {one.name: fixed[one.name] for one in questionnaire.questions if one.name in fixed}
    try:
        return {variant.name: variant for variant in space.walk(questionnaire, known)}
    except UsageError as error:
        raise UsageError(where + error.message, error.hint) from error


def _updating(template: Template, variants: Mapping[str, Variant]) -> Questionnaire:
    """The questions as an update has them: what has to be answered anew is answered as in the variants."""
    required = {question.name for question in template.questions if question.required}
    some = [variant.answers for variant in variants.values()][:1]
    return Questionnaire(template, {name: answers[name] for answers in some for name in required & answers.keys()})


def _origins(
    before: Mapping[str, Variant], after: Mapping[str, Variant], questionnaire: Questionnaire, fixed: Answers
) -> dict[str, str]:
    """What each variant was: the one of its name, else the one whose project becomes it by an update.

    A new question is in the names of all variants; a project of before gets the default for it.
    """
    origins = {name: name for name in after if name in before}
    names = {msgspec.json.encode(variant.answers): name for name, variant in after.items()}
    known = {question.name for question in questionnaire.questions}
    for name in (name for name in before if name not in after):
        given = {question: value for question, value in before[name].answers.items() if question in known}
        with suppress(UsageError):  # there is no such answer any more
            updated = questionnaire.complete({**given, **fixed})
            origins.setdefault(names.get(msgspec.json.encode(updated), ""), name)
    return {name: origins[name] for name in after if name in origins}


def _differing(old: Tree, new: Tree) -> Iterator[tuple[str, File | None, File | None]]:
    for path in sorted(old.files.keys() | new.files.keys()):
        pair = old.files.get(path), new.files.get(path)
        if pair[0] != pair[1] and not fnmatch(path.rpartition("/")[2], RECORD):
            yield path, *pair


def _teller(before: bytes, after: bytes) -> Callable[[str, File | None, File | None], _Told | None]:
    """Make what tells of one file: nothing where only the folder of the template is `after` in place of `before`."""

    @cache
    def tell(path: str, old: File | None, new: File | None) -> _Told | None:
        if old:
            old = msgspec.structs.replace(old, content=old.content.replace(before, after))
        if old == new:
            return None
        diff = cut(unified(path, old, new), LONGEST_DIFF)
        return _Told(path, diff, hashlib.sha256(POSITION.sub("@@", diff).encode()).hexdigest())

    return tell


def _changes(alike: Iterable[tuple[_Told, list[str]]]) -> Iterator[Change]:
    """One diff for each set of variants, that of the most variants first; together they are bounded too."""
    groups: dict[tuple[str, ...], list[_Told]] = {}
    for told, names in alike:
        groups.setdefault(tuple(names), []).append(told)
    room = LONGEST
    for names, files in sorted(groups.items(), key=lambda group: -len(group[0])):
        whole = "".join(told.diff for told in sorted(files, key=lambda told: told.path))
        diff = cut(whole, min(LONGEST_DIFF, room))
        room = max(0, room - len(diff))
        yield Change(names, diff)
