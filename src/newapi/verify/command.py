"""The command `newapi verify`: from what a person asked for to what a person sees."""

import os
import re
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

import msgspec
from rich.console import Console, RenderableType

from newapi import sources, views
from newapi.answers import Questionnaire
from newapi.errors import DiskError, UsageError, quoted
from newapi.verify import coverage, keeper, live, origin, reports
from newapi.verify import views as verified
from newapi.verify.model import Report, Selected
from newapi.verify.request import OWN, Request
from newapi.verify.verification import Prepared, Verification

FAILED = 1
SHARD = re.compile(r"([1-9]\d{0,3})/([1-9]\d{0,3})")
STDOUT = Path("-")


class Asked(msgspec.Struct, frozen=True):
    """What the command line says beside the request: where the template is, and where the reports go."""

    template: str = ""
    since: str = ""
    data: tuple[str, ...] = ()
    shard: str = ""
    only_list: bool = False
    json: Path | None = None
    junit: Path | None = None
    html: Path | None = None


def verify(asked: Asked, make: Callable[..., Request]) -> int:
    """Verify a template and report it; the code that the program ends with. `make` takes what is not known yet."""
    _writable(asked)
    with ExitStack() as stack:
        away = asked.since or (asked.template and not Path(asked.template).is_dir())
        folder = stack.enter_context(keeper.run_folder()).folder if away else Path()
        request = _completed(asked, make, folder)
        verification = Verification(request)
        prepared = verification.prepare()
        console = views.console(stderr=asked.json == STDOUT)
        if asked.only_list:
            _show(console, verified.listing(_selected(request, prepared), tuple(prepared.matrix.listed())))
            return 0
        with live.watching(console) as watcher:
            report = verification.run(prepared, watcher)
    return _told(asked, report, console)


def join(asked: Asked, files: Sequence[Path]) -> int:
    """Join the reports of shards, and report them as one."""
    _writable(asked)
    report = reports.merge({str(file): reports.read(file) for file in files})
    return _told(asked, report, views.console(stderr=asked.json == STDOUT))


def _completed(asked: Asked, make: Callable[..., Request], folder: Path) -> Request:
    """The request with all that the words of the command line mean; templates that are fetched go into `folder`."""
    found = SHARD.fullmatch(asked.shard or "1/1")
    shard = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 0 < shard[0] <= shard[1]:
        raise UsageError(f"--shard {quoted(asked.shard)} is not one part of several.", "Write it like --shard 1/4.")
    template = origin.resolve(asked.template or None, None, folder / "now")
    before = origin.resolve(asked.template or None, asked.since, folder / "before") if asked.since else None
    fixed = sources.said(Questionnaire(template), flags={}, data=asked.data)
    words = ["newapi", "verify", *(("--template", origin.shown(asked.template)) if asked.template else ())]
    words += [word for pair in asked.data for word in ("--data", pair)]
    made = make(
        template=template,
        fixed=fixed,
        shard=shard,
        before=before and (asked.since, before),
        name=_name(asked.template) if asked.template else OWN,
    )
    return msgspec.structs.replace(made, command=(*words, *(("--newest",) if made.newest else ())))


def _name(where: str) -> str:
    """A template's name in reports: its address, or its folder without the way there, which differs by machine."""
    return Path(where).resolve().name if Path(where).is_dir() else origin.shown(where)


def _selected(request: Request, prepared: Prepared) -> Selected:
    return Selected(
        variants=tuple(row.variant for row in prepared.matrix.rows),
        space=len(prepared.space),
        distinct=prepared.distinct,
        reachable={strength: coverage.combinations(prepared.space, strength) for strength in request.told},
    )


def _told(asked: Asked, report: Report, console: Console) -> int:
    """Write the reports that are wanted, show the result, and say whether all holds."""
    _show(console, verified.result(report))
    for path, encode in ((asked.json, reports.encode), (asked.junit, reports.junit), (asked.html, reports.html)):
        if path == STDOUT:
            sys.stdout.write(encode(report).decode())
        elif path is not None:
            _write(path, encode(report))
    if place := os.environ.get("GITHUB_STEP_SUMMARY"):
        with suppress(OSError):
            reports.summary(report, Path(place))
    return 0 if report.passed else FAILED


def _writable(asked: Asked) -> None:
    """Refuse a report's place now that would be missed only after an hour of work."""
    for path in (asked.json, asked.junit, asked.html):
        if path is None or path == STDOUT:
            continue
        if path.is_dir() or not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
            raise UsageError(
                f"No report can be written to {quoted(str(path))}.", "Name a file in a folder that exists."
            )


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise DiskError(f"The report {quoted(str(path))} cannot be written: {error.strerror}.") from error


def _show(console: Console, view: RenderableType) -> None:
    views.show(console, view)
