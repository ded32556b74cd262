"""The same service as many would write it: FastAPI, Pydantic, SQLAlchemy, on Uvicorn.

It has what the load asks for, and does for it what the created service does: an account's session is looked up for each
token, a request is one transaction, a log line and a request id, errors are problem documents.
"""

import asyncio
import logging
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID, uuid4, uuid7

import jwt
import structlog
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Query, Request, Response
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import ForeignKey, String, Text, event, func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SECRET = os.environ["PEER_SECRET"]
CLAIMS = {"require": ["exp", "iat", "iss", "aud", "sub", "jti"]}
HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "no-referrer",
    "strict-transport-security": "max-age=31536000",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}

logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(message)s")
structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.JSONRenderer(),
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
)
log = structlog.stdlib.get_logger("request")
engine = create_async_engine(f"sqlite+aiosqlite:///{os.environ['PEER_DATABASE']}")
sessions = async_sessionmaker(engine, expire_on_commit=False)
passwords = PasswordHash((Argon2Hasher(),))


@event.listens_for(engine.sync_engine, "connect")
def set_pragmas(connection, _record):
    for pragma in ("journal_mode=wal", "synchronous=normal", "foreign_keys=on", "busy_timeout=5000"):
        connection.execute(f"pragma {pragma}").close()


class Base(DeclarativeBase):
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    created_at: Mapped[datetime] = mapped_column(default=lambda: datetime.now(UTC))
    updated_at: Mapped[datetime] = mapped_column(default=lambda: datetime.now(UTC), onupdate=lambda: datetime.now(UTC))


class Account(Base):
    __tablename__ = "account"
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))


class LoginSession(Base):
    __tablename__ = "login_session"
    user_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    expires_at: Mapped[datetime]


class Task(Base):
    __tablename__ = "task"
    owner_id: Mapped[UUID] = mapped_column(index=True)
    version: Mapped[int] = mapped_column(default=1)
    title: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[str] = mapped_column(String(16), default="todo")
    priority: Mapped[str] = mapped_column(String(16), default="normal")
    due_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]


class Status(StrEnum):
    TODO = "todo"
    IN_PROGRESS = "in_progress"
    DONE = "done"


class Priority(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=False)


class Credentials(Form):
    email: Annotated[str, Field(max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
    password: Annotated[str, Field(min_length=12, max_length=128)]


class TaskCreate(Form):
    title: Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
    description: Annotated[str, Field(max_length=10_000)] = ""
    priority: Priority = Priority.NORMAL
    due_at: AwareDatetime | None = None


class TaskOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    version: int
    title: str
    description: str
    status: Status
    priority: Priority
    due_at: datetime | None
    completed_at: datetime | None
    created_at: datetime
    updated_at: datetime


class TaskPage(BaseModel):
    items: list[TaskOut]
    total: int
    limit: int
    offset: int


async def transaction() -> AsyncIterator[AsyncSession]:
    async with sessions() as session, session.begin():
        yield session


Session = Annotated[AsyncSession, Depends(transaction, scope="function")]
bearer = HTTPBearer()


async def signed_in(session: Session, token: Annotated[HTTPAuthorizationCredentials, Depends(bearer)]) -> UUID:
    try:
        claims = jwt.decode(token.credentials, SECRET, ["HS256"], issuer="peer", audience="api", options=CLAIMS)
    except jwt.InvalidTokenError as error:
        raise HTTPException(401, "A valid access token is needed.") from error
    account = await session.scalar(
        select(Account)
        .join(LoginSession, LoginSession.user_id == Account.id)
        .where(
            Account.id == UUID(claims["sub"]),
            LoginSession.id == UUID(claims["sid"]),
            LoginSession.expires_at > datetime.now(UTC),
        )
    )
    if account is None:
        raise HTTPException(401, "A valid access token is needed.")
    return account.id


Owner = Annotated[UUID, Depends(signed_in)]
api = APIRouter(prefix="/api/v1")


@api.post("/auth/register", status_code=201)
async def register(data: Credentials, session: Session) -> dict[str, str]:
    hashed = await asyncio.to_thread(passwords.hash, data.password)
    session.add(Account(email=data.email, password_hash=hashed))
    return {"email": data.email}


@api.post("/auth/login")
async def log_in(data: Credentials, session: Session) -> dict[str, str]:
    account = await session.scalar(select(Account).where(Account.email == data.email))
    if account is None or not await asyncio.to_thread(passwords.verify, data.password, account.password_hash):
        raise HTTPException(401, "Wrong address or password.")
    now = datetime.now(UTC)
    started = LoginSession(id=uuid7(), user_id=account.id, expires_at=now + timedelta(days=14))
    session.add(started)
    claims = {"sub": str(account.id), "sid": str(started.id), "iss": "peer", "aud": "api", "jti": uuid4().hex}
    return {"access_token": jwt.encode({**claims, "iat": now, "exp": now + timedelta(minutes=15)}, SECRET, "HS256")}


@api.post("/tasks", status_code=201)
async def create_task(data: TaskCreate, session: Session, owner: Owner, response: Response) -> TaskOut:
    task = Task(owner_id=owner, **data.model_dump())
    session.add(task)
    await session.flush()
    response.headers["location"] = f"/api/v1/tasks/{task.id}"
    response.headers["etag"] = f'"{task.version}"'
    return TaskOut.model_validate(task)


@api.get("/tasks")
async def list_tasks(
    session: Session,
    owner: Owner,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    status: Status | None = None,
    priority: Priority | None = None,
    search: Annotated[str, Query(max_length=200)] = "",
    sort: Literal["created_at", "updated_at", "due_at", "title"] = "created_at",
    order: Literal["asc", "desc"] = "desc",
) -> TaskPage:
    wanted = select(Task).where(Task.owner_id == owner)
    if status:
        wanted = wanted.where(Task.status == status)
    if priority:
        wanted = wanted.where(Task.priority == priority)
    if search:
        wanted = wanted.where(Task.title.icontains(search, autoescape=True))
    column = getattr(Task, sort)
    ordered = wanted.order_by((column.desc() if order == "desc" else column.asc()).nulls_last(), Task.id)
    found = await session.scalars(ordered.limit(limit).offset(offset))
    total = await session.scalar(select(func.count()).select_from(wanted.subquery()))
    items = [TaskOut.model_validate(task) for task in found]
    return TaskPage(items=items, total=total or 0, limit=limit, offset=offset)


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield
    await engine.dispose()


app = FastAPI(title="Peer", lifespan=lifespan)
app.include_router(api)
app.add_middleware(GZipMiddleware, minimum_size=1024)


@app.get("/health/live")
async def live() -> dict[str, str]:
    return {"status": "ok"}


@app.exception_handler(HTTPException)
async def problem(request: Request, error: HTTPException) -> JSONResponse:
    body = {"title": error.detail, "status": error.status_code, "instance": request.url.path}
    return JSONResponse(body, error.status_code, media_type="application/problem+json")


class RequestLog:
    """Not `BaseHTTPMiddleware`, which would cost the peer a task for each request."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        request_id, start, status = uuid4().hex, time.perf_counter(), 500
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)

        async def send_with_id(message):
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                more = {"x-request-id": request_id, **HEADERS}
                message["headers"] += [(name.encode(), value.encode()) for name, value in more.items()]
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        finally:
            level = logging.DEBUG if scope["path"].startswith("/health/") else logging.INFO
            milliseconds = round((time.perf_counter() - start) * 1000, 2)
            log.log(
                level, "request", method=scope["method"], path=scope["path"], status=status, milliseconds=milliseconds
            )


app.add_middleware(RequestLog)
