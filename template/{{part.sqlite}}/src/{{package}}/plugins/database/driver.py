"""The driver: aiosqlite, which gives each connection a thread, with one way there and back for a statement.

By itself it goes there four times for a query: to open a cursor, to execute, to fetch and to close.
"""

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import cast, override

import aiosqlite

BEGIN = "begin immediate"  # take the right to write at once: SQLite refuses to hand it to a reader later on
PAUSE = 0.01  # seconds, before a file is asked again

type Values = Sequence[object]
type Execute = Callable[[sqlite3.Connection], sqlite3.Cursor]
type Executed = tuple[sqlite3.Cursor, list[Values]]


class Connection(aiosqlite.Connection):
    """A transaction begins on the way of its first statement, and one without any is never begun."""

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(partial(self.open_in_thread, connect), iter_chunk_size=1)
        self.opened: sqlite3.Connection | None = None
        self.stopped: asyncio.Future[None] | None = None
        self._thread.daemon = True  # SQLAlchemy's own do not hold up the end of the process either
        self.to_begin = False
        self.begun = False

    async def open(self) -> Connection:
        """Whoever gives up meanwhile waits for the thread: it has something to tell to the event loop until then."""
        try:
            return cast("Connection", await self)
        finally:
            if self.stopped:
                await self.stopped

    def open_in_thread(self, connect: Callable[[], sqlite3.Connection]) -> sqlite3.Connection:
        self.opened = connect()
        return self.opened

    @override
    def stop(self) -> asyncio.Future[None] | None:
        """End the thread; aiosqlite would leave a file open whose opening was cancelled."""
        if self.stopped:
            return self.stopped
        self._tx.put_nowait((None, self.close_in_thread))
        self.stopped = cast("asyncio.Future[None] | None", super().stop())
        return self.stopped

    def close_in_thread(self) -> None:
        if self.opened:
            self.opened.close()

    def begin(self) -> None:
        self.to_begin = True

    async def run(self, execute: Execute) -> Executed:
        begin, self.to_begin = self.to_begin, False
        # Noted before it is so: a request that is cancelled meanwhile has this to undo.
        self.begun = True
        executed = cast("Executed", await self._execute(self.run_in_thread, execute, begin=begin))
        self.begun = self.in_transaction  # who reads begins none, but a savepoint does
        return executed

    def run_in_thread(self, execute: Execute, *, begin: bool) -> Executed:
        if begin:
            _ = self._conn.execute(BEGIN)
        cursor = execute(self._conn)
        try:
            return cursor, cursor.fetchall()
        finally:
            cursor.close()

    @override
    async def commit(self) -> None:
        await self.end(super().commit)

    @override
    async def rollback(self) -> None:
        await self.end(super().rollback)

    async def end(self, end: Callable[[], Awaitable[None]]) -> None:
        if self.begun:
            await end()
        self.to_begin = self.begun = False

    @override
    def cursor(self) -> Cursor:  # pyright: ignore[reportIncompatibleMethodOverride] - theirs is awaited, and SQLAlchemy does not
        return Cursor(self)


class Cursor:
    """What SQLAlchemy asks of a cursor. All rows have come along with the answer."""

    arraysize = 1

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.rows: Iterator[Values] = iter(())
        self.description: Sequence[Values] | None = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> Cursor:
        return self

    async def execute(self, sql: str, parameters: Values = ()) -> None:
        await self.run(lambda connection: connection.execute(sql, parameters))

    async def executemany(self, sql: str, parameters: Sequence[Values]) -> None:
        await self.run(lambda connection: connection.executemany(sql, parameters))

    async def run(self, execute: Execute) -> None:
        executed, rows = await self.connection.run(execute)
        self.rows = iter(rows)
        self.description, self.rowcount = executed.description, executed.rowcount
        self.lastrowid = executed.lastrowid

    async def fetchone(self) -> Values | None:
        return next(self.rows, None)

    async def fetchmany(self, size: int = arraysize) -> Sequence[Values]:
        return list(islice(self.rows, size))

    async def fetchall(self) -> Sequence[Values]:
        return list(self.rows)

    async def close(self) -> None:
        self.rows = iter(())


def connect(path: str, *, timeout: float, **options: object) -> Awaitable[Connection]:
    """SQLAlchemy begins, and not the driver."""
    open_file = cast("Callable[..., sqlite3.Connection]", sqlite3.connect)
    opening = partial(open_file, path, timeout=timeout, isolation_level=None, **options)
    return Connection(partial(open_wal, opening, timeout)).open()


def open_wal(open_file: Callable[[], sqlite3.Connection], timeout: float) -> sqlite3.Connection:
    """Let readers and a writer work at the same time. Of several that ask this of a new file at once, SQLite refuses
    all but one without waiting.
    """
    connection, end = open_file(), time.monotonic() + timeout
    while True:
        try:
            connection.execute("pragma journal_mode = wal").close()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                connection.close()
                raise
            time.sleep(PAUSE)
        else:
            return connection
