"""First: is it there, and does it say no in the right way?"""

import httpx
import pytest
from support.problems import problem


def test_is_alive_and_ready(visitor: httpx.Client) -> None:
    assert visitor.get("/health/live").status_code == 200
    assert visitor.get("/health/ready").status_code == 200


def test_serves_its_documentation(visitor: httpx.Client) -> None:
    pages = [visitor.get(path) for path in ("/docs", "/docs/swagger", "/docs/assets/scalar.js")]

    assert [page.status_code for page in pages] == [200, 200, 200]
    assert visitor.get("/docs/openapi.json").json()["openapi"].startswith("3.1")


def test_says_404_and_405_as_problems(visitor: httpx.Client) -> None:
    _ = problem(visitor.get("/nowhere"), 404)
    _ = problem(visitor.put("/health/live"), 405)


def test_answers_head_without_content(visitor: httpx.Client) -> None:
    head = visitor.head("/docs")

    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) > 0
    assert visitor.get("/health/live").status_code == 200  # on the same connection


def test_names_all_methods_of_a_path(visitor: httpx.Client) -> None:
    methods = visitor.options("/health/live").headers["allow"].split(", ")

    assert set(methods) == {"GET", "HEAD", "OPTIONS"}


def test_sends_security_headers_and_an_id(visitor: httpx.Client) -> None:
    headers = visitor.get("/nowhere", headers={"x-request-id": "smoke-1"}).headers

    assert headers["x-request-id"] == "smoke-1"
    assert headers["x-content-type-options"] == "nosniff"
    assert "content-security-policy" in headers


@pytest.mark.parametrize("path", ["/%00", "/..%2f..%2fetc/passwd", "/api/v1/%00", f"/{'x' * 5000}"])
def test_a_strange_path_is_not_found(client: httpx.Client, path: str) -> None:
    _ = problem(client.get(path), 404)
