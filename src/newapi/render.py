"""Answers in, a project as a value out: the same answers give the same bytes."""

import functools
from collections.abc import Callable

from newapi import memory
from newapi.answers import Answers
from newapi.template import Template
from newapi.tree import Tree


def render(template: Template, answers: Answers) -> Tree:
    """Render in memory where the template allows it, else with Copier, which any template is written for."""
    return renderer(template)(answers)


def renderer(template: Template) -> Callable[[Answers], Tree]:
    """A `render` of one template that many sets of answers can share."""
    if memory.can_render(template):
        return memory.Engine(template).render
    from newapi import reference  # noqa: PLC0415 - Copier takes a third of a second to import

    return functools.partial(reference.render, template)
