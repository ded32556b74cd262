"""The Jinja environment in which a template is read: the one that Copier makes, for as much of it as we use."""

from typing import TypedDict, cast

import jinja2
from jinja2.sandbox import SandboxedEnvironment
from jinja2_ansible_filters import AnsibleCoreFiltersExtension  # pyright: ignore[reportMissingTypeStubs] - it has none

from newapi.errors import TemplateError
from newapi.template import Template

UNDEFINED = {"jinja2.Undefined": jinja2.Undefined, "jinja2.StrictUndefined": jinja2.StrictUndefined}
# What a template can raise while it is read: its own mistakes, and those of the values that meet its filters.
FAULTS = (jinja2.TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError)


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
    return SandboxedEnvironment(
        loader=jinja2.FileSystemLoader(template.root),
        extensions=[AnsibleCoreFiltersExtension],
        undefined=UNDEFINED[undefined],
        auto_reload=False,
        **cast(_Options, cast(object, options)),
    )


def fault(error: Exception) -> str:
    """Say where a template broke and why, on one line."""
    text = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, jinja2.TemplateSyntaxError):
        return f"line {error.lineno}: {text}"
    return text
