"""Then: does it do its work?"""

from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest
from support.problems import problem

TASKS = "/api/v1/tasks"
JSON = {"content-type": "application/json"}


@pytest.fixture
def path(client: httpx.Client) -> Iterator[str]:
    """Where a task of this test is."""
    response = client.post(TASKS, json={"title": f"Smoke {uuid4()}"})
    assert response.status_code == 201, response.text
    yield response.headers["location"]
    _ = client.delete(response.headers["location"])


def test_creates_and_reads_a_task(client: httpx.Client, path: str) -> None:
    task = client.get(path).json()

    found = client.get(TASKS, params={"search": task["title"]}).json()
    assert (found["total"], found["items"]) == (1, [task])


def test_changes_and_completes_it(client: httpx.Client, path: str) -> None:
    assert client.patch(path, json={"priority": "high"}).json()["priority"] == "high"
    assert client.post(f"{path}/complete").json()["completed_at"]


def test_every_connection_sees_the_same(client: httpx.Client, path: str) -> None:
    """Several workers are one service: each new connection may reach another one."""
    headers = {name: client.headers[name] for name in ("authorization",) if name in client.headers}
    for _ in range(10):
        with httpx.Client(base_url=client.base_url, headers=headers) as fresh:
            assert fresh.get(path).status_code == 200


def test_deletes_it(client: httpx.Client, path: str) -> None:
    assert client.delete(path).status_code == 204
    _ = problem(client.get(path), 404)


@pytest.mark.parametrize(
    ("status", "body", "content_type"),
    [
        (400, b"", "application/json"),
        (400, b"{", "application/json"),
        (400, b"[]", "application/json"),
        (400, b'{"title": ""}', "application/json"),
        (400, b'{"title": "a field too many", "owner_id": 1}', "application/json"),
        (400, b'{"title": "a number for a date", "due_at": 0}', "application/json"),
        (400, b'{"title": "NUL \\u0000"}', "application/json"),
        (400, b'{"title": "' + b"x" * 300 + b'"}', "application/json"),
        (400, b'{"title":' + b"[" * 100_000, "application/json"),
        (413, b" " * 2_000_000, "application/json"),
        (415, b"title=x", "application/x-www-form-urlencoded"),
        (415, b'{"title": "x"}', "text/plain"),
    ],
)
def test_refuses_what_it_cannot_read(client: httpx.Client, status: int, body: bytes, content_type: str) -> None:
    _ = problem(client.post(TASKS, content=body, headers={"content-type": content_type}), status)


@pytest.mark.parametrize("query", ["limit=-1", "limit=1000", "offset=99999999999999999999", "search=%00", "sort=owner"])
def test_refuses_what_it_cannot_list(client: httpx.Client, query: str) -> None:
    _ = problem(client.get(f"{TASKS}?{query}"), 400)
