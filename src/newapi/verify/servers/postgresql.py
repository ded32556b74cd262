"""Databases on a PostgreSQL server, each of them there for one use."""

import secrets
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

import msgspec

from newapi import binaries, process
from newapi.errors import MissingError
from newapi.verify.place import Run


class Postgresql(msgspec.Struct, frozen=True):
    """A server, the `psql` to talk to it, and the `prefix` that all databases of the run have."""

    url: str
    psql: str
    prefix: str
    cloning: str = ""
    own: bool = False

    @contextmanager
    def database(self) -> Generator[str]:
        """The URL of a new, empty database, which is dropped at the end, whoever is still connected."""
        name = f"{self.prefix}{secrets.token_hex(4)}"
        self.execute(f"create database {name} template template0 {self.cloning}")
        try:
            yield urlsplit(self.url)._replace(path=f"/{name}").geturl()
        finally:
            with suppress(MissingError):  # what cannot be dropped now is dropped when the run ends
                self.drop(name)

    def drop(self, name: str) -> None:
        self.execute(f"drop database if exists {name} with (force)")

    def execute(self, statement: str) -> str:
        parts = urlsplit(self.url)
        address = parts._replace(scheme="postgresql", netloc=_without_password(parts)).geturl()
        password = {"PGPASSWORD": unquote(parts.password)} if parts.password else {}  # `ps` shows what a command says
        argv = [self.psql, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", address, "-c", statement]
        done = process.run(argv, Path("/"), env=process.environment(PGCONNECT_TIMEOUT="10", **password))
        if done.code:
            raise MissingError(f"PostgreSQL at {address} does not do what it was asked to.", done.output)
        return done.output

    def clean(self) -> None:
        """Drop what the run has left."""
        pattern = self.prefix.replace("_", r"\_")
        for name in self.execute(f"select datname from pg_database where datname like '{pattern}%'").split():  # noqa: S608 - of our own making
            self.drop(name)


def existing(run: Run, url: str) -> Postgresql:
    """The user's own server; it may be a busy one, and is not made to write everything out for a clone."""
    psql = binaries.psql()
    if not psql:
        raise MissingError("A PostgreSQL server is named by its URL, but psql, which speaks to it, is not here.",
                           "Install PostgreSQL's client (`apt install postgresql-client`).")  # fmt: skip
    parts = urlsplit(url)
    server = Postgresql(parts._replace(path=parts.path.strip("/") or "postgres").geturl(), str(psql), prefix(run))
    server.execute("select 1")
    return server


def prefix(run: Run) -> str:
    return f"newapi_{run.id}_"


def _without_password(parts: SplitResult) -> str:
    user, at, place = parts.netloc.rpartition("@")
    return user.partition(":")[0] + at + place
