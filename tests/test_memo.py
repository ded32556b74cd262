"""What is kept is the same as what would be made anew, and is made anew only for another value."""

import itertools
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import jinja2
import pytest
from jinja2.sandbox import SandboxedEnvironment
from jinja2_ansible_filters import AnsibleCoreFiltersExtension  # pyright: ignore[reportMissingTypeStubs] - it has none

from newapi import memo, sandbox, template
from newapi.memo import Memo

VALUES: list[dict[str, object]] = [
    {"a": a, "part": part, "other": other}
    for a, part, other in itertools.product(
        ["x", True, 1, 1.0, None],
        [
            {"sql": ".", "jwt": ""},
            {"jwt": "", "sql": "."},
            {"sql": ""},
            {"jwt": {"deep": 1}, "sql": [1, True]},
            "text",
            {},
        ],
        ["one", ["t", 1]],
    )
]
FILES = {
    "flat": "{{ a }}/{{ name }}",
    "local": "{% set other = 'mine' %}{% include 'reads_other' %}{{ other }}",
    "reads_other": "({{ other }})",
    "slot": "{% for name in part %}{% set text %}[{{ name }}]{% endset %}{{ text if part[name] else '' }}{% endfor %}",
    "loops": "{{ loop.index }}{{ name }}",
    "macros": "{% macro said(x) %}{{ x }}{{ a }}{% endmacro %}{% set kept = a %}text of {{ a }}",
    "calls": "{{ said(1) }}",
    "base": "{% block body %}base {{ a }}{% endblock %}!",
    "child": "{% extends 'base' %}{% block body %}child {{ other }} {{ super() }}{% endblock %}",
    "twin": "{% extends 'base' %}{% block body %}twin{% endblock %}",
    "space": "{% set n = namespace(x=a) %}{{ n.x }}{{ range(2) | list }}",
}
TEXTS = [
    "{{ a }}",
    "{{ part }}",
    "{{ part.sql | default('none') }}{{ part['jwt'] | default('none') }}",
    "{{ part | pprint }}",
    "{{ part | to_json }}",
    "{{ part | to_nice_yaml }}",
    "{{ [part] | to_json }}",
    "{{ part | length }}{{ 'sql' in part }}{{ part is mapping }}{{ part is string }}",
    "{{ part == {'sql': '.', 'jwt': ''} }}{{ {'sql': ''} == part }}",
    "{% if part is mapping %}{{ part.items() | list }}{{ part.keys() | list }}{{ part.values() | list }}{% endif %}",
    "{% if part is mapping %}{{ part | dictsort }}{{ dict(part, b=1) }}{{ part.get('jwt', 'no') }}{% endif %}",
    "{% if part is mapping %}{{ part.copy() }}{{ '%s' % part }}{{ part | combine({'c': 1}) }}{% endif %}{{ part ~ 1 }}",
    "{% for name in part %}{{ name }}{% endfor %}",
    "{% if a == 'x' %}{{ other }}{% else %}{{ part }}{% endif %}",
    "{% include 'flat' ignore missing %}{% include 'nothing' ignore missing %}",
    "{% set name = a %}{% include 'flat' %}",
    "{% include 'local' %}{% include 'reads_other' %}",
    "{% include 'slot' %}{% set part = {'sql': 'mine'} %}{% include 'slot' %}",
    "{% set alias = part %}{% for part in [alias, {'b': a}] %}{% include 'slot' %}{% endfor %}",
    "{% for name in [a, other] %}{% include 'loops' %}{% endfor %}",
    "{% for name in [a, other] %}{{ loop.index }}{% include 'loops' ignore missing %}{% endfor %}",
    "{% include 'macros' %}{% import 'macros' as m with context %}{{ m.said(2) }}{{ m.kept }}{% include 'macros' %}",
    "{% from 'macros' import said with context %}{{ said(3) }}{% include 'calls' %}",
    "{% include 'child' %}{% include 'twin' %}{% include 'base' %}{% include 'child' %}",
    "{% include 'space' %}{{ a is defined }}{{ b is defined }}",
    "{% macro said(x) %}{{ x }}{{ other }}{% endmacro %}{% include 'calls' %}",
]


def outcome(render: Callable[[], str]) -> str:
    try:
        return render()
    except sandbox.FAULTS as error:
        return f"{type(error).__name__}: {sandbox.fault(error)}"


def written(folder: Path) -> template.Template:
    (folder / "copier.yml").write_text("_envops: {undefined: jinja2.StrictUndefined}\n")
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return template.load(folder)


def plain(folder: Path) -> jinja2.Environment:
    """Jinja as it is."""
    return SandboxedEnvironment(
        loader=jinja2.FileSystemLoader(folder),
        undefined=jinja2.StrictUndefined,
        extensions=[AnsibleCoreFiltersExtension],
        keep_trailing_newline=True,
    )


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("text", TEXTS)
def test_what_is_kept_is_what_jinja_makes(tmp_path: Path, text: str, backwards: bool) -> None:
    environment, jinja = sandbox.environment(written(tmp_path)), plain(tmp_path)
    compiled, expected, known = environment.from_string(text), jinja.from_string(text), Memo[str]()
    make = partial(sandbox.whole, compiled)

    for values in (VALUES[::-1] if backwards else VALUES) * 2:
        scope = sandbox.scope(environment, values)
        assert outcome(partial(sandbox.kept, known, scope, make)) == outcome(partial(expected.render, values))


class Counted:
    """A text that is rendered with a memo, and how often it really was."""

    def __init__(self, folder: Path, text: str) -> None:
        self.environment: SandboxedEnvironment = sandbox.environment(written(folder))
        self.times: int = 0
        self._template: jinja2.Template = self.environment.from_string(text)
        self._memo: Memo[str] = Memo()

    def __call__(self, **values: object) -> str:
        return sandbox.kept(self._memo, sandbox.scope(self.environment, values), self._render)

    def _render(self, names: Mapping[str, object]) -> str:
        self.times += 1
        return sandbox.whole(self._template, names)


def test_a_value_that_is_not_read_changes_nothing(tmp_path: Path) -> None:
    text = Counted(tmp_path, "{% if a %}{{ part.sql }}{% else %}{{ part.jwt }}{% endif %}")

    assert text(a=True, b=1, part={"sql": "s", "jwt": "j"}) == "s"
    assert text(a=True, b=2, part={"sql": "s", "jwt": "k"}) == "s"
    assert text.times == 1
    assert text(a=False, b=2, part={"sql": "s", "jwt": "k"}) == "k"
    assert text(a=False, b=2, part={"sql": "t", "jwt": "k"}) == "k"
    assert text.times == 2


def test_an_included_text_is_made_again_only_for_what_it_reads(tmp_path: Path) -> None:
    (tmp_path / "noted").write_text("{{ other | noted }}")
    text = Counted(tmp_path, "{{ a }}{% include 'noted' %}{% include 'noted' %}")
    noted: list[object] = []

    def note(value: object) -> object:
        noted.append(value)
        return value

    text.environment.filters["noted"] = note
    assert [text(a=a, other=other) for a in (1, 2, 3) for other in ("x", "y")] == [
        f"{a}{other}{other}" for a in (1, 2, 3) for other in ("x", "y")
    ]
    assert (text.times, noted) == (6, ["x", "y"])


def test_what_fails_is_not_kept(tmp_path: Path) -> None:
    text = Counted(tmp_path, "{{ a.b }}")

    for _ in range(2):
        with pytest.raises(jinja2.UndefinedError, match="'str object' has no attribute 'b'"):
            text(a="x")
    assert text(a={"b": 1}) == "1"


def test_what_is_left_to_chance_is_made_every_time(tmp_path: Path) -> None:
    text = Counted(tmp_path, "{% if [a, b] | shuffle | first %}{{ c }}{% else %}{{ d }}{% endif %}")

    assert {text(a=0, b=1, c="c", d=number) for number in range(50)} >= {"c"}


def test_a_memo_that_is_of_no_use_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memo, "TRIAL", 10)
    text = Counted(tmp_path, "{{ a }}")

    assert [text(a=number) for number in range(50)] == [str(number) for number in range(50)]
    assert [text(a=49) for _ in range(5)] == ["49"] * 5
    assert text.times == 55


def test_a_memo_that_is_full_starts_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memo, "MOST", 3)
    text = Counted(tmp_path, "{{ a }}")

    assert [text(a=number) for number in (1, 2, 3, 1, 2, 3, 4, 4, 1)] == list("123123441")
    assert text.times == 5
