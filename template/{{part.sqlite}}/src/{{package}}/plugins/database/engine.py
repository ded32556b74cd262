"""The engine: SQLite, in a file."""

import asyncio
import os
import re
import sqlite3
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, cast

from msgspec import Meta, Struct
from msgspec.structs import replace
from sqlalchemy import Connection, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from ...findings import Finding
from .driver import Connection as Driver
from .driver import connect

# Migrations rebuild a table where SQLite cannot change it.
REBUILD_TABLES = True
# SQLite's own name for a database that is gone with its connection.
NOWHERE = "sqlite+aiosqlite:///file:?uri=true"
ONE_WRITER = 1


class DatabaseSettings(Struct, frozen=True, kw_only=True):
    """`busy_timeout` is how many seconds a writer waits for another one, and a reader for one of the `pool_size` that
    may read at once.
    """

    url: str = "sqlite+aiosqlite:///data.sqlite3"
    busy_timeout: Annotated[float, Meta(ge=0)] = 5.0
    pool_size: Annotated[int, Meta(ge=1)] = 5
    upgrade_on_start: bool = True

    def __post_init__(self) -> None:
        if not re.match(r"sqlite\+aiosqlite:///.", self.url):
            raise ValueError("DATABASE_URL is not of the form sqlite+aiosqlite:///data.sqlite3")
        if make_url(self.url).database == ":memory:":
            raise ValueError("DATABASE_URL is in memory, where each connection has a database of its own; name a file")

    @property
    def most_connections(self) -> int:
        return self.pool_size + ONE_WRITER

    @property
    def file(self) -> Path | None:
        """Where the data is; nothing where `url` has SQLite's own form of an address."""
        name = make_url(self.url).database or ""
        return None if name.startswith("file:") else Path(name)

    def findings(self) -> Iterator[Finding]:
        if self.file and not os.access(self.file.parent, os.W_OK):
            yield Finding(f"DATABASE_URL is in {self.file.parent}, where nothing can be written.", serious=True)


def looked_at(settings: DatabaseSettings) -> DatabaseSettings:
    """The same, for who only looks: where there would be a new file, a database that is empty and nowhere."""
    file = settings.file
    return settings if file is None or file.exists() else replace(settings, url=NOWHERE)


def create_engines(settings: DatabaseSettings) -> tuple[AsyncEngine, AsyncEngine]:
    """To write with, and to read with: connections that cannot write, and need no transaction to see one state of the
    data with each statement.
    """
    return create_engine(settings), open_engine(settings, settings.busy_timeout, settings.pool_size, "query_only = on")


def create_engine(settings: DatabaseSettings, *, migrating: bool = False) -> AsyncEngine:
    # Foreign keys are off while tables are rebuilt: dropping the old one would delete what refers to it.
    # A migration waits for as long as the one before it needs.
    seconds, foreign_keys = (600.0, "off") if migrating else (settings.busy_timeout, "on")
    engine = open_engine(settings, seconds, ONE_WRITER, f"foreign_keys = {foreign_keys}", "synchronous = normal")
    event.listen(engine.sync_engine, "begin", on_begin)
    return engine


def open_engine(settings: DatabaseSettings, seconds: float, size: int, *pragmas: str) -> AsyncEngine:
    engine = create_async_engine(
        settings.url,
        hide_parameters=True,  # errors are logged
        connect_args={"async_creator_fn": connect, "timeout": seconds},
        pool_size=size,
        max_overflow=0,
        pool_timeout=seconds,
    )

    def on_connect(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"pragma {pragma}")
        cursor.close()

    event.listen(engine.sync_engine, "connect", on_connect)
    return engine


def on_begin(connection: Connection) -> None:
    cast("Driver", connection.connection.driver_connection).begin()


class Writers:
    """Lets the transactions of this process that may write take turns.

    SQLite has one writer at a time. It would have those who wait look again after a while, and the unlucky ones starve.
    """

    def __init__(self, settings: DatabaseSettings) -> None:
        self.lock = asyncio.Lock()
        self.timeout = settings.busy_timeout

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[None]:
        try:
            async with asyncio.timeout(self.timeout):
                _ = await self.lock.acquire()
        except TimeoutError:
            raise PoolTimeoutError("Other transactions took too long to write.") from None
        try:
            yield
        finally:
            self.lock.release()


async def wait_for_other_migrations(connection: AsyncConnection) -> None:
    """Begin: the transaction is the only writer from its first statement on."""
    _ = await connection.execute(text("select 1"))


def may_pass(error: DBAPIError) -> bool:
    """Whether to try again makes sense: a writer that took too long, a disk that is full, but no missing column, and no
    handler that writes where it should read.
    """
    code = cast("int | None", getattr(error.orig, "sqlite_errorcode", None))
    return isinstance(error, OperationalError) and code not in {sqlite3.SQLITE_ERROR, sqlite3.SQLITE_READONLY}


def lost_race(_: DBAPIError) -> bool:
    """One writes at a time, so nobody loses one."""
    return False
