"""Renders a template in memory with Jinja alone: as Copier does it, for templates that keep to a subset."""

import fnmatch
import functools
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath

import jinja2

from newapi import sandbox
from newapi.answers import Answers, Questionnaire
from newapi.errors import TemplateError
from newapi.memo import Memo, Scope
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
    """One template: each file of it is rendered once for each set of values that it reads.

    So a set of answers that differs a little from another one costs little more than looking up what is the same.
    """

    def __init__(self, template: Template) -> None:
        self._template: Template = template
        self._questionnaire: Questionnaire = Questionnaire(template)
        environment = self._questionnaire.environment
        name = functools.cache(environment.from_string)  # many files have a folder in common
        self._sources: tuple[_Source, ...] = tuple(
            _Source(template, path, name, environment.get_template) for path in _walk(template.folder)
        )
        self._secret: frozenset[str] = frozenset(question.name for question in template.questions if question.secret)

    def render(self, answers: Answers) -> Tree:
        scope = Scope(self._names(answers))
        files: dict[str, File] = {}
        for source in self._sources:
            for path, file in source.made(scope):
                if files.setdefault(path, file) != file:
                    raise TemplateError(f"Two files of the template make {path}, which can have one owner only.")
        return Tree(files)

    def _names(self, answers: Answers) -> Mapping[str, Value]:
        asked = self._questionnaire.applying(answers)
        recorded = {name: value for name, value in asked.items() if name not in self._secret}
        return {
            **self._questionnaire.with_computed(answers),
            "newapi_release": self._template.version,
            "_copier_answers": {"_src_path": str(self._template.root), **recorded},
            "_copier_conf": {"answers_file": ".copier-answers.yml"},
        }


class _Source:
    """A file of the template, and what became of it."""

    def __init__(
        self,
        template: Template,
        path: Path,
        name: Callable[[str], jinja2.Template],
        content: Callable[[str], jinja2.Template],
    ) -> None:
        self._template: Template = template
        self._path: Path = path
        self._name: Callable[[str], jinja2.Template] = name
        self._content: Callable[[str], jinja2.Template] = content
        self._memo: Memo[list[tuple[str, File]]] = Memo()

    def made(self, scope: Scope) -> list[tuple[str, File]]:
        """Its path in the project, and the file; nothing where it is left out."""
        try:
            return sandbox.kept(self._memo, scope, self._make)
        except sandbox.FAULTS as error:
            where = self._path.relative_to(self._template.root)
            raise TemplateError(f"{where} cannot be rendered: {sandbox.fault(error)}.") from error
        except OSError as error:
            raise TemplateError(f"{self._path} cannot be read: {error.strerror}.") from error

    def _make(self, names: Mapping[str, object]) -> list[tuple[str, File]]:
        path = self._destination(names)
        return [(path, self._file(names))] if path and not self._excluded(path) else []

    def _destination(self, names: Mapping[str, object]) -> str:
        """Where it goes; nowhere when one of the names on its path comes to nothing."""
        *folders, last = self._path.relative_to(self._template.folder).parts
        rendered: list[str] = []
        for name in (*folders, last.removesuffix(SUFFIX)):
            rendered.append(sandbox.whole(self._name(name), names) if "{{" in name else name)
            if not rendered[-1]:
                return ""
        return str(PurePosixPath(*rendered))

    def _excluded(self, path: str) -> bool:
        """As in .gitignore, a pattern is about any name on the path, and with a slash before it about the first one."""
        names = path.split("/")
        return any(
            fnmatch.fnmatchcase(name, pattern.removeprefix("/"))
            for pattern in self._template.settings.exclude
            for name in (names[:1] if pattern.startswith("/") else names)
        )

    def _file(self, names: Mapping[str, object]) -> File:
        executable = bool(self._path.stat().st_mode & 0o111)
        if self._path.suffix != SUFFIX:
            return File(self._path.read_bytes(), executable)
        name = self._path.relative_to(self._template.root).as_posix()
        return File(sandbox.whole(self._content(name), names).encode(), executable)


def _walk(folder: Path) -> Iterator[Path]:
    """The files of a template in order; a file that also exists with the suffix gives way to that one."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.with_name(path.name + SUFFIX).exists():
            yield path
