"""One service of the production preset for all tests of the folder, on servers that can be killed."""

import os
import resource
import secrets
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path

import pytest

from newapi import cli
from newapi.verify.keeper import run_folder
from newapi.verify.place import HOST, MARK, Run
from newapi.verify.servers import Servers
from tests.production.servers import Cache, Database, Server
from tests.production.service import Client, Production, Served

SETTINGS = {
    "SERVER_HOST": HOST,
    "SERVER_HEADER_TIMEOUT": "3",
    "SERVER_KILL_TIMEOUT": "10",
    "HTTP_BODY_TIMEOUT": "3",
    "AUTH_ADDRESS_ATTEMPTS": "1000",  # all clients have one address
    "AUTH_HASH_MEMORY_KIB": "1024",
    "AUTH_HASH_PASSES": "1",
    "JOBS_TIMEOUT": "10",
    "JOBS_SWEEP": "1",
    "JOBS_RETRY_DELAY": "0.1",
    "METRICS_PORT": "0",
    "LOG_FORMAT": "json",
}


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("production")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert cli.run(["create", "desk", "--yes", "--no-git", "--no-check", "--preset", "production"]) == 0
    return folder / "desk"


@pytest.fixture(scope="session")
def run(postgresql: Servers, redis: Servers) -> Generator[Run]:
    """A run beside that of the session: nobody else uses its servers."""
    del postgresql, redis  # they are there, or the tests are skipped
    sessions = os.environ[MARK]
    with run_folder() as run, pytest.MonkeyPatch.context() as patch:
        patch.setenv(MARK, sessions)
        yield run


@pytest.fixture(scope="session")
def database(run: Run) -> Database:
    return Database(run)


@pytest.fixture(scope="session")
def cache(run: Run) -> Generator[Cache]:
    with ExitStack() as stack:
        yield Cache(run, stack)


@pytest.fixture(scope="session")
def servers(database: Database, cache: Cache) -> dict[str, Server]:
    return {"database": database, "redis": cache}


@pytest.fixture(scope="session")
def production(project: Path, run: Run, database: Database, cache: Cache) -> Production:
    places = {
        "DATABASE_URL": database.url.replace("postgresql", "postgresql+asyncpg", 1),
        "REDIS_URL": cache.url,
        "AUTH_SECRET": secrets.token_urlsafe(48),
        MARK: str(run.folder),
    }
    return Production(project, run.folder, SETTINGS | places)


@pytest.fixture(scope="session")
def service(production: Production) -> Generator[Served]:
    with production.serving() as served:
        yield served


@pytest.fixture
def ada(service: Served) -> Client:
    return service.client.signed_up()


@pytest.fixture(scope="session")
def many_files() -> None:
    """Let this process, and those that it starts, have many connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 8192)), hard))
