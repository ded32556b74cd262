"""Renders a template with Copier, the reference for what a template means. The only module that imports Copier."""

import os
import sys
import tempfile
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import copier
import plumbum
from copier.errors import CopierError
from plumbum.commands.processes import CommandNotFound, ProcessExecutionError

from newapi import sandbox
from newapi.answers import Answers, Questionnaire
from newapi.errors import TemplateError
from newapi.template import Template
from newapi.tree import File, Tree

# Copier lets the errors of its own parts through: jinja2's, plumbum's, and plain ValueErrors for answers.
FAULTS = (CopierError, CommandNotFound, ProcessExecutionError, OSError, *sandbox.FAULTS)


def render(template: Template, answers: Answers) -> Tree:
    """Let Copier write the project to a folder that lasts no longer than it takes to read it."""
    # Copier computes the answers to questions that do not apply, and would refuse some that are given.
    data = {**Questionnaire(template).applying(answers), "newapi_release": template.version}
    with tempfile.TemporaryDirectory(prefix="newapi-") as folder:
        root = Path(folder) / "project"
        with _quiet():
            try:
                copier.run_copy(str(template.root), root, data, settings=copier.Settings(), defaults=True, quiet=True)
            except FAULTS as error:
                raise TemplateError(f"Copier cannot render {template.root}: {sandbox.fault(error)}.") from error
        paths = [path for path in root.rglob("*") if path.is_symlink() or path.is_file()]
        return Tree({path.relative_to(root).as_posix(): _file(path) for path in paths})


@contextmanager
def _quiet() -> Generator[None]:
    """Copier neither prompts nor warns, and takes a template in a Git checkout for the plain folder that it is.

    Without a git to find it also saves one process for every file that it writes.
    """
    terminal = sys.stdin
    with open(os.devnull) as nothing, plumbum.local.env(PATH=""), warnings.catch_warnings():  # noqa: PTH123 - it is no path
        warnings.simplefilter("ignore")
        sys.stdin = nothing
        try:
            yield
        finally:
            sys.stdin = terminal


def _file(path: Path) -> File:
    if path.is_symlink():
        raise TemplateError(f"The template makes {path.name} a link, which newapi does not write.")
    return File(path.read_bytes(), bool(path.stat().st_mode & 0o100))
