"""The template's questions as options of a command: copier.yml is the only list."""

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

if TYPE_CHECKING:  # the list of commands is shown without a template
    from newapi.template import Question

Returned = TypeVar("Returned")


def asking(questions: "Iterable[Question]", command: Callable[..., Returned]) -> Callable[..., Returned]:
    """`command` with one option for each question; it takes them as keyword arguments, None where nothing was said."""
    kinds = {question.name: _annotation(question) for question in questions}
    signature = inspect.signature(command)
    own = [one for one in signature.parameters.values() if one.kind is not inspect.Parameter.VAR_KEYWORD]
    added = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)
        for name, kind in kinds.items()
    ]

    @functools.wraps(command)
    def asked(**arguments: object) -> Returned:
        return command(**arguments)

    # Typer reads a command through these two.
    setattr(asked, "__signature__", signature.replace(parameters=[*own[:1], *added, *own[1:]]))  # noqa: B010 - no function has it
    asked.__annotations__ = {**command.__annotations__, **kinds}
    return asked


def _annotation(question: "Question") -> object:
    kind = bool if question.switch else str
    return Annotated[
        kind | None,
        typer.Option(
            f"{question.flag}/{question.no_flag}" if question.switch else question.flag,
            help=question.help + _default(question),
            metavar=None if question.switch else "|".join(_values(question)) or "TEXT",
            show_default=False,
            autocompletion=_completion(question),
        ),
    ]


def _values(question: "Question") -> list[str]:
    return [str(choice.value) for choice in question.choices]


def _default(question: "Question") -> str:
    """The default as the help shows it; one that follows from other answers has no text of its own."""
    text = "" if question.derived else str(question.default)
    return f"  [default: {text}]" if text else ""


def _completion(question: "Question") -> Callable[[str], list[str]]:
    def complete(incomplete: str) -> list[str]:
        return [value for value in _values(question) if value.startswith(incomplete)]

    return complete
