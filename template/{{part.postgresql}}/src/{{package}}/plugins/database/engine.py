"""The engine: PostgreSQL, through asyncpg."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Annotated, NoReturn, cast, override

import asyncpg
from msgspec import Meta, Struct
from sqlalchemy import Dialect, event, func, make_url, select
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_connection, AsyncAdapt_asyncpg_dbapi
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.util import await_only

from ...config import Secret
from ...findings import Finding

REBUILD_TABLES = False
# SQLSTATE: connection, rollback (serialization, deadlock), resources, interventions (timeout, shutdown).
PASSING_STATES = ("08", "40", "53", "57")
RACES = {"40001", "40P01"}  # serialization failure, deadlock: of two transactions that met, this one is undone
# How much later than its `statement_timeout` a server that lives has said so.
ANSWER_SECONDS = 2.0
MIGRATIONS = 7_390_114_226_551_080_303  # an advisory lock of our own: any number that nobody else uses


class DatabaseSettings(Struct, frozen=True, kw_only=True):
    """Sizes are for one worker: it opens `pool_size` connections, and `pool_overflow` more under load.

    Times are in seconds.
    """

    url: Secret
    pool_size: Annotated[int, Meta(ge=1)] = 10
    pool_overflow: Annotated[int, Meta(ge=0)] = 5
    pool_timeout: Annotated[float, Meta(gt=0)] = 5.0
    pool_recycle: Annotated[int, Meta(ge=1)] = 1800
    connect_timeout: Annotated[float, Meta(gt=0)] = 5.0
    statement_timeout: Annotated[float, Meta(gt=0)] = 15.0
    upgrade_on_start: bool = True

    @property
    def most_connections(self) -> int:
        return self.pool_size + self.pool_overflow

    def __post_init__(self) -> None:
        try:
            driver = make_url(self.url.reveal()).drivername
        except ArgumentError, ValueError:  # its own for a port that is no number has the password in it
            driver = ""
        if driver != "postgresql+asyncpg":
            raise ValueError("DATABASE_URL is not of the form postgresql+asyncpg://user:password@host:5432/name")

    def findings(self) -> Iterator[Finding]:
        url = make_url(self.url.reveal())
        if url.password and url.password in {url.username, "postgres", "password"}:
            yield Finding("The password in DATABASE_URL is the first that anybody would try.", serious=True)


def looked_at(settings: DatabaseSettings) -> DatabaseSettings:
    """The same: whoever only looks makes nothing here."""
    return settings


def create_engines(settings: DatabaseSettings) -> tuple[AsyncEngine, AsyncEngine]:
    """To write with, and to read with, on the same connections."""
    engine = create_engine(settings)
    return engine, engine.execution_options(postgresql_readonly=True)


def create_engine(settings: DatabaseSettings, *, migrating: bool = False) -> AsyncEngine:
    limits = {"application_name": __name__.partition(".")[0]}
    if not migrating:
        limits["statement_timeout"] = str(round(settings.statement_timeout * 1000))
    engine = create_async_engine(
        settings.url.reveal(),
        hide_parameters=True,  # errors are logged
        connect_args={
            "timeout": settings.connect_timeout,
            "command_timeout": None if migrating else settings.statement_timeout + ANSWER_SECONDS,
            "server_settings": limits,
        },
        pool_size=settings.pool_size,
        max_overflow=settings.pool_overflow,
        pool_timeout=settings.pool_timeout,
        pool_recycle=settings.pool_recycle,
        pool_pre_ping=True,
    )
    event.listen(engine.sync_engine, "do_connect", adapted)
    return engine


class Adapted(AsyncAdapt_asyncpg_connection):
    """A connection as SQLAlchemy has it, which is lost where the server says nothing for `command_timeout`: a server
    that hangs closes none, and SQLAlchemy knows no such error.
    """

    __slots__ = ()

    @override
    def _handle_exception(self, error: Exception) -> NoReturn:
        if not isinstance(error, TimeoutError):
            super()._handle_exception(error)
        self._terminate_force_close()
        raise AsyncAdapt_asyncpg_dbapi.OperationalError("the server does not answer", error) from error


def adapted(dialect: Dialect, _record: object, _arguments: object, options: dict[str, object]) -> Adapted:
    create = cast("Callable[[object, Awaitable[object]], Awaitable[Adapted]]", Adapted.create)
    return await_only(create(dialect.loaded_dbapi, connect(**options)))


class Connection(asyncpg.Connection):
    """A connection that says what SQLAlchemy understands where the server drops it as soon as it is made: the codecs
    are set before SQLAlchemy looks at errors.
    """

    @override
    async def set_type_codec(self, *arguments: object, **options: object) -> None:
        set_codec = cast("Callable[..., Awaitable[None]]", super().set_type_codec)
        try:
            await set_codec(*arguments, **options)
        except Exception as error:
            raise OperationalError("connect", None, error) from error


async def connect(**options: object) -> asyncpg.Connection:
    """Whatever keeps asyncpg from it (network, names, passwords) is one error of SQLAlchemy's. Whoever gives up
    meanwhile waits until there is a connection to close: asyncpg complains to the event loop of one that is half made.
    """
    driver = cast("Callable[..., Awaitable[asyncpg.Connection]]", asyncpg.connect)
    connecting = asyncio.ensure_future(driver(**options, connection_class=Connection))
    try:
        return await asyncio.shield(connecting)
    except asyncio.CancelledError:
        connecting.add_done_callback(discard)
        _ = await asyncio.wait([connecting])
        raise
    except Exception as error:
        raise OperationalError("connect", None, error) from error


def discard(connecting: asyncio.Future[asyncpg.Connection]) -> None:
    if not connecting.cancelled() and not connecting.exception():
        connecting.result().terminate()


class Writers:
    """PostgreSQL lets everybody write at the same time."""

    def __init__(self, _: DatabaseSettings) -> None: ...

    def turn(self) -> AbstractAsyncContextManager[None]:
        return nullcontext()


async def wait_for_other_migrations(connection: AsyncConnection) -> None:
    """Hold a lock until the transaction ends."""
    _ = await connection.execute(select(func.pg_advisory_xact_lock(MIGRATIONS)))


def may_pass(error: DBAPIError) -> bool:
    """Whether to try again makes sense: a lost connection, a lost race, a statement that took too long."""
    state = cast("str", getattr(error.orig, "sqlstate", None) or "")
    lost = error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)
    return lost or state.startswith(PASSING_STATES)


def lost_race(error: DBAPIError) -> bool:
    """Whether the same transaction, from its beginning, will do."""
    return getattr(error.orig, "sqlstate", None) in RACES
