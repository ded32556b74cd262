"""The commands: read the arguments, call, show. The only module that ends the program."""

import errno
import functools
import io
import os
import signal
import sys
import time
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn, TextIO, cast

import typer

import newapi
from newapi import errors
from newapi.errors import CancelledError, MissingError, NewapiError, UsageError
from newapi.options import asking

# What a command needs is imported when it runs: the list of commands and the version answer without it.
if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from newapi.steps import Outcome
    from newapi.template import Question, Template

ELSEWHERE = "NEWAPI_TEMPLATE"

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document, and nothing else, on stdout.")]


class Ended(SystemExit):
    """A signal ends the program that is not Ctrl-C's."""

    def __init__(self, number: int) -> None:
        super().__init__(128 + number)
        self.number: int = number


def given(context: typer.Context, parameter: typer.CallbackParam, text: str) -> str:
    """A text that is given says something: `--since "$REF"` without a REF would be taken for no `--since` at all."""
    source = context.get_parameter_source(str(parameter.name))
    if not text and source and source.name == "COMMANDLINE":
        raise UsageError(f"{parameter.opts[0]} is empty.", "Leave it out, or say what it is.")
    return text


@contextmanager
def cancelling(outcome: str, *ends: type[BaseException]) -> Generator[None]:
    """What ends a command becomes an error with a sentence; Typer would end the program without a word."""
    try:
        yield
    except ends as end:
        raise CancelledError(outcome, end.number if isinstance(end, Ended) else signal.SIGINT) from end


@cancelling("nothing was created", KeyboardInterrupt)
def create(  # noqa: PLR0913 - an argument for each flag
    dest: Annotated[
        str | None,
        typer.Argument(metavar="[DEST]", help="Folder to create.  [default: ./SLUG]", show_default=False),
    ] = None,
    *,
    preset: Annotated[str, typer.Option(help="A set of answers by its name.", metavar="NAME", callback=given)] = "",
    answers: Annotated[Path | None, typer.Option(help="Answers in YAML, JSON or TOML.", metavar="FILE")] = None,
    data: Annotated[list[str] | None, typer.Option(help="One answer; can be repeated.", metavar="NAME=VALUE")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing: defaults where nothing is given.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be done, and do nothing.")] = False,
    as_json: Json = False,
    no_git: Annotated[bool, typer.Option("--no-git", help="Make no repository and no first commit.")] = False,
    no_sync: Annotated[
        bool, typer.Option("--no-sync", help="Lock and install nothing (then nothing is checked).")
    ] = False,
    no_check: Annotated[bool, typer.Option("--no-check", help="Do not run the service's own checks.")] = False,
    **flags: str | bool | None,
) -> None:
    """Create a service. In a terminal it asks what you do not give; elsewhere it never asks."""
    from newapi import plan, report, sources, target, unasked, views, wizard
    from newapi.answers import Questionnaire
    from newapi.finish import Switches
    from newapi.perform import FILES, perform
    from newapi.progress import progress

    console = views.console(stderr=as_json)
    questionnaire = Questionnaire(_template())
    chosen = sources.preset(questionnaire, preset)
    spoken = {name: value for name, value in flags.items() if value is not None}
    said = sources.said(questionnaire, flags=spoken, data=data or (), file=answers)
    place = None if dest is None else target.find(dest)
    questionnaire = questionnaire.assuming({**sources.from_target(place), **sources.from_user(questionnaire)})
    switches = Switches(git=not no_git, sync=not no_sync, check=not no_check)
    planned = functools.partial(plan.make, questionnaire, dest=dest or "", switches=switches)
    asks = not (yes or as_json) and sys.stdin.isatty() and sys.stdout.isatty()
    if asks:
        made = wizard.run(questionnaire, said, planned, preset=preset)
    else:
        complete = questionnaire.complete({**chosen, **said})
        unasked.refuse(questionnaire, said, complete)
        made = planned(complete)
    if made is None:
        raise CancelledError("nothing was created")
    if dry_run:
        _show(console, views.plan(made), report.plan(made) if as_json else "")
        return
    start = time.monotonic()
    with progress(console, [FILES, *(step.name for step in made.steps)]) as shown:
        outcomes = perform(made, shown)
    seconds = time.monotonic() - start
    _show(console, views.result(made, outcomes, seconds), report.result(made, outcomes, seconds) if as_json else "")
    raise typer.Exit(_code(outcomes))


def options(*, as_json: Json = False) -> None:
    """List what can be answered, and the flag for it."""
    from newapi import report, views

    template = _template()
    _show(views.console(), views.options(template), report.options(template) if as_json else "")


def doctor(*, as_json: Json = False) -> None:
    """Say what this machine has of what services need, and how to get the rest."""
    from newapi import doctor, report, views

    findings = doctor.examine()
    _show(views.console(), views.doctor(findings), report.doctor(findings) if as_json else "")
    lacking = any(finding.required and not finding.version for finding in findings)
    raise typer.Exit(errors.MISSING if lacking else 0)


@cancelling("what was started is ended, and what held so far is kept", KeyboardInterrupt, Ended)
def verify(  # noqa: PLR0913 - an argument for each flag
    reports: Annotated[
        list[Path] | None, typer.Argument(metavar="[REPORT]...", help="With --merge: JSON reports.", show_default=False)
    ] = None,
    *,
    template: Annotated[
        str,
        typer.Option(
            metavar="PATH|URL", help="Another template than newapi's own.", show_default=False, callback=given
        ),
    ] = "",
    data: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE", help="One answer that does not vary.")] = None,
    select: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATTERN", help="Variants by name, such as '*sqlite*', or by answers: 'database=sqlite,auth=none'."
        ),
    ] = None,
    check: Annotated[list[str] | None, typer.Option(metavar="NAME", help="One check; can be repeated.")] = None,
    tier: Annotated[
        Literal["render", "static", "full"], typer.Option(help="How far to go: texts, code at rest, running services.")
    ] = "full",
    coverage: Annotated[
        Literal["each", "pairs", "triples", "all"] | None,
        typer.Option(
            help="Which combinations of answers have to be in.  [default: pairs; all with --select]", show_default=False
        ),
    ] = None,
    since: Annotated[
        str,
        typer.Option(
            metavar="REF",
            help="Show what changed in generated projects since then, and verify only that.",
            show_default=False,
            callback=given,
        ),
    ] = "",
    newest: Annotated[
        bool, typer.Option("--newest", help="Lock the newest versions that are allowed, not the template's pins.")
    ] = False,
    shard: Annotated[
        str,
        typer.Option(
            metavar="I/N",
            help="One of N parts of equal cost, for a matrix of CI jobs.",
            show_default=False,
            callback=given,
        ),
    ] = "",
    merge: Annotated[
        bool, typer.Option("--merge", help="Join the JSON reports of shards instead of verifying.")
    ] = False,
    jobs: Annotated[
        int,
        typer.Option(
            metavar="N", min=0, help="How many variants at once.  [default: two more than cores]", show_default=False
        ),
    ] = 0,
    scheduler: Annotated[
        str,
        typer.Option(metavar="tcp://...", help="Send the work to a Dask cluster.", show_default=False, callback=given),
    ] = "",
    postgresql: Annotated[
        str,
        typer.Option(
            metavar="URL",
            envvar="NEWAPI_POSTGRESQL_URL",
            help="Your own server, in place of one for the run.",
            show_default=False,
            callback=given,
        ),
    ] = "",
    redis: Annotated[
        str,
        typer.Option(
            metavar="URL",
            envvar="NEWAPI_REDIS_URL",
            help="Your own server, in place of one for the run.",
            show_default=False,
            callback=given,
        ),
    ] = "",
    keep: Annotated[bool, typer.Option("--keep", help="Keep all projects, not only those that fail.")] = False,
    fail_fast: Annotated[bool, typer.Option("--fail-fast", help="Stop at the first failure.")] = False,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Run what is known from earlier runs too.")] = False,
    list_: Annotated[bool, typer.Option("--list", help="Name the variants and what they will cost, and end.")] = False,
    json: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the report as JSON; - is stdout.")] = None,
    junit: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it as JUnit XML.")] = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it as one HTML page.")] = None,
) -> None:
    """Prove that the variants of a template hold: linted, typed, tested, booted, walked through."""
    if sys.platform == "win32":
        raise MissingError("verify starts and ends servers as Linux and macOS do.", "Run it there, or in WSL.")
    from newapi.verify import command
    from newapi.verify.request import Request
    from newapi.verify.servers import Urls

    where = template or os.environ.get(ELSEWHERE, "")
    asked = command.Asked(where, since, tuple(data or ()), shard, list_, json, junit, html)
    if merge or reports:
        if not (merge and reports):
            stranger = next((str(path) for path in reports or () if path.is_dir()), "")
            if stranger:
                raise UsageError(f"{stranger!r} is a folder, and no report.", f"newapi verify --template {stranger}")
            raise UsageError(
                "--merge takes JSON reports, and reports take --merge.", "newapi verify --merge a.json b.json"
            )
        raise typer.Exit(command.join(asked, reports))
    request = functools.partial(
        Request,
        select=tuple(select or ()),
        checks=tuple(check or ()),
        tier=tier,
        coverage=coverage or "",
        jobs=jobs,
        scheduler=scheduler,
        keep=keep,
        fail_fast=fail_fast,
        newest=newest,
        cache=not no_cache,
        urls=Urls(postgresql, redis),
    )
    raise typer.Exit(command.verify(asked, request))


def program(
    *,
    version: Annotated[bool, typer.Option("--version", help="Show the version and end.", is_eager=True)] = False,
    debug: Annotated[bool, typer.Option("--debug", help="With any command: show where an error comes from.")] = False,
) -> None:
    """Create complete, tested services."""
    del debug  # it is taken out of the words before they come here
    if version:
        typer.echo(f"newapi {newapi.__version__}")
        raise typer.Exit


def application(questions: "Iterable[Question]" = ()) -> typer.Typer:
    """The program; `create` takes the questions as options."""
    app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False)
    app.callback(invoke_without_command=True)(program)
    app.command()(asking(questions, create))
    app.command()(options)
    app.command()(doctor)
    app.command()(verify)
    return app


def main() -> NoReturn:
    """Run the program with the arguments of this process, and end it."""
    _open_streams()
    signal.signal(signal.SIGTERM, _end)
    if sys.platform != "win32" and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # `nohup` has it ignored
        signal.signal(signal.SIGHUP, _end)
    try:
        sys.exit(run(sys.argv[1:]))
    finally:
        _leave(sys.stdout)
        _leave(sys.stderr)


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    """End as on Ctrl-C: whatever was begun is taken back, whatever was started is ended."""
    signal.signal(number, signal.SIG_IGN)  # a shell that ends says it twice; once is enough to tidy up by
    raise Ended(number)


def _open_streams() -> None:
    """Make streams of which nothing is amiss: one that the caller closed is empty, and every character can be said."""
    null = Path(os.devnull)
    sys.stdin = sys.stdin or null.open(encoding="utf-8")
    sys.stdout = sys.stdout or null.open("w", encoding="utf-8")
    sys.stderr = sys.stderr or null.open("w", encoding="utf-8")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _leave(stream: TextIO) -> None:
    """Let go of what cannot be written: Python would try again at its end, and complain."""
    try:
        stream.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def run(argv: Sequence[str]) -> int:
    """Run the program and return the code it ends with; every error has become one sentence."""
    words = [word for word in argv if word != "--debug"] or ["--help"]
    try:
        # Shell completion passes its words by the environment.
        asked = "create" in words or any(name.endswith("_COMPLETE") for name in os.environ)
        app = application(_template().questions if asked else ())
        code = cast(object, app(words, prog_name="newapi", standalone_mode=False))
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except BrokenPipeError:
        return 1
    except (Exception, KeyboardInterrupt) as error:
        if "--debug" in argv:
            raise
        return _fail(_problem(error), as_json="--json" in words and ("verify" not in words or "-" in words))


def _problem(error: BaseException) -> NewapiError:
    """An error in words; one that nobody foresaw is a bug, and said to be one."""
    if isinstance(error, NewapiError):
        return error
    if isinstance(error, (KeyboardInterrupt, typer.Abort)):
        return CancelledError("nothing was created")
    if isinstance(error, typer.TyperException):
        return UsageError(error.format_message(), "`newapi --help` and `newapi create --help` show what can be said.")
    if isinstance(error, FileNotFoundError) and not cast(object, error.filename):  # only the current folder has none
        return UsageError("The folder that you are in is gone.", "Go to one that is there.")
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EIO}:
        return NewapiError(
            f"The output cannot be written: {error.strerror}.", "What was asked for is done all the same."
        )
    return NewapiError(f"{type(error).__name__}: {error}", "This is a bug in newapi; --debug shows where it happens.")


def _fail(problem: NewapiError, *, as_json: bool) -> int:
    from newapi import report, views

    with suppress(OSError):
        if as_json:
            sys.stdout.write(report.error(problem) + "\n")
            sys.stdout.flush()
    with suppress(OSError):
        views.show(views.console(stderr=True), views.error(problem))
    return problem.code


def _template() -> "Template":
    from newapi import template

    elsewhere = os.environ.get(ELSEWHERE)
    return template.load(Path(elsewhere) if elsewhere else None)


def _show(console: "Console", view: "RenderableType", document: str) -> None:
    """Print the document where one was asked for, else the view."""
    if document:
        sys.stdout.write(document + "\n")
    else:
        from newapi import views

        views.show(console, view)


def _code(outcomes: "Sequence[Outcome]") -> int:
    from newapi.perform import CANCELLED

    if any(outcome.reason == CANCELLED for outcome in outcomes):
        return errors.CANCELLED
    return errors.STEP_FAILED if any(outcome.status == "failed" for outcome in outcomes) else 0
