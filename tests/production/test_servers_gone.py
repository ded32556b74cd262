"""A service whose servers are killed, and whose worker is."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from tests.production.servers import PATIENCE, Database, Server, gone, until
from tests.production.service import API, TASKS, Answer, Client, Production, Served
from tests.production.streams import listening

pytestmark = pytest.mark.xdist_group("production")

NOBODY = {"email": "nobody@example.org", "password": "correct horse battery"}


@pytest.mark.parametrize(
    ("killed", "without"),
    [
        (["database"], {"database"}),
        (["redis"], {"redis", "queue of jobs"}),
        (["database", "redis"], {"database", "redis", "queue of jobs"}),
    ],
    ids=["database", "redis", "both"],
)
def test_whose_servers_are_killed_it_says_so_and_goes_on_when_they_are_back(
    production: Production,
    service: Served,
    ada: Client,
    servers: dict[str, Server],
    killed: list[str],
    without: set[str],
) -> None:
    task = ada.ask("POST", TASKS, {"title": "Before"}).headers["location"]
    process = service.worker

    with production.working() as worker:
        with gone(*(servers[name] for name in killed)):
            ready = service.client.ask("GET", "/health/ready")
            need_nothing = [service.client.ask("GET", path) for path in ("/health/live", "/docs", "/docs/openapi.json")]
            need_database = [ada.ask("PATCH", task, {"title": "Meanwhile"}), ada.ask("GET", f"{TASKS}/dashboard")]
            need_redis = [ada.ask("POST", f"{TASKS}/exports"), service.client.ask("POST", f"{API}/auth/login", NOBODY)]
        until(service.is_ready, "the service to be ready again")
        after = {ada.ask("GET", task).status for _ in range(20)}
        login = service.client.ask("POST", f"{API}/auth/login", NOBODY)
        finished(ada, export(ada))
        assert worker.code is None

    assert (ready.status, lacking(ready)) == (503, without)
    assert [answer.status for answer in need_nothing] == [200, 200, 200]
    for answer in need_redis if killed == ["redis"] else need_database + need_redis:
        assert answer.problem == 503
        assert answer.headers["retry-after"]
    if killed == ["redis"]:
        assert [answer.status for answer in need_database] == [200, 200]
    assert (after, login.problem) == ({200}, 401)
    assert (service.program.code, service.worker, service.bugs()) == (None, process, [])


def test_whose_database_hangs_it_says_so_in_time_and_goes_on_when_it_moves_again(
    production: Production, database: Database
) -> None:
    with production.serving(DATABASE_STATEMENT_TIMEOUT="1", DATABASE_CONNECT_TIMEOUT="1") as service:
        ada = service.client.signed_up()
        task = ada.ask("POST", TASKS, {"title": "Before"}).headers["location"]

        with database.hung(), ThreadPoolExecutor(8) as pool:
            began = time.monotonic()
            asked = [pool.submit(ada.ask, "GET", task) for _ in range(6)]
            asked += [pool.submit(ada.ask, "PATCH", task, {"title": "Meanwhile"}) for _ in range(2)]
            ready = service.client.ask("GET", "/health/ready")
            answers = [future.result() for future in asked]
            seconds = time.monotonic() - began
        until(service.is_ready, "the service to be ready again")
        after = {ada.ask("GET", task).status for _ in range(20)}

        assert {answer.problem for answer in answers} == {503}
        assert (ready.status, lacking(ready)) == (503, {"database"})
        assert seconds < 15
        assert (after, service.bugs()) == ({200}, [])


def test_a_listener_outlives_redis_and_is_told_that_events_are_missing(
    ada: Client, service: Served, servers: dict[str, Server]
) -> None:
    def lost() -> int:
        return service.log.read_text().count("events are lost")

    async def hear() -> None:
        async with asyncio.timeout(PATIENCE), listening(ada, 1) as (reader,):
            before = lost()
            with gone(servers["redis"]):
                assert ada.ask("POST", TASKS, {"title": "Unheard"}).status == 201
                # Each command is tried twice: a Redis that is back at once has lost nothing.
                until(lambda: lost() > before, "the service to notice")
            await reader.readuntil(b"event: reset")
            heard = asyncio.create_task(reader.readuntil(b"event: created"))
            while not (await asyncio.wait({heard}, timeout=0.5))[0]:
                assert ada.ask("POST", TASKS, {"title": "Heard"}).status == 201

    asyncio.run(hear())


def test_a_job_whose_worker_is_killed_is_done_by_the_next(
    production: Production, ada: Client, database: Database
) -> None:
    assert ada.ask("POST", TASKS, {"title": "In the table"}).status == 201

    with database.locked("task"), production.working() as worker:
        job = export(ada)
        until(lambda: ada.ask("GET", job).json["status"] == "running", "the job to be begun")
        worker.kill()
        worker.wait(10)
    assert ada.ask("GET", job).json["status"] == "running"  # nobody has noticed
    with production.working():
        finished(ada, job)

    assert ada.ask("GET", job).json["attempts"] == 2
    assert b"In the table" in ada.ask("GET", f"{job}/result").body


def lacking(ready: Answer) -> set[str]:
    checks = msgspec.convert(ready.json["checks"], dict[str, bool])
    return {name for name, up in checks.items() if not up}


def export(client: Client) -> str:
    """Where to ask what has become of a job."""
    asked = client.ask("POST", f"{TASKS}/exports")
    assert asked.status == 202, asked
    return asked.headers["location"]


def finished(client: Client, job: str) -> None:
    until(lambda: client.ask("GET", job).json["status"] == "done", "the job to be done")
