"""The engine's life, the session of a request, and what its errors mean to the caller."""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, nullcontext
from http import HTTPStatus
from typing import cast, override

import structlog
from litestar import Request, Response
from litestar.config.app import AppConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.plugins import InitPlugin, ReceiveRoutePlugin
from litestar.routes import BaseRoute, HTTPRoute
from litestar.types import Scope
from sqlalchemy import Connection, Executable, Row, event, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from sqlalchemy.orm import Session, SessionTransaction
from sqlalchemy.util import greenlet_spawn

from ...errors import AnyRequest, Problem, on_bug, problem
from ..docs.responses import add_problems
from .engine import DatabaseSettings, Writers, create_engines, lost_race, may_pass

type Action = Callable[[], Awaitable[None]]

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
AFTER_COMMIT = "after commit"
TRANSACTION = "transaction"
BEGUN = "begun"
MOST_TRIES = 5
PAUSE_SECONDS = 0.1


class CommittedError(Exception):
    """The work is stored, and something that was to follow it failed."""


class NotingSession(Session):
    """Notes whether it has asked the database for anything."""


@event.listens_for(NotingSession, "after_begin")
def note_begin(session: Session, _transaction: SessionTransaction, _connection: Connection) -> None:
    session.info[BEGUN] = True


class Database:
    """The engines and their sessions. Made by the application, or by a command, and closed by whoever made it."""

    def __init__(self, settings: DatabaseSettings) -> None:
        self.settings = settings
        self.engine, self.readers = create_engines(settings)
        self.sessions = async_sessionmaker(self.engine, sync_session_class=NotingSession, expire_on_commit=False)
        self.reading = async_sessionmaker(self.readers, expire_on_commit=False)
        self.writers = Writers(settings)

    @property
    def engines(self) -> Collection[AsyncEngine]:
        """Those with connections of their own."""
        return {engine.pool: engine for engine in (self.readers, self.engine)}.values()

    @asynccontextmanager
    async def transaction(self, *, read_only: bool = False) -> AsyncGenerator[AsyncSession]:
        """A session whose work is committed at the end, or undone by an exception. Where it only reads, each statement
        sees what is committed by then.

        Raises `CommittedError` where there was work, which is stored, and what was left until then failed.
        """
        turn, sessions = (nullcontext(), self.reading) if read_only else (self.writers.turn(), self.sessions)
        async with turn, begun(sessions()) as session:
            yield session
        failures: list[Exception] = []
        for action in cast("list[Action]", session.info.get(AFTER_COMMIT, [])):
            try:
                await action()
            except Exception as error:  # whatever a feature's own code raises
                failures.append(error)
        if failures and session.info.get(BEGUN):
            raise CommittedError("What was to follow a commit failed.") from failures[0]
        if failures:
            raise failures[0]

    async def repeat[T](self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """What `work` gives, in a transaction of its own; all of it is done again where it lost a race to another one.

        So it may do nothing but what its session undoes. A request's own work is not repeated: it answers 503, and
        whoever asked knows whether to ask again.
        """
        tries = 1
        while True:
            try:
                async with self.transaction() as session:
                    return await work(session)
            except DBAPIError as error:
                if tries == MOST_TRIES or not lost_race(error):
                    raise
            # Not at the same moment as the one that it met.
            await asyncio.sleep(random.uniform(0, PAUSE_SECONDS * tries))  # noqa: S311 - nothing secret
            tries += 1

    async def ask(self, query: Executable, values: Mapping[str, object]) -> Sequence[Row[*tuple[object, ...]]]:
        """The rows of a query that only reads, by itself.

        For what every request asks: without a session, which keeps track of changes, and in one greenlet, where
        SQLAlchemy's asynchronous connection begins one for each step.
        """

        def run() -> Sequence[Row[*tuple[object, ...]]]:
            with self.readers.sync_engine.connect() as connection:
                return connection.execute(query, values).all()

        return await greenlet_spawn(run)

    async def ping(self) -> None:
        _ = await self.ask(text("select 1"), {})

    async def close(self) -> None:
        for engine in self.engines:
            await engine.dispose()


@asynccontextmanager
async def begun(session: AsyncSession) -> AsyncGenerator[AsyncSession]:
    """A session in its transaction, which ends with it: what is begun here has ended by then.

    To begin asks nothing of the database, and both ends are in one greenlet. SQLAlchemy's asynchronous session begins
    one for each of the three, and leaves its closing to the event loop.
    """
    ends = ExitStack()
    _ = ends.enter_context(session.sync_session)
    _ = ends.enter_context(session.sync_session.begin())
    try:
        yield session
    except BaseException as error:
        _ = await greenlet_spawn(ends.__exit__, type(error), error, error.__traceback__)
        raise
    await greenlet_spawn(ends.close)


class DatabasePlugin(InitPlugin, ReceiveRoutePlugin):
    """Give handlers a `session`, and the application's state its `database`."""

    name: str = "database"

    def __init__(self, settings: DatabaseSettings) -> None:
        self.database = Database(settings)

    async def ping(self) -> None:
        await self.database.ping()

    @override
    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        app_config.state["database"] = self.database
        app_config.dependencies["session"] = Provide(self.provide_session)
        app_config.on_shutdown.append(self.database.close)
        app_config.exception_handlers[IntegrityError] = on_conflict
        app_config.exception_handlers[DBAPIError] = on_driver_error
        app_config.exception_handlers[PoolTimeoutError] = on_unavailable
        app_config.exception_handlers[CommittedError] = on_committed
        app_config.after_exception.append(end_transaction)
        return app_config

    @override
    def receive_route(self, route: BaseRoute) -> None:
        """Say of every operation of the API that it may find no database."""
        if isinstance(route, HTTPRoute) and route.path.startswith("/api/"):
            for handler in route.route_handlers:
                add_problems(handler, HTTPStatus.SERVICE_UNAVAILABLE)

    async def provide_session(self, request: Request[object, object, State]) -> AsyncGenerator[AsyncSession]:
        """The transaction of the request: committed before the answer is sent, so an answer never says more than
        the database knows. An exception, a failing commit among them, undoes it and becomes the answer.
        """
        async with AsyncExitStack() as stack:
            request.scope["state"][TRANSACTION] = stack
            transaction = self.database.transaction(read_only=request.method in SAFE_METHODS)
            yield await stack.enter_async_context(transaction)


async def after_commit(session: AsyncSession, action: Action) -> None:
    """Leave something that others hear of until the session's work is committed; with what is undone it is not done."""
    cast("list[Action]", session.info.setdefault(AFTER_COMMIT, [])).append(action)


async def end_transaction(error: Exception, scope: Scope) -> None:
    """Undo what a request has begun. Where another of its dependencies fails, Litestar leaves this one's generator to
    whoever collects the garbage, and a transaction that may write keeps all other writers waiting.
    """
    stack = cast("AsyncExitStack | None", scope["state"].pop(TRANSACTION, None))
    if stack:
        _ = await stack.__aexit__(type(error), error, error.__traceback__)


def on_committed(request: AnyRequest, error: CommittedError) -> Response[Problem]:
    """No word of trying again: the work would be done twice."""
    structlog.stdlib.get_logger("database").error("not all that was to follow a commit is done", exc_info=error)
    detail = "It is stored, and not all that should follow it is done."
    return problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, detail)


def on_conflict(request: AnyRequest, error: IntegrityError) -> Response[Problem]:
    # The driver's own text repeats what was to be stored.
    structlog.stdlib.get_logger("database").warning("conflict", error=type(error.orig).__name__)
    return problem(request, HTTPStatus.CONFLICT, "This contradicts what is stored already.")


def on_driver_error(request: AnyRequest, error: DBAPIError) -> Response[Problem]:
    """What may go better the next time is said to be so; the rest is a bug."""
    return on_unavailable(request, error) if may_pass(error) else on_bug(request, error)


def on_unavailable(request: AnyRequest, error: Exception) -> Response[Problem]:
    structlog.stdlib.get_logger("database").error("unavailable", exc_info=error)
    return problem(
        request, HTTPStatus.SERVICE_UNAVAILABLE, "The database cannot do this now.", headers={"retry-after": "5"}
    )
