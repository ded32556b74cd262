"""Plans and results as JSON, for programs that call this one."""

import json
from collections.abc import Sequence

import msgspec

from newapi.doctor import Finding
from newapi.errors import NewapiError
from newapi.plan import Plan
from newapi.steps import Outcome
from newapi.template import Template


def plan(plan: Plan) -> str:
    return _json(_planned(plan))


def result(plan: Plan, outcomes: Sequence[Outcome], seconds: float) -> str:
    return _json({**_planned(plan), "steps": outcomes, "seconds": round(seconds, 3)})


def options(template: Template) -> str:
    return _json({"version": template.version, "questions": template.questions, "presets": template.presets})


def doctor(findings: Sequence[Finding]) -> str:
    return _json({"findings": findings})


def error(error: NewapiError) -> str:
    return _json({"error": {"code": error.code, "message": error.message, "hint": error.hint}})


def _planned(plan: Plan) -> dict[str, object]:
    return {
        "project": str(plan.target),
        "template": plan.template.version,
        "answers": plan.answers,
        "files": list(plan.tree),
        "steps": [{"step": step.name, "command": step.command} for step in plan.steps],
        "command": plan.command,
        "notes": plan.notes,
    }


def _json(document: dict[str, object]) -> str:
    return json.dumps(msgspec.to_builtins(document), indent=2)  # in ASCII, which every output can take
