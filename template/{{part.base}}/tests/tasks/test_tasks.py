"""Tasks, from outside."""

import asyncio
from typing import TypedDict, cast
from uuid import uuid7

import httpx
import pytest
from support.problems import problem

TASKS = "/api/v1/tasks"


class Task(TypedDict):
    id: str
    title: str
    description: str
    status: str
    priority: str
    due_at: str | None
    completed_at: str | None
    created_at: str
    updated_at: str


class Page(TypedDict):
    items: list[Task]
    total: int
    limit: int
    offset: int


async def create(client: httpx.AsyncClient, **fields: object) -> Task:
    response = await client.post(TASKS, json={"title": "Write it down"} | fields)
    assert response.status_code == 201, response.text
    return cast("Task", response.json())


async def titles(client: httpx.AsyncClient, **query: str) -> list[str]:
    response = await client.get(TASKS, params=query)
    assert response.status_code == 200, response.text
    return [task["title"] for task in cast("Page", response.json())["items"]]


async def test_creates_a_task_and_says_where_it_is(client: httpx.AsyncClient) -> None:
    response = await client.post(TASKS, json={"title": "Buy milk", "priority": "high"})

    task = cast("Task", response.json())
    assert (response.status_code, task["title"], task["priority"], task["status"]) == (201, "Buy milk", "high", "todo")
    assert (await client.get(response.headers["location"])).json() == task


async def test_keeps_moments_in_utc(client: httpx.AsyncClient) -> None:
    task = await create(client, due_at="2030-01-01T12:00:00+02:00")

    moved = await client.patch(f"{TASKS}/{task['id']}", json={"due_at": "2030-01-01T12:00:00-02:00"})

    assert (task["due_at"], moved.json()["due_at"]) == ("2030-01-01T10:00:00Z", "2030-01-01T14:00:00Z")


async def test_lists_the_newest_first_and_counts_all(client: httpx.AsyncClient) -> None:
    for number in range(3):
        _ = await create(client, title=f"Task {number}")

    response = await client.get(TASKS, params={"limit": 2, "offset": 1})

    page = cast("Page", response.json())
    assert [task["title"] for task in page["items"]] == ["Task 1", "Task 0"]
    assert (page["total"], page["limit"], page["offset"]) == (3, 2, 1)


async def test_an_offset_past_the_end_is_an_empty_page(client: httpx.AsyncClient) -> None:
    _ = await create(client)

    page = cast("Page", (await client.get(TASKS, params={"offset": "1000000"})).json())

    assert (page["items"], page["total"]) == ([], 1)


async def test_filters_and_searches(client: httpx.AsyncClient) -> None:
    _ = await create(client, title="Call Ada", priority="high")
    done = await create(client, title="Call Bob", description="About the 100% offer")
    _ = await client.post(f"{TASKS}/{done['id']}/complete")

    assert await titles(client, status="done") == ["Call Bob"]
    assert await titles(client, priority="high") == ["Call Ada"]
    assert await titles(client, search="ADA") == ["Call Ada"]
    assert await titles(client, search="100%") == ["Call Bob"]
    assert await titles(client, search="_") == []
    assert await titles(client, status="done", priority="high") == []


@pytest.mark.parametrize(
    ("sort", "order", "expected"),
    [
        ("title", "asc", ["a", "b", "c"]),
        ("title", "desc", ["c", "b", "a"]),
        ("priority", "asc", ["b", "a", "c"]),
        ("priority", "desc", ["c", "a", "b"]),
        ("due_at", "asc", ["c", "a", "b"]),
        ("due_at", "desc", ["a", "c", "b"]),
        ("created_at", "asc", ["b", "c", "a"]),
        ("updated_at", "desc", ["a", "c", "b"]),
    ],
)
async def test_sorts(client: httpx.AsyncClient, sort: str, order: str, expected: list[str]) -> None:
    _ = await create(client, title="b", priority="low")
    _ = await create(client, title="c", priority="high", due_at="2030-01-01T00:00:00Z")
    _ = await create(client, title="a", priority="normal", due_at="2031-01-01T00:00:00Z")

    assert await titles(client, sort=sort, order=order) == expected


async def test_changes_what_is_named_and_nothing_else(client: httpx.AsyncClient) -> None:
    task = await create(client, description="As it was", due_at="2030-01-01T00:00:00Z")

    changed = (await client.patch(f"{TASKS}/{task['id']}", json={"title": "New"})).json()
    cleared = (await client.patch(f"{TASKS}/{task['id']}", json={"due_at": None})).json()

    assert (changed["title"], changed["description"], changed["due_at"]) == ("New", "As it was", task["due_at"])
    assert changed["updated_at"] > task["updated_at"]
    assert (cleared["title"], cleared["due_at"]) == ("New", None)


async def test_changes_at_the_same_time_are_all_kept(client: httpx.AsyncClient) -> None:
    changes: list[dict[str, str]] = [{"title": "New"}, {"description": "Why"}, {"priority": "high"}, {"status": "done"}]
    for _ in range(5):
        path = f"{TASKS}/{(await create(client))['id']}"

        _ = await asyncio.gather(*(client.patch(path, json=change) for change in changes))

        task = (await client.get(path)).json()
        assert [change for change in changes if not change.items() <= task.items()] == []


async def test_changing_and_deleting_at_the_same_time_is_no_error(client: httpx.AsyncClient) -> None:
    for _ in range(5):
        path = f"{TASKS}/{(await create(client))['id']}"

        changed, *deleted = await asyncio.gather(
            client.patch(path, json={"title": "New"}), client.delete(path), client.delete(path)
        )

        assert changed.status_code in {200, 404}
        assert sorted(response.status_code for response in deleted) == [204, 404]


async def test_a_null_where_none_can_be_is_refused(client: httpx.AsyncClient) -> None:
    task = await create(client)

    response = await client.patch(f"{TASKS}/{task['id']}", json={"title": None})

    assert problem(response, 400)["errors"][0]["field"] == "title"


async def test_completes_once(client: httpx.AsyncClient) -> None:
    task = await create(client)

    done = (await client.post(f"{TASKS}/{task['id']}/complete")).json()
    again = (await client.post(f"{TASKS}/{task['id']}/complete")).json()

    assert (done["status"], again["completed_at"]) == ("done", done["completed_at"])
    assert done["completed_at"] is not None


async def test_a_task_that_is_reopened_is_not_completed(client: httpx.AsyncClient) -> None:
    task = await create(client)
    _ = await client.post(f"{TASKS}/{task['id']}/complete")

    reopened = (await client.patch(f"{TASKS}/{task['id']}", json={"status": "in_progress"})).json()

    assert (reopened["status"], reopened["completed_at"]) == ("in_progress", None)


async def test_deletes_for_good(client: httpx.AsyncClient) -> None:
    task = await create(client)

    assert (await client.delete(f"{TASKS}/{task['id']}")).status_code == 204
    _ = problem(await client.get(f"{TASKS}/{task['id']}"), 404)
    _ = problem(await client.delete(f"{TASKS}/{task['id']}"), 404)


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/complete")])
async def test_a_task_that_never_was_is_not_found(client: httpx.AsyncClient, method: str, path: str) -> None:
    unknown = uuid7()

    response = await client.request(method, f"{TASKS}/{unknown}{path}", json={} if method == "PATCH" else None)

    assert str(unknown) in problem(response, 404)["detail"]


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("title", {"title": ""}),
        ("title", {"title": "   "}),
        ("title", {"title": "x" * 201}),
        ("title", {"title": "NUL \x00 byte"}),
        ("title", {"title": 1}),
        ("description", {"title": "x", "description": "NUL \x00 byte"}),
        ("description", {"title": "x", "description": "x" * 10_001}),
        ("priority", {"title": "x", "priority": "urgent"}),
        ("due_at", {"title": "x", "due_at": "tomorrow"}),
        ("due_at", {"title": "x", "due_at": 0}),
        ("due_at", {"title": "x", "due_at": "0"}),
        ("due_at", {"title": "x", "due_at": "2030-01-01T00:00:00"}),
        ("data", {"title": "x", "due_at": "0001-01-01T00:00:00+05:00"}),
        ("data", {"title": "x", "due_at": "9999-12-31T23:59:59-05:00"}),
        ("owner_id", {"title": "x", "owner_id": "0195d3c0-0000-7000-8000-000000000000"}),
        ("title", {}),
    ],
)
async def test_refuses_a_body_that_does_not_hold(
    client: httpx.AsyncClient, field: str, body: dict[str, object]
) -> None:
    (error,) = problem(await client.post(TASKS, json=body), 400)["errors"]

    assert "regex" not in error["message"]
    assert field in (error["field"], *error["message"].split("`"))


@pytest.mark.parametrize(
    "query",
    ["limit=-1", "limit=0", "limit=101", "limit=x", "offset=-1", "offset=99999999999999999999", "status=nope",
     "priority=nope", "sort=owner_id", "order=up", "search=%00", f"search={'x' * 201}"],
)  # fmt: skip
async def test_refuses_a_query_that_does_not_hold(client: httpx.AsyncClient, query: str) -> None:
    (error,) = problem(await client.get(f"{TASKS}?{query}"), 400)["errors"]

    assert (error["field"], error["source"]) == (query.partition("=")[0], "query")


@pytest.mark.parametrize("identifier", ["1", "not-a-uuid", "%00", "..", "0195d3c0-0000-7000-8000-00000000000g"])
async def test_an_id_that_is_none_is_not_found(client: httpx.AsyncClient, identifier: str) -> None:
    _ = problem(await client.get(f"{TASKS}/{identifier}"), 404)
