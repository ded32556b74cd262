"""The Jinja environment in which a template is read: the one that Copier makes, for as much of it as we use.

It tells the memo what is read. An included template has a memo of its own, so that a file which is put together of
many parts is made of what is known of them.
"""

import functools
from collections.abc import Callable, Generator, Hashable, Iterator, Mapping, MutableMapping
from types import CodeType
from typing import TypedDict, TypeVar, cast

import jinja2
import jinja2.runtime
from jinja2.environment import TemplateModule
from jinja2.sandbox import SandboxedEnvironment
from jinja2_ansible_filters import AnsibleCoreFiltersExtension  # pyright: ignore[reportMissingTypeStubs] - it has none

from newapi import bytecode
from newapi.errors import TemplateError
from newapi.memo import MOST, SCOPE, UNKNOWN, Memo, Scope, Watched, comparable
from newapi.template import Template

T = TypeVar("T")
UNDEFINED = {"jinja2.Undefined": jinja2.Undefined, "jinja2.StrictUndefined": jinja2.StrictUndefined}
# What a template can raise while it is read: its own mistakes, and those of the values that meet its filters.
FAULTS = (jinja2.TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError)

SLOW = ("to_nice_yaml", "to_yaml")  # filters that take longer than all else


class _Options(TypedDict, total=False):
    """`_envops` of copier.yml: what it says of the syntax."""

    block_start_string: str
    block_end_string: str
    variable_start_string: str
    variable_end_string: str
    comment_start_string: str
    comment_end_string: str
    trim_blocks: bool
    lstrip_blocks: bool
    keep_trailing_newline: bool


def environment(template: Template) -> SandboxedEnvironment:
    """Make a new environment whose includes start at the folder of copier.yml, as they do for Copier."""
    path = template.root / "copier.yml"
    options = {"keep_trailing_newline": True, **template.settings.envops}
    undefined = str(options.pop("undefined", "jinja2.Undefined"))
    if undefined not in UNDEFINED or not options.keys() <= _Options.__annotations__.keys():
        raise TemplateError(f"_envops of {path} has a key or a value that newapi does not know.")
    made = SandboxedEnvironment(
        loader=jinja2.FileSystemLoader(template.root),
        extensions=[AnsibleCoreFiltersExtension],
        undefined=UNDEFINED[undefined],
        auto_reload=False,
        cache_size=-1,  # all of them stay, however many
        bytecode_cache=bytecode.cache(template),
        **cast(_Options, cast(object, options)),
    )
    made.context_class, made.template_class = _Context, _Template
    for functions in (made.filters, made.tests):
        functions.update({name: _of_dicts(function) for name, function in functions.items()})
    for name in SLOW:
        made.filters[name] = _remembered(made.filters[name])
    return made


def scope(environment: jinja2.Environment, values: Mapping[str, object]) -> Scope:
    """All that a template can read: the values, and what Jinja has for every template."""
    return Scope({**environment.globals, **values})


def whole(template: jinja2.Template, names: Mapping[str, object]) -> str:
    """The text of a template that nothing includes here: who asks for it keeps what becomes of it."""
    return "".join(_render(template)(template.new_context(cast("dict[str, object]", names), shared=True)))


def kept(memo: Memo[T], scope: Scope, make: Callable[[Mapping[str, object]], T]) -> T:
    """What `make` makes of the names; where that fails, the names themselves say whether it is to be."""
    try:
        return memo.get(scope, lambda: make(scope.visible))
    except (TemplateError, *FAULTS):
        return make(scope.names)


def fault(error: Exception) -> str:
    """Say where a template broke and why, on one line and without a full stop."""
    text = " ".join(str(error).split()).rstrip(".") or type(error).__name__
    if isinstance(error, jinja2.TemplateSyntaxError):
        return f"line {error.lineno}: {text}"
    return text


class _Context(jinja2.runtime.Context):
    def resolve_or_missing(self, key: str) -> object:
        scope = self.parent.get(SCOPE)
        if isinstance(scope, Scope):
            scope.read(key)
        return cast(object, super().resolve_or_missing(key))


class _Template(jinja2.Template):
    @classmethod
    def from_code(
        cls,
        environment: jinja2.Environment,
        code: CodeType,
        globals: MutableMapping[str, object],  # noqa: A002 - as Jinja has it
        uptodate: Callable[[], bool] | None = None,
    ) -> jinja2.Template:
        template = super().from_code(environment, code, globals, uptodate)
        template.root_render_func = _Included(template)
        return template

    def make_module(
        self,
        vars: dict[str, object] | None = None,  # noqa: A002 - as Jinja has it
        shared: bool = False,
        locals: Mapping[str, object] | None = None,  # noqa: A002 - the same
    ) -> TemplateModule:
        """An import wants more than the text, so it is made anew."""
        context = self.new_context(vars, shared, locals)
        return TemplateModule(self, context, list(_render(self)(context)))


def _render(template: jinja2.Template) -> Callable[[jinja2.runtime.Context], Iterator[str]]:
    root = template.root_render_func
    return root.render if isinstance(root, _Included) else root


class _Included:
    """A template where another one includes it: it is rendered once for each set of values that it reads."""

    def __init__(self, template: jinja2.Template) -> None:
        self._name: str | None = template.name
        self._memo: Memo[str] = Memo()
        self.render: Callable[[jinja2.runtime.Context], Iterator[str]] = template.root_render_func

    def __call__(self, context: jinja2.runtime.Context) -> Generator[str]:
        scope = context.parent.get(SCOPE)
        if not isinstance(scope, Scope) or context.name != self._name:  # where it is extended, blocks are another's
            yield from self.render(context)
            return

        yield self._memo.get(Scope(context.parent, above=scope), lambda: "".join(self.render(context)))


def _of_dicts(function: Callable[..., object]) -> Callable[..., object]:
    """A filter or a test that gets real dicts: it may do with them what only a dict can do."""

    @functools.wraps(function)
    def call(*args: object, **named: object) -> object:
        return function(*map(_plain, args), **{name: _plain(value) for name, value in named.items()})

    return call


def _plain(value: object) -> object:
    return dict(value) if isinstance(value, Watched) else value


def _remembered(function: Callable[..., object]) -> Callable[..., object]:
    known: dict[Hashable, object] = {}

    @functools.wraps(function)
    def call(*args: object, **named: object) -> object:
        key = comparable((args, named))
        if key is UNKNOWN:
            return function(*args, **named)
        if key not in known:
            if len(known) == MOST:
                known.clear()
            known[key] = function(*args, **named)
        return known[key]

    return call
