"""What the machine has to have before anything is started: found now, or refused now, in one sentence."""

import re
from pathlib import Path

from newapi import binaries, process, steps
from newapi.errors import MissingError
from newapi.verify import servers, tools
from newapi.verify.matrix import Matrix
from newapi.verify.place import PREFIX, Run
from newapi.verify.request import Request
from newapi.verify.servers import postgresql, redis

VERSION = re.compile(r"\d+(?:\.\d+)+")
FETCHING = 300.0  # seconds for a tool that is not here yet


def versions(request: Request) -> dict[str, str]:
    """The version of each server that results may follow from; a server of the user's is known by its address."""
    folder = binaries.postgresql()
    return {
        "postgresql": request.urls.postgresql or _version(folder and folder / "postgres"),
        "redis": request.urls.redis or _version(binaries.redis()),
    }


def require(request: Request, table: Matrix) -> None:
    """Raise MissingError for the first thing that the planned work needs and this machine lacks.

    What is sent to a cluster is asked of its workers, when they come to it.
    """
    if request.scheduler:
        return
    given = {"postgresql": request.urls.postgresql, "redis": request.urls.redis}
    for name in sorted(table.servers - {name for name, url in given.items() if url}):
        if sentence := servers.missing(name):
            raise MissingError(sentence, f"Or name one of yours: --{name} URL.")
    if "postgresql" in table.servers and request.urls.postgresql:
        postgresql.existing(Run(Path(PREFIX)), request.urls.postgresql)
    if "redis" in table.servers and request.urls.redis:
        redis.existing(Run(Path(PREFIX)), request.urls.redis)
    planned = {check for one in table.planned() for check in one.checks}
    for package in sorted({tool for check in table.checks if check.name in planned for tool in check.tools}):
        _require_tool(package)


def _require_tool(package: str) -> None:
    pin = tools.pins()[package]
    fetch = (steps.uv(), "tool", "run", "--from", pin, "python", "-c", "")
    done = process.run(fetch, Path.cwd(), timeout=FETCHING)
    if done.code:
        raise MissingError(f"{pin}, which a check runs, cannot be installed: {done.output}", "Is there a network?")


def _version(program: Path | None) -> str:
    found = VERSION.search(process.run((str(program), "--version"), Path.cwd(), timeout=20).output) if program else None
    return found.group() if found else ""
