"""Faults that a template can have, each of them put into a copy of one, and caught: which variant, by which check."""

import re
import shutil
from pathlib import Path

import msgspec
import pytest

from newapi import template
from newapi.answers import Answers, Questionnaire
from newapi.template import Template
from newapi.verify import space
from newapi.verify.api import Report, Request, verify
from newapi.verify.checks import CHECKS

PLATFORM = Path(__file__).parents[1] / "templates" / "platform"
SOURCE = "src/{{package}}"


# Answers to a POST take longer than the server waits for them.
SLOW = """\
    inner = create_app(settings)
    inner.state["drain"] = drain

    async def app(scope, receive, send):
        if scope.get("method") == "POST":
            await __import__("asyncio").sleep(60)
        await inner(scope, receive, send)

"""
# A request whose body comes late is not answered as it should be.
LATE = """\
    inner = create_app(settings)
    inner.state["drain"] = drain

    async def app(scope, receive, send):
        import time

        start = time.monotonic()

        async def late():
            event = await receive()
            if scope.get("method") == "POST" and time.monotonic() - start > 0.25:
                raise OSError("the pool is closed")
            return event

        await inner(scope, late, send)

"""


class Fault(msgspec.Struct, frozen=True):
    """`old` becomes `new` in a file of the template; without `old`, `new` is added at its end.

    `variant` is a pattern of another template's variants; of our own it is answers, and all others are the defaults.
    """

    name: str
    file: str
    old: str
    new: str
    variant: str
    check: str
    says: str
    seconds: str = ""


def part(name: str, path: str) -> str:
    return f"template/{{{{part.{name}}}}}/{path}"


STOCK = [
    Fault(
        "an import that is not used, in one part",
        part("sample_sql", f"{SOURCE}/tasks/store.py"),
        "from uuid import UUID\n",
        "import os\nfrom uuid import UUID\n",
        "database=sqlite,auth=none",
        "lint",
        "F401",
    ),
    Fault(
        "code that is not formatted",
        part("jwt", f"{SOURCE}/plugins/auth/tokens.py"),
        "",
        "\n\nLEFT  =  1\n",
        "database=none,auth=jwt",
        "lint",
        "would be reformatted",
    ),
    Fault(
        "an import against the arrows",
        part("sample", f"{SOURCE}/tasks/service.py"),
        "",
        "\n\ndef routes() -> object:\n    from . import routes\n\n    return routes\n",
        "database=none,auth=none",
        "lint",
        "BROKEN",
    ),
    Fault(
        "a value of another type",
        part("sample", f"{SOURCE}/tasks/service.py"),
        "",
        '\n\nLEFT: int = "one"\n',
        "database=none,auth=none",
        "types",
        "is not assignable",
    ),
    Fault(
        "a dependency that nobody declares",
        part("jwt", "_add/pyproject.dependencies.jinja"),
        '    "pwdlib[argon2]>=0.3",\n',
        "",
        "database=sqlite,auth=jwt",
        "lock",
        "pwdlib",
    ),
    Fault(
        "a dependency that nothing imports",
        part("base", "pyproject.toml.jinja"),
        "dependencies = [\n",
        'dependencies = [\n    "pluggy>=1",\n',
        "database=none,auth=none",
        "lock",
        "'pluggy' defined as a dependency but not used",
    ),
    Fault(
        "a version that is not pinned",
        "template/_versions.txt",
        "litestar==",
        "# litestar==",
        "database=none,auth=none",
        "lock",
        r"litestar \S+ is locked, and the template pins no version of it",
    ),
    Fault(
        "Jinja that is left in a text",
        part("base", "README.md.jinja"),
        "",
        "{% raw %}{{ left }}{% endraw %}\n",
        "database=sqlite,auth=jwt",
        "text",
        r"README\.md: Jinja is left in it",
    ),
    Fault(
        "a gap in a text, beside code that may have one",
        part("base", "README.md.jinja"),
        "## Run\n",
        "```python\na = 1\n\n\nb = 2\n```\n\n\n## Run\n",
        "database=sqlite,auth=jwt",
        "text",
        r"README\.md: it has two blank lines in a row",
    ),
    Fault(
        "a name of an option that was not chosen",
        part("base", "README.md.jinja"),
        "",
        "It needs PostgreSQL.\n",
        "database=sqlite,auth=jwt",
        "text",
        r"README\.md: 'PostgreS' is left of database=postgresql",
    ),
    Fault(
        "a secret with a default",
        part("jwt", "_add/env.jinja"),
        "AUTH_SECRET=\n",
        "AUTH_SECRET=change-me\n",
        "database=none,auth=jwt",
        "text",
        r"\.env\.example: it gives the secret AUTH_SECRET a value",
    ),
    Fault(
        "a migration that lags behind its model",
        part("sample_sql", f"{SOURCE}/tasks/store.py"),
        "    title: Mapped[str] = mapped_column(String(200))\n",
        "    title: Mapped[str] = mapped_column(String(200))\n    colour: Mapped[str] = mapped_column(String(20))\n",
        "database=postgresql,auth=none",
        "migrations",
        "colour",
    ),
    Fault(
        "a rule of the service that its tests know otherwise",
        part("sample", f"{SOURCE}/tasks/models.py"),
        "LARGEST_PAGE = 100",
        "LARGEST_PAGE = 500",
        "database=none,auth=none",
        "suite",
        "failed",
    ),
    Fault(
        "code that no test runs",
        part("sample", f"{SOURCE}/tasks/service.py"),
        "",
        "\n\ndef untested(value: int) -> int:\n" + "    value += 1\n" * 100 + "    return value\n",
        "database=none,auth=none",
        "suite",
        "Required test coverage of 95.* not reached",
    ),
    Fault(
        "a file that the tests leave for Git to see",
        "template/{{part.base}}/.gitignore",
        ".coverage",
        ".coverages",
        "database=none,auth=none",
        "suite",
        r"(?s)leave files that are not ignored.*\.coverage",
    ),
    Fault(
        "a port that is never opened",
        part("base", f"{SOURCE}/server.py"),
        "        port=settings.port,\n",
        "        port=settings.port + 1,\n",
        "database=none,auth=none",
        "boot",
        "After 4 s it does not listen on port",
        "start: 4",
    ),
    Fault(
        "a start without an end",
        part("base", f"{SOURCE}/asgi.py"),
        "    settings = load()\n",
        '    __import__("time").sleep(600)\n    settings = load()\n',
        "database=none,auth=none",
        "boot",
        "After 4 s it",
        "start: 4",
    ),
    Fault(
        "a service that is never ready",
        part("base", f"{SOURCE}/health.py"),
        "    if all(checks.values()):\n",
        "    if not all(checks.values()):\n",
        "database=none,auth=none",
        "boot",
        "After 20 s it listens, but is not ready",
        "start: 20",  # by then it does listen, however slow the machine is
    ),
    Fault(
        "a start with a complaint",
        part("base", f"{SOURCE}/asgi.py"),
        "    settings = load()\n",
        '    settings = load()\n    print("Warning: this is not for production", flush=True)\n',
        "database=none,auth=none",
        "boot",
        "(?s)complains.*not for production",
    ),
    Fault(
        "a route that asks nobody who they are",
        part("sample", f"{SOURCE}/tasks/routes.py.jinja"),
        '    tags=["Tasks"],\n',
        '    tags=["Tasks"],\n    opt={"public": True},\n',
        "database=sqlite,auth=jwt",
        "journey",
        "401",
    ),
    Fault(
        "an error at a boundary",
        part("sample", f"{SOURCE}/tasks/routes.py.jinja"),
        "        query = TaskQuery(\n",
        "        1 // ((limit or PAGE) - 100)\n        query = TaskQuery(\n",
        "database=none,auth=none",
        "fuzz",
        "Server error",
    ),
    Fault(
        "a fuzzing that signs itself out",
        "copier.yml",
        "    last: ",
        "    # last: ",
        "database=none,auth=jwt",
        "fuzz",
        "operations answered nothing but 401 and 403",
    ),
    Fault(
        "an answer that the document does not know",
        part("base", f"{SOURCE}/health.py"),
        'async def live() -> Health:\n    return Health("ok")\n',
        'async def live() -> Response[Health]:\n    return Response(Health("ok"), status_code=203)\n',
        "database=none,auth=none",
        "fuzz",
        "Undocumented status code",
    ),
    Fault(
        "a call that blocks the end",
        part("base", f"{SOURCE}/app.py.jinja"),
        "        logging_config=None,\n",
        '        logging_config=None,\n        on_shutdown=[lambda: __import__("time").sleep(600)],\n',
        "database=none,auth=none",
        "drain",
        "Told to end, it still runs after 5 s",
        "stop: 5",
    ),
    Fault(
        "a worker that outlives its server",
        part("base", f"{SOURCE}/asgi.py"),
        "    end_with_server(settings.server.kill_timeout)\n",
        "",
        "database=none,auth=none",
        "drain",
        "leaves a process",
        "stop: 5",
    ),
    Fault(
        "requests that are cut off at the end",
        part("base", f"{SOURCE}/asgi.py"),
        '    app = create_app(settings)\n    app.state["drain"] = drain\n',
        SLOW,
        "database=none,auth=none",
        "drain",
        "left 8 of 8 requests unanswered",
    ),
    Fault(
        "a request in flight that cannot be carried out any more",
        part("base", f"{SOURCE}/asgi.py"),
        '    app = create_app(settings)\n    app.state["drain"] = drain\n',
        LATE,
        "database=none,auth=none",
        "drain",
        "answered 8 of 8 requests with 500",
    ),
    Fault(
        "a file that the service leaves for Git to see",
        part("base", f"{SOURCE}/asgi.py"),
        "    settings = load()\n",
        '    settings = load()\n    open("left.txt", "w").close()\n',
        "database=none,auth=none",
        "journey",
        r"(?s)leave files that are not ignored.*left\.txt",
    ),
    Fault(
        "a worker that does not start",
        part("saq", f"{SOURCE}/worker.py.jinja"),
        "    asyncio.run(run(settings, work))\n    return 0\n",
        "    return 3\n",
        "database=postgresql,auth=none,jobs=saq,sample=false",
        "journey",
        "The worker ended with exit code 3",
    ),
    Fault(
        "a worker that takes no jobs",
        part("saq", f"{SOURCE}/plugins/jobs/worker.py"),
        "        concurrency=settings.concurrency,\n",
        "        concurrency=0,\n",
        "database=postgresql,auth=none,jobs=saq",
        "journey",
        "(?s)No worker has done it.*The worker said.*worker started",
    ),
    Fault(
        "a worker that calls its end a failure",
        part("saq", f"{SOURCE}/worker.py.jinja"),
        "    asyncio.run(run(settings, work))\n    return 0\n",
        "    asyncio.run(run(settings, work))\n    return 1\n",
        "database=postgresql,auth=none,jobs=saq,sample=false",
        "journey",
        "Told to end, the worker ends with exit code 1",
    ),
    Fault(
        "manifests that cannot be put together",
        part("kubernetes", "deploy/overlays/staging/kustomization.yaml.jinja"),
        "path: /spec/maxReplicas",
        "path: /spec/most/replicas",
        "database=postgresql,auth=jwt,deploy=kubernetes",
        "manifests",
        "deploy/overlays/staging: .*replicas",
    ),
    Fault(
        "a manifest with a key that its kind does not have",
        part("kubernetes", "deploy/base/workloads.yaml.jinja"),
        "          livenessProbe:",
        "          livenesProbe:",
        "database=postgresql,auth=jwt,deploy=kubernetes",
        "manifests",
        "(?s)deploy/base: .*livenesProbe",
    ),
    Fault(
        "a workflow for a machine that there is not",
        part("github", ".github/workflows/ci.yml.jinja"),
        "runs-on: ubuntu-24.04",
        "runs-on: ubuntu-lates",
        "database=sqlite,auth=jwt",
        "workflows",
        "ubuntu-lates",
    ),
    Fault(
        "a workflow that anybody can put words into",
        part("github", ".github/workflows/ci.yml.jinja"),
        "",
        "      - run: echo {% raw %}${{ github.event.pull_request.title }}{% endraw %}\n",
        "database=sqlite,auth=jwt",
        "workflows",
        "template-injection",
    ),
]

FOREIGN = [
    Fault(
        "an image that runs as root",
        "[% if image %]Dockerfile[% endif %].jinja",
        "",
        "USER root\nRUN cd /tmp && ls\n",
        "*compose*",
        "dockerfile",
        "DL30",
    ),
    Fault(
        "a compose file with a key that there is not",
        "[% if image and deploy == 'compose' %]compose.yaml[% endif %].jinja",
        "services:\n",
        "servces: {}\nservices:\n",
        "*compose*",
        "compose",
        "servces",
    ),
    Fault(
        "a manifest with a key that there is not",
        "[% if image and deploy == 'kubernetes' %]deploy[% endif %]/kubernetes.yaml.jinja",
        "  replicas:",
        "  replicass:",
        "*kubernetes*",
        "manifests",
        "replicass",
    ),
]


def copied(source: Path, folder: Path, fault: Fault) -> Template:
    """The template with the fault in it."""
    shutil.copytree(source, folder)
    file = folder / fault.file
    text = file.read_text("utf-8")
    assert fault.old in text, f"{fault.file} has changed: the fault does not fit it any more"
    file.write_text(text.replace(fault.old, fault.new, 1) if fault.old else text + fault.new, "utf-8")
    questions = folder / "copier.yml"
    said = questions.read_text("utf-8")
    questions.write_text(said.replace("  verify:\n", f"  verify:\n    {fault.seconds}\n", 1), "utf-8")
    return template.load(folder)


def own(folder: Path) -> Path:
    """The program's own template alone, without the repository around it."""
    source = template.load()
    shutil.copytree(source.folder, folder / "template")
    shutil.copy2(source.root / "copier.yml", folder)
    return folder


def verified(faulty: Template, fault: Fault, variant: str, folder: Path, fixed: Answers) -> Report:
    return verify(Request(faulty, select=(variant,), checks=(fault.check,), folder=folder, fixed=fixed, jobs=1))


@pytest.mark.parametrize("fault", STOCK, ids=lambda fault: fault.name)
def test_a_fault_is_caught(fault: Fault, tmp_path: Path) -> None:
    faulty = copied(own(tmp_path / "own"), tmp_path / "faulty", fault)
    answers = dict(pick.split("=") for pick in fault.variant.split(","))
    questionnaire = Questionnaire(faulty)
    chosen = space.default(questionnaire, answers)
    variant = chosen.name
    # The rest of the space would be counted anew for each fault; three licences are enough to choose from.
    fixed = {name: value for name, value in questionnaire.applying(chosen.answers).items() if name != "license"}
    report = verified(faulty, fault, variant, tmp_path / "kept", fixed)
    (failure,) = report.failures
    assert (failure.variant, failure.check) == (variant, fault.check)
    assert re.search(fault.says, failure.output), failure.output


@pytest.mark.parametrize("fault", FOREIGN, ids=lambda fault: fault.name)
def test_a_fault_in_another_template_is_caught(fault: Fault, tmp_path: Path) -> None:
    faulty = copied(PLATFORM, tmp_path / "faulty", fault)
    report = verified(faulty, fault, fault.variant, tmp_path / "kept", {"team": "parcels"})
    assert {failure.check for failure in report.failures} == {fault.check}
    assert all(re.search(fault.says, failure.output) for failure in report.failures), report.failures


def test_every_check_catches_a_fault() -> None:
    assert {fault.check for fault in (*STOCK, *FOREIGN)} == {check.name for check in CHECKS}
