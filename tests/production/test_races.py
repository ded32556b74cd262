"""Requests that race: one wins."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from tests.production.service import API, TASKS, Answer, Client

pytestmark = pytest.mark.xdist_group("production")

RUNNERS = 20


def race(ask: Callable[[int], Answer]) -> tuple[list[Answer], list[Answer]]:
    """Ask from many threads at once; the answers of those who won, and of all others."""
    start = Barrier(RUNNERS)

    def run(number: int) -> Answer:
        start.wait(30)
        return ask(number)

    with ThreadPoolExecutor(RUNNERS) as pool:
        answers = list(pool.map(run, range(RUNNERS)))
    won = [answer for answer in answers if answer.status == 200]
    return won, [answer for answer in answers if answer.status != 200]


def test_one_refresh_token_is_traded_once_and_then_ends_the_session(ada: Client) -> None:
    form = {"refresh_token": ada.refresh_token}

    won, lost = race(lambda _: ada.ask("POST", f"{API}/auth/refresh", form))

    assert len(won) == 1
    assert {answer.problem for answer in lost} == {401}
    traded = ada.holding(won[0])
    assert [client.ask("GET", f"{API}/auth/me").problem for client in (ada, traded)] == [401, 401]
    assert ada.ask("POST", f"{API}/auth/refresh", {"refresh_token": traded.refresh_token}).problem == 401


def test_one_state_of_a_task_is_changed_once(ada: Client) -> None:
    created = ada.ask("POST", TASKS, {"title": "Nobody's yet"})
    task, tag = created.headers["location"], created.headers["etag"]

    won, lost = race(lambda number: ada.ask("PATCH", task, {"title": f"Runner {number}"}, if_match=tag))

    assert len(won) == 1
    assert {answer.problem for answer in lost} == {412}
    after = ada.ask("GET", task)
    assert (after.json["title"], after.headers["etag"]) == (won[0].json["title"], won[0].headers["etag"])
