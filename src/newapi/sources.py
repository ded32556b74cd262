"""Where answers come from, and which of them counts.

What is said counts in this order: flags, `--data`, `--answers FILE`, `--preset`. What nobody said takes its default:
the user's own (the author in Git's settings), then what the target's name tells (the project's name), then the
template's.
"""

import json
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import cast

import yaml

from newapi import process
from newapi.answers import Answers, Questionnaire
from newapi.errors import UsageError, quoted
from newapi.template import Value, read_yaml
from newapi.values import nearest

# The questions that a template may have and that more than a person can answer.
NAME = "project_name"
AUTHOR = {"user.name": "author_name", "user.email": "author_email"}
LARGEST = 1_000_000  # bytes of a file of answers


def said(
    questionnaire: Questionnaire, *, flags: Answers, data: Iterable[str] = (), file: Path | None = None
) -> Answers:
    """What a person said answer by answer, the strongest word for each question."""
    said: dict[str, Value] = {}
    for where, answers in ((str(file), _file(file) if file else {}), ("--data", dict(map(_pair, data))), ("", flags)):
        questionnaire.refuse_unknown(answers, where)
        said |= answers
    return said


def preset(questionnaire: Questionnaire, name: str) -> Answers:
    """The answers that the template has under a name; none without a name."""
    presets = questionnaire.template.presets
    if name and name not in presets:
        known = f"The presets are {', '.join(presets)}." if presets else "This template has none."
        raise UsageError(f"There is no preset {quoted(name)}{nearest(name, presets)}", known)
    answers: Answers = presets[name] if name else {}
    questionnaire.refuse_unknown(answers, f"preset {name}")
    return answers


def from_target(target: Path | None) -> Answers:
    """What a folder's name tells: `order-desk` is the service "Order Desk"."""
    if target is None:
        return {}
    words = target.name.replace("-", " ").replace("_", " ").split()
    return {NAME: " ".join(word if any(map(str.isupper, word)) else word.capitalize() for word in words)}


def from_user(questionnaire: Questionnaire) -> Answers:
    """The author as Git knows them, as far as the template takes it; nothing where there is no Git."""
    done = process.run(("git", "config", "--get-regexp", r"^user\.(name|email)$"), Path(), timeout=5)
    pairs = (line.partition(" ") for line in done.output.splitlines() if done.code == 0)
    author = {AUTHOR[key]: value for key, _, value in pairs if key in AUTHOR}
    return {
        question.name: author[question.name]
        for question in questionnaire.questions
        if question.name in author and not questionnaire.problem(question, author[question.name], {})
    }


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageError(
            f"--data {quoted(text)} is not of the form name=value.", "Write it like --data database=postgresql."
        )
    return name.strip(), value


def _file(path: Path) -> Answers:
    """A file of answers in YAML, JSON or TOML; keys that start with _ are Copier's own notes."""
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise UsageError(
                f"{path} has more than 1 MB; no answers are that long.", "Give the path of a file of answers."
            )
        document = _parse(content.decode("utf-8-sig"), path.suffix.lower())
    except OSError as error:
        raise UsageError(
            f"{quoted(str(path))} cannot be read: {error.strerror}.", "Give the path of a file of answers."
        ) from error
    except (ValueError, yaml.YAMLError, RecursionError) as error:  # ValueError: what JSON, TOML and UTF-8 complain with
        kind = {".json": "JSON", ".toml": "TOML"}.get(path.suffix.lower(), "YAML")
        reason = " ".join(str(error).split())
        raise UsageError(f"{path} is not valid {kind}: {reason}.", "The file holds `name: value` lines.") from error
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise UsageError(f"{path} holds no answers.", "It holds one value for each question's name.")
    answers = {str(name): value for name, value in cast("dict[object, Value]", document).items()}
    return {name: value for name, value in answers.items() if not name.startswith("_")}


def _parse(text: str, suffix: str) -> object:
    match suffix:
        case ".json":
            return cast(object, json.loads(text))
        case ".toml":
            return tomllib.loads(text)
        case _:
            return read_yaml(text)
