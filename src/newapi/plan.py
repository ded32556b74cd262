"""A plan: everything that will be done, before any of it."""

import json
import shlex
from pathlib import Path

import msgspec

from newapi import finish, sources, target
from newapi.answers import Answers, Questionnaire
from newapi.finish import Switches
from newapi.render import render
from newapi.shell import operand
from newapi.steps import Step
from newapi.template import Question, Template, Value
from newapi.tree import Tree

SLUG = "project_slug"  # the answer that names the folder when the person did not


class Plan(msgspec.Struct, frozen=True):
    """`command` asks nothing and makes the same project on any machine; `notes` are what to know beforehand.

    `following` are the commands to go on with in the project.
    """

    template: Template
    target: Path
    answers: Answers
    tree: Tree
    steps: tuple[Step, ...]
    command: str
    following: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def make(
    questionnaire: Questionnaire, answers: Answers, *, dest: str, switches: Switches, tree: Tree | None = None
) -> Plan:
    """Plan a project from all its answers; `dest` is the folder as the person wrote it, empty for the slug's.

    `tree` is what the answers render to, where that is known already.
    """
    template = questionnaire.template
    dest = dest or str(answers.get(SLUG, ""))
    place = target.find(dest)
    return Plan(
        template=template,
        target=place,
        answers=answers,
        tree=render(template, answers) if tree is None else tree,
        steps=finish.steps(template, switches),
        command=_command(questionnaire, answers, dest, place, switches),
        following=tuple(filter(None, (questionnaire.filled(line, answers).strip() for line in template.following))),
        notes=target.notes(dest, place),
    )


def _command(questionnaire: Questionnaire, answers: Answers, dest: str, place: Path, switches: Switches) -> str:
    """What to type for the same project: only the answers that the template and the target's name do not give."""
    bare = questionnaire.assuming(sources.from_target(place))
    words = ["newapi", "create", operand(dest), "--yes"]
    applying = bare.applying(answers)
    for question in questionnaire.questions:
        if question.name in applying and applying[question.name] != bare.default(question, answers):
            words += _flag(question, applying[question.name])
    return shlex.join([*words, *switches.flags])


def _flag(question: Question, answer: Value) -> list[str]:
    if question.switch:
        return [question.flag if answer else question.no_flag]
    return [question.flag, answer if isinstance(answer, str) else json.dumps(answer)]  # JSON is YAML too
