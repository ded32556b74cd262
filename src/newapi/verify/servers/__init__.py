"""The servers of a run: started when they are first needed, shared by its processes; or the user's own."""

from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import msgspec

from newapi import binaries
from newapi.errors import MissingError
from newapi.verify.place import Run
from newapi.verify.servers import cluster, postgresql, redis
from newapi.verify.servers.postgresql import Postgresql
from newapi.verify.servers.redis import Redis

Server = TypeVar("Server", Postgresql, Redis)


class Urls(msgspec.Struct, frozen=True):
    """Servers that the user has, where there are any."""

    postgresql: str = ""
    redis: str = ""


class Servers(msgspec.Struct, frozen=True):
    """Places on the servers of the run in `folder`: databases that are empty, and gone when their block ends."""

    folder: Path
    urls: Urls = Urls()

    @contextmanager
    def postgresql(self) -> Generator[str]:
        url = self.urls.postgresql
        server = _once(
            Run(self.folder), Postgresql, lambda run: postgresql.existing(run, url) if url else cluster.start(run)
        )
        with server.database() as place:
            yield place

    @contextmanager
    def redis(self) -> Generator[str]:
        url = self.urls.redis
        server = _once(Run(self.folder), Redis, lambda run: redis.existing(run, url) if url else redis.start(run))
        with server.database() as place:
            yield place


def missing(name: str) -> str:
    """Why there cannot be a server of this name, and what can be done about it; empty when there can."""
    match name:
        case "postgresql" if not binaries.postgresql():
            return f"{cluster.ABSENT} {cluster.REMEDY}"
        case "redis" if not binaries.redis():
            return f"{redis.ABSENT} {redis.REMEDY}"
        case _:
            return ""


def clean(run: Run) -> None:
    """Remove what the run has left on servers of the user; its own are gone."""
    for server in (_known(run, Postgresql), _known(run, Redis)):
        if server and not server.own:
            with suppress(MissingError):
                server.clean()


def _once(run: Run, kind: type[Server], start: Callable[[Run], Server]) -> Server:
    """The one server of all processes of the run; the first of them starts it."""
    with run.alone(kind.__name__.lower()):
        server = _known(run, kind)
        if not server:
            server = start(run)
            half = _record(run, kind).with_suffix(".half")
            half.touch(mode=0o600)
            half.write_bytes(msgspec.json.encode(server))
            half.rename(_record(run, kind))
    return server


def _known(run: Run, kind: type[Server]) -> Server | None:
    record = _record(run, kind)
    return msgspec.json.decode(record.read_bytes(), type=kind) if record.exists() else None


def _record(run: Run, kind: type[Server]) -> Path:
    return run.folder / f"{kind.__name__.lower()}.json"
