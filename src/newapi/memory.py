"""Renders a template in memory with Jinja alone: as Copier does it, for templates that keep to a subset."""

import fnmatch
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

import jinja2

from newapi import sandbox
from newapi.answers import Answers, Questionnaire
from newapi.errors import TemplateError
from newapi.template import Template, Value
from newapi.tree import File, Tree

SUFFIX = ".jinja"
PLAIN = re.compile(r"/?[^/!#{\\]+")


def can_render(template: Template) -> bool:
    """Whether the template keeps to the subset: read from copier.yml and from the names of its files.

    No settings but the known ones, undefined values are errors (so nothing that only Copier provides is missed
    quietly), plain patterns to exclude, no yield in paths and no links.
    """
    settings = template.settings
    return (
        not template.foreign
        and settings.subdirectory != "."
        and settings.envops.get("undefined") == "jinja2.StrictUndefined"
        and all(PLAIN.fullmatch(pattern) for pattern in settings.exclude)
        and not any("{%" in path.name or path.is_symlink() for path in _walk(template.folder))
    )


class Engine:
    """One template, each file of it compiled once however many sets of answers are rendered."""

    def __init__(self, template: Template) -> None:
        self._template: Template = template
        self._questionnaire: Questionnaire = Questionnaire(template)
        self._environment: jinja2.Environment = self._questionnaire.environment
        self._sources: tuple[Path, ...] = tuple(_walk(template.folder))
        self._names: dict[str, jinja2.Template] = {}

    def render(self, answers: Answers) -> Tree:
        context = self._context(answers)
        files: dict[str, File] = {}
        for source in self._sources:
            path = self._destination(source, context)
            if not path or self._excluded(path):
                continue
            file = self._file(source, context)
            if files.setdefault(path, file) != file:
                raise TemplateError(f"Two files of the template make {path}, which can have one owner only.")
        return Tree(files)

    def _context(self, answers: Answers) -> Mapping[str, Value]:
        asked = self._questionnaire.applying(answers)
        secret = {question.name for question in self._template.questions if question.secret}
        recorded = {name: value for name, value in asked.items() if name not in secret}
        return {
            **self._questionnaire.with_computed(answers),
            "newapi_release": self._template.version,
            "_copier_answers": {"_src_path": str(self._template.root), **recorded},
            "_copier_conf": {"answers_file": ".copier-answers.yml"},
        }

    def _destination(self, source: Path, context: Mapping[str, Value]) -> str:
        """Where a file goes; nowhere when one of the names on its path comes to nothing."""
        names = list(source.relative_to(self._template.folder).parts)
        names[-1] = names[-1].removesuffix(SUFFIX)
        rendered = [self._name(name, source, context) for name in names]
        return str(PurePosixPath(*rendered)) if all(rendered) else ""

    def _name(self, name: str, source: Path, context: Mapping[str, Value]) -> str:
        if "{{" not in name:
            return name
        try:
            compiled = self._names.get(name) or self._environment.from_string(name)
            self._names[name] = compiled
            return compiled.render(context)
        except sandbox.FAULTS as error:
            raise self._broken(source, error) from error

    def _excluded(self, path: str) -> bool:
        """As in .gitignore, a pattern is about any name on the path, and with a slash before it about the first one."""
        names = path.split("/")
        return any(
            fnmatch.fnmatchcase(name, pattern.removeprefix("/"))
            for pattern in self._template.settings.exclude
            for name in (names[:1] if pattern.startswith("/") else names)
        )

    def _file(self, source: Path, context: Mapping[str, Value]) -> File:
        try:
            executable = bool(source.stat().st_mode & 0o111)
            if source.suffix != SUFFIX:
                return File(source.read_bytes(), executable)
            name = source.relative_to(self._template.root).as_posix()
            return File(self._environment.get_template(name).render(context).encode(), executable)
        except sandbox.FAULTS as error:
            raise self._broken(source, error) from error
        except OSError as error:
            raise TemplateError(f"{source} cannot be read: {error.strerror}.") from error

    def _broken(self, source: Path, error: Exception) -> TemplateError:
        return TemplateError(f"{source.relative_to(self._template.root)} cannot be rendered: {sandbox.fault(error)}.")


def _walk(folder: Path) -> Iterator[Path]:
    """The files of a template in order; a file that also exists with the suffix gives way to that one."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.with_name(path.name + SUFFIX).exists():
            yield path
