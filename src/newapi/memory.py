"""Renders a template in memory with Jinja alone: as Copier does it, for templates that keep to a subset."""

import fnmatch
import functools
import itertools
import re
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

import jinja2

from newapi import sandbox
from newapi.answers import Answers, Questionnaire
from newapi.errors import TemplateError, quoted
from newapi.memo import Memo, Scope
from newapi.template import Template, Value
from newapi.tree import File, Tree

SUFFIX = ".jinja"
PLAIN = re.compile(r"/?[^/!#{\\]+")


def can_render(template: Template) -> bool:
    return not outside(template)


def outside(template: Template) -> str:
    """What of a template is outside of the subset, or nothing: read from copier.yml and from the names of its files.

    No settings but the known ones, undefined values are errors (so nothing that only Copier provides is missed
    quietly), plain patterns to exclude, no yield in paths and no links.
    """
    settings = template.settings
    if template.foreign:
        return f"copier.yml has _{template.foreign[0]}"
    if settings.subdirectory == ".":
        return "copier.yml has no _subdirectory"
    if settings.envops.get("undefined") != "jinja2.StrictUndefined":
        return "_envops of copier.yml has no `undefined: jinja2.StrictUndefined`"
    for pattern in settings.exclude:
        if not PLAIN.fullmatch(pattern):
            return f"_exclude of copier.yml has {quoted(pattern)}, which is more than a name"
    for path in _walk(template.folder):
        if "{%" in path.name or path.is_symlink():
            return f"{path.relative_to(template.root)} is a link or has a statement in its name"
    return ""


class Engine:
    """One template: each file of it is rendered once for each set of values that it reads.

    So a set of answers that differs a little from another one costs little more than looking up what is the same.
    """

    def __init__(self, template: Template) -> None:
        self._template: Template = template
        self._questionnaire: Questionnaire = Questionnaire(template)
        self._secret: frozenset[str] = frozenset(question.name for question in template.questions if question.secret)
        self._folders: list[_Folder] = [
            _Folder(template, self._questionnaire.environment, list(paths))
            for _, paths in itertools.groupby(_walk(template.folder), lambda path: _names(template, path)[0])
        ]

    def render(self, answers: Answers) -> Tree:
        scope = sandbox.scope(self._questionnaire.environment, self._values(answers))
        files: dict[str, File] = {}
        for path, file in itertools.chain.from_iterable(folder.files(scope) for folder in self._folders):
            if files.setdefault(path, file) != file:
                raise TemplateError(f"Two files of the template make {path}, which can have one owner only.")
        return Tree(files)

    def _values(self, answers: Answers) -> Mapping[str, Value]:
        asked = self._questionnaire.applying(answers)
        recorded = {name: value for name, value in asked.items() if name not in self._secret}
        return {
            **self._questionnaire.with_computed(answers),
            "newapi_release": self._template.version,
            "_copier_answers": {"_src_path": str(self._template.root), **recorded},
            "_copier_conf": {"answers_file": ".copier-answers.yml"},
        }


class _Folder:
    """A folder at the top of the template. Where its files go depends on little, and often they go nowhere."""

    def __init__(self, template: Template, environment: jinja2.Environment, paths: Sequence[Path]) -> None:
        self._template: Template = template
        self._sources: list[_Source] = [_Source(template, environment, path) for path in paths]
        self._compile: Callable[[str], jinja2.Template] = functools.cache(environment.from_string)
        self._memo: Memo[list[tuple[str, _Source]]] = Memo()

    def files(self, scope: Scope) -> Iterator[tuple[str, File]]:
        for path, source in sandbox.kept(self._memo, scope, self._placed):
            yield path, source.file(scope)

    def _placed(self, names: Mapping[str, object]) -> list[tuple[str, "_Source"]]:
        """The files that are not left out, each with its path in the project."""
        placed = [(self._destination(source, names), source) for source in self._sources]
        return [(path, source) for path, source in placed if path and not self._excluded(path)]

    def _destination(self, source: "_Source", names: Mapping[str, object]) -> str:
        """Where a file goes; nowhere when one of the names on its path comes to nothing."""
        *folders, last = _names(self._template, source.path)
        rendered: list[str] = []
        for name in (*folders, last.removesuffix(SUFFIX)):
            with source.blamed():
                rendered.append(sandbox.whole(self._compile(name), names) if "{{" in name else name)
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


class _Source:
    """A file of the template, and what became of it."""

    def __init__(self, template: Template, environment: jinja2.Environment, path: Path) -> None:
        self.path: Path = path
        self._name: str = path.relative_to(template.root).as_posix()
        self._environment: jinja2.Environment = environment
        self._memo: Memo[File] = Memo()

    def file(self, scope: Scope) -> File:
        return sandbox.kept(self._memo, scope, self._rendered) if self._name.endswith(SUFFIX) else self._copied

    @functools.cached_property
    def _copied(self) -> File:
        with self.blamed():
            return File(self.path.read_bytes(), self._executable)

    @functools.cached_property
    def _executable(self) -> bool:
        return bool(self.path.stat().st_mode & 0o111)

    def _rendered(self, names: Mapping[str, object]) -> File:
        with self.blamed():
            text = sandbox.whole(self._environment.get_template(self._name), names)
            return File(text.encode(), self._executable)

    @contextmanager
    def blamed(self) -> Generator[None]:
        """What goes wrong meanwhile is this file's fault."""
        try:
            yield
        except sandbox.FAULTS as error:
            raise TemplateError(f"{self._name} cannot be rendered: {sandbox.fault(error)}.") from error
        except OSError as error:
            raise TemplateError(f"{self.path} cannot be read: {error.strerror}.") from error


def _names(template: Template, path: Path) -> tuple[str, ...]:
    return path.relative_to(template.folder).parts


def _walk(folder: Path) -> Iterator[Path]:
    """The files of a template in order; a file that also exists with the suffix gives way to that one."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.with_name(path.name + SUFFIX).exists():
            yield path
