"""Clients that are slow, greedy or many."""

import asyncio
import socket
from collections.abc import Generator
from contextlib import suppress
from functools import partial

import pytest

from newapi.verify.place import HOST
from tests.production.servers import PATIENCE, Database, until
from tests.production.service import TASKS, Answer, Client, Production, Served, megabytes
from tests.production.streams import SMALL, listening, request, trickle

pytestmark = pytest.mark.xdist_group("production")

SLOW = 40
STREAMS = 2000
MOST_KILOBYTES = 150  # for a stream; benchmarks/streams.py says what it really is
MANY_BYTES = 500_000_000
LARGE = {"tasks": [{"title": "Read me", "description": "x" * 2000}] * 100}


def test_slow_clients_hold_nobody_up_and_are_sent_away(service: Served, ada: Client) -> None:
    heads = [(b"GET /health/live HTTP/1.1\r\nx: ", b"x"), (b"GET", b""), (b"", b"")]
    body = request(ada, "POST", TASKS, content_length="1000") + b"{"

    async def both() -> tuple[list[bytes], list[bytes], list[Answer]]:
        async with asyncio.timeout(PATIENCE):
            return await asyncio.gather(
                asyncio.gather(*(trickle(service.port, *head) for head in heads * SLOW)),
                asyncio.gather(*(trickle(service.port, body) for _ in range(SLOW))),
                asyncio.gather(*(asyncio.to_thread(ada.ask, "GET", TASKS) for _ in range(SLOW))),
            )

    no_heads, no_bodies, others = asyncio.run(both())

    assert set(no_heads) == {b""}
    assert {answer.split(b"\r\n")[0] for answer in no_bodies} == {b"HTTP/1.1 408 Request Timeout"}
    assert {answer.status for answer in others} == {200}
    assert service.bugs() == []


def test_a_client_that_hangs_up_in_the_middle_is_no_bug(service: Served, ada: Client) -> None:
    with socket.create_connection((HOST, service.port)) as line:
        line.sendall(request(ada, "POST", TASKS, content_length="1000") + b"{")
    until(lambda: service.last(TASKS, "POST").get("status") == 400, "the service to notice")

    assert service.bugs() == []


@pytest.mark.parametrize("more", [{"content_length": str(MANY_BYTES)}, {"transfer_encoding": "chunked"}])
def test_a_body_without_end_is_refused_before_it_is_read(service: Served, ada: Client, more: dict[str, str]) -> None:
    before, sent = megabytes(service.worker), 0
    with socket.create_connection((HOST, service.port), timeout=PATIENCE) as line:
        line.sendall(request(ada, "POST", TASKS, **more))
        with suppress(ConnectionError):  # it does not listen any more
            while sent < MANY_BYTES:
                line.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")
                sent += 65536
        answer = line.recv(4096)

    assert answer.startswith(b"HTTP/1.1 413")
    assert sent < 50_000_000
    assert megabytes(service.worker) - before < 20


def test_listeners_that_do_not_read_cost_little_and_hold_nobody_up(service: Served, ada: Client) -> None:
    async def tell() -> tuple[float, set[int], bytes]:
        async with asyncio.timeout(PATIENCE), listening(ada, SLOW, SMALL), listening(ada, 1) as (reader,):
            before = megabytes(service.worker)
            answers = [await asyncio.to_thread(ada.ask, "POST", f"{TASKS}/bulk", LARGE) for _ in range(20)]
            heard = await reader.readuntil(b"event: created")
            return megabytes(service.worker) - before, {answer.status for answer in answers}, heard

    grown, statuses, heard = asyncio.run(tell())

    assert grown < 50  # all events for all of them are 180 MB
    assert statuses == {201}
    assert heard


@pytest.fixture
def alone(production: Production) -> Generator[Served]:
    """A service that a test may end."""
    room = {"LIVE_MAX_STREAMS": str(STREAMS + 10), "SERVER_BACKPRESSURE": str(STREAMS + 100)}
    with production.serving(**room, SERVER_KILL_TIMEOUT="5") as served:
        yield served


@pytest.mark.usefixtures("many_files")
def test_one_worker_holds_two_thousand_streams(alone: Served) -> None:
    ada = alone.client.signed_up()
    empty = megabytes(alone.worker)

    async def hold() -> tuple[float, list[bytes]]:
        async with asyncio.timeout(PATIENCE), listening(ada, STREAMS) as readers:
            full = megabytes(alone.worker)
            await asyncio.to_thread(ada.ask, "POST", TASKS, {"title": "Hear, hear"})
            _ = await asyncio.gather(*(reader.readuntil(b"event: created") for reader in readers))
            assert alone.is_ready()
            alone.program.terminate()
            return full, await asyncio.gather(*(reader.read() for reader in readers))

    full, _ = asyncio.run(hold())

    assert (full - empty) * 1000 / STREAMS < MOST_KILOBYTES
    assert alone.program.wait(PATIENCE) == 0


def test_told_to_end_it_finishes_what_it_can_and_ends_in_time(alone: Served, database: Database) -> None:
    ada = alone.client.signed_up()
    slow = [b"GET / HTTP/1.1\r\nx: ", b"", request(ada, "POST", TASKS, content_length="1000") + b"{"]

    async def end() -> tuple[Answer, int | None]:
        async with asyncio.timeout(PATIENCE), listening(ada, SLOW), listening(ada, SLOW, SMALL):
            trickles = [asyncio.create_task(trickle(alone.port, begin)) for begin in slow]
            with database.locked("task"):
                asked = asyncio.create_task(asyncio.to_thread(ada.ask, "GET", TASKS))
                await asyncio.to_thread(until, partial(database.locks, "task", granted=False), "the request to wait")
                alone.program.terminate()
            answer = await asked
            code = await asyncio.to_thread(alone.program.wait, PATIENCE)
            _ = await asyncio.gather(*trickles)
            return answer, code

    answer, code = asyncio.run(end())

    assert (answer.status, code) == (200, 0)
    assert alone.bugs() == []
