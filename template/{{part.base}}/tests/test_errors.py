"""Every way to be refused, in one form."""

import httpx
import pytest
from support.problems import problem

TASKS = "/api/v1/tasks"
JSON = {"content-type": "application/json"}


async def test_an_unknown_path_is_a_problem_too(visitor: httpx.AsyncClient) -> None:
    assert problem(await visitor.get("/nowhere"), 404)["instance"] == "/nowhere"


async def test_so_is_a_method_that_no_route_has(visitor: httpx.AsyncClient) -> None:
    response = await visitor.put("/health/live")

    _ = problem(response, 405)
    assert "GET" in response.headers["allow"]


@pytest.mark.parametrize(
    "body", ["", "{", '{"title": "a', "[]", "null", '"text"', "1e999", '{"title": "\\ud800"}', "\xff"]
)
async def test_a_body_that_is_no_object_is_refused(client: httpx.AsyncClient, body: str) -> None:
    _ = problem(await client.post(TASKS, content=body.encode("latin-1"), headers=JSON), 400)


async def test_an_empty_body_is_named_as_such(client: httpx.AsyncClient) -> None:
    (error,) = problem(await client.post(TASKS, headers=JSON), 400)["errors"]

    assert error["message"] == "The body is empty"


async def test_nesting_without_end_is_refused(client: httpx.AsyncClient) -> None:
    _ = problem(await client.post(TASKS, content=b'{"title":' + b"[" * 100_000, headers=JSON), 400)


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml", ""])
async def test_another_content_type_is_refused(client: httpx.AsyncClient, content_type: str) -> None:
    response = await client.post(TASKS, content=b'{"title": "x"}', headers={"content-type": content_type})

    assert "application/json" in problem(response, 415)["detail"]


async def test_a_content_type_may_name_its_charset(client: httpx.AsyncClient) -> None:
    headers = {"content-type": "Application/JSON; charset=utf-8"}

    assert (await client.post(TASKS, content=b'{"title": "x"}', headers=headers)).status_code == 201


async def test_a_body_above_the_limit_is_refused(client: httpx.AsyncClient) -> None:
    response = await client.post(TASKS, content=b" " * 1_000_001, headers=JSON)

    _ = problem(response, 413)
    assert response.headers["connection"] == "close"


@pytest.mark.parametrize(
    ("host", "status"), [("http://testserver.local", 400), ("a b", 400), ("\x00", 400), ("é", 400), ("x" * 5000, 404)]
)
async def test_a_host_that_is_none_does_no_harm(visitor: httpx.AsyncClient, host: str, status: int) -> None:
    response = await visitor.get("/nowhere", headers={b"host": host.encode()})

    assert problem(response, status)["instance"] == "/nowhere"


async def test_the_answer_does_not_repeat_the_query(client: httpx.AsyncClient) -> None:
    response = await client.get(TASKS, params={"search": "a secret" * 100})

    assert "a secret" not in response.text
