"""Many tasks at once, and the forms in which they come and go."""

import asyncio
import csv
from datetime import datetime
from io import StringIO
from typing import cast
from uuid import UUID, uuid7

import httpx
import msgspec
import pytest
from support.problems import problem

TASKS = "/api/v1/tasks"
PAGE = 500  # of an export
JSON, MESSAGE_PACK = "application/json", "application/x-msgpack"


class Task(msgspec.Struct):
    """What of a task has another form in each format."""

    id: UUID
    title: str
    created_at: datetime


async def create(client: httpx.AsyncClient, *titles: str, **fields: object) -> list[str]:
    """Create tasks, and return their ids."""
    response = await client.post(f"{TASKS}/bulk", json={"tasks": [{"title": title} | fields for title in titles]})
    assert response.status_code == 201, response.text
    return [task["id"] for task in response.json()]


async def total(client: httpx.AsyncClient) -> int:
    return cast("int", (await client.get(TASKS)).json()["total"])


async def test_creates_many_in_their_order(client: httpx.AsyncClient) -> None:
    ids = await create(client, "One", "Two", "Three")

    page = (await client.get(TASKS, params={"sort": "created_at", "order": "asc"})).json()
    assert [task["id"] for task in page["items"]] == ids
    assert [task["title"] for task in page["items"]] == ["One", "Two", "Three"]


@pytest.mark.parametrize(
    "tasks", [[], [{"title": "x"}] * 101, [{"title": "Good"}, {"title": ""}], [{"title": "Good"}, {"id": 1}]]
)
async def test_creates_none_where_one_does_not_hold(client: httpx.AsyncClient, tasks: list[object]) -> None:
    _ = problem(await client.post(f"{TASKS}/bulk", json={"tasks": tasks}), 400)

    assert await total(client) == 0


async def test_completes_many_once(client: httpx.AsyncClient) -> None:
    ids = await create(client, "One", "Two")
    first = (await client.post(f"{TASKS}/{ids[0]}/complete")).json()

    done = (await client.post(f"{TASKS}/bulk/complete", json={"ids": [*ids, ids[0]]})).json()

    assert [task["id"] for task in done] == ids
    assert [task["status"] for task in done] == ["done", "done"]
    assert done[0] == first


async def test_completes_none_where_one_is_not_there(client: httpx.AsyncClient) -> None:
    ids, missing = await create(client, "One", "Two"), str(uuid7())

    response = await client.post(f"{TASKS}/bulk/complete", json={"ids": [*ids, missing]})

    assert missing in problem(response, 404)["detail"]
    assert (await client.get(TASKS, params={"status": "done"})).json()["total"] == 0


async def test_completing_the_same_tasks_at_once_is_no_error(client: httpx.AsyncClient) -> None:
    ids = await create(client, *(f"Task {number}" for number in range(20)))

    answers = await asyncio.gather(
        *(client.post(f"{TASKS}/bulk/complete", json={"ids": order}) for order in (ids, ids[::-1], ids))
    )

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert {task["version"] for answer in answers for task in answer.json()} == {2}


async def test_a_change_of_what_was_read_is_made(client: httpx.AsyncClient) -> None:
    (task_id,) = await create(client, "Mine")
    path = f"{TASKS}/{task_id}"
    read = await client.get(path)

    changed = await client.patch(path, json={"title": "New"}, headers={"if-match": read.headers["etag"]})

    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    assert changed.headers["etag"] != read.headers["etag"]


async def test_the_document_tells_of_tags(visitor: httpx.AsyncClient) -> None:
    paths = (await visitor.get("/docs/openapi.json")).json()["paths"]

    change = paths[TASKS + "/{task_id}"]["patch"]

    assert "if-match" in [parameter["name"] for parameter in change["parameters"]]
    assert "etag" in change["responses"]["200"]["headers"]
    assert "412" in change["responses"]


@pytest.mark.parametrize("tag", ['"1"', 'W/"2"', "2", '""', "nonsense", '"3", "1"'])
async def test_a_change_of_what_has_changed_meanwhile_is_not_made(client: httpx.AsyncClient, tag: str) -> None:
    (task_id,) = await create(client, "Mine")
    path = f"{TASKS}/{task_id}"
    _ = await client.patch(path, json={"title": "Theirs"})

    refused = await client.patch(path, json={"title": "Mine again"}, headers={"if-match": tag})

    _ = problem(refused, 412)
    assert (await client.get(path)).json()["title"] == "Theirs"


@pytest.mark.parametrize("tag", ["*", '"7", "1"'])
async def test_a_change_may_name_more_than_one_version(client: httpx.AsyncClient, tag: str) -> None:
    (task_id,) = await create(client, "Mine")

    changed = await client.patch(f"{TASKS}/{task_id}", json={"title": "New"}, headers={"if-match": tag})

    assert changed.status_code == 200


@pytest.mark.parametrize(("tags", "status"), [(('"7"', '"1"'), 200), (('"7"', '"8", "9"'), 412)])
async def test_versions_may_stand_on_several_lines(
    client: httpx.AsyncClient, tags: tuple[str, str], status: int
) -> None:
    (task_id,) = await create(client, "Mine")
    lines = [("if-match", tag) for tag in tags]

    changed = await client.patch(f"{TASKS}/{task_id}", json={"title": "New"}, headers=lines)

    assert changed.status_code == status


async def test_a_tag_is_of_one_form_and_good_for_a_change_in_any(client: httpx.AsyncClient) -> None:
    (task_id,) = await create(client, "Mine", description="Long enough to be compressed. " * 50)
    path = f"{TASKS}/{task_id}"
    forms = [(kind, coding) for kind in (JSON, MESSAGE_PACK) for coding in ("gzip", "identity")]
    seen: set[str] = set()

    for version, (kind, coding) in enumerate(forms, 1):
        tags = {
            (await client.get(path, headers={"accept": kind, "accept-encoding": coding})).headers["etag"]
            for kind, coding in forms
        }
        seen |= tags
        mine = await client.get(path, headers={"accept": kind, "accept-encoding": coding})
        changed = await client.patch(
            path, json={"title": f"After {version}"}, headers={"if-match": mine.headers["etag"]}
        )
        assert (len(tags), changed.status_code) == (4, 200)

    assert len(seen) == 16


async def test_of_two_that_race_with_one_version_one_wins(client: httpx.AsyncClient) -> None:
    for _ in range(5):
        (task_id,) = await create(client, "Mine")
        changes = [{"title": "First"}, {"title": "Second"}, {"title": "Third"}]

        answers = await asyncio.gather(
            *(client.patch(f"{TASKS}/{task_id}", json=change, headers={"if-match": '"1"'}) for change in changes)
        )

        assert sorted(answer.status_code for answer in answers) == [200, 412, 412]


@pytest.mark.parametrize(("method", "path"), [("POST", "/complete"), ("DELETE", "")])
async def test_nothing_else_is_done_to_what_has_changed_meanwhile(
    client: httpx.AsyncClient, method: str, path: str
) -> None:
    (task_id,) = await create(client, "Mine")
    _ = await client.patch(f"{TASKS}/{task_id}", json={"title": "Theirs"})

    refused = await client.request(method, f"{TASKS}/{task_id}{path}", headers={"if-match": '"1"'})
    done = await client.request(method, f"{TASKS}/{task_id}{path}", headers={"if-match": '"2"'})

    _ = problem(refused, 412)
    assert done.status_code < 300


async def test_a_page_links_to_the_others(client: httpx.AsyncClient) -> None:
    _ = await create(client, *(f"Task & {number}" for number in range(5)))
    seen: list[str] = []

    following: str | None = f"{TASKS}?limit=2&search=task+%26&sort=title&order=asc"
    while following:
        page = await client.get(following)
        seen += [task["title"] for task in page.json()["items"]]
        following = page.links.get("next", {}).get("url")

    assert seen == [f"Task & {number}" for number in range(5)]


@pytest.mark.parametrize(
    ("offset", "names"),
    [(0, {"first", "last", "next"}), (1, {"first", "last", "next", "prev"}), (4, {"first", "last", "prev"})],
)
async def test_a_page_links_where_there_is_something(client: httpx.AsyncClient, offset: int, names: set[str]) -> None:
    _ = await create(client, *(f"Task {number}" for number in range(5)))

    links = (await client.get(TASKS, params={"limit": 2, "offset": offset})).links

    assert set(links) == names
    assert links["first"]["url"].endswith("limit=2&offset=0")
    assert links["last"]["url"].endswith("limit=2&offset=4")


async def test_a_link_asks_for_the_same_beside_the_page(client: httpx.AsyncClient) -> None:
    _ = await create(client, "One", "Two", "Three")
    query = "status=done&status=todo&limit=9&search=%C3%A9+%26&offset=0&search=&limit=2&sort=title&order=asc"

    page = await client.get(f"{TASKS}?{query}")

    _, _, following = page.links["next"]["url"].partition("?")
    assert following == "status=todo&search=&sort=title&order=asc&limit=2&offset=2"


async def test_a_link_repeats_nothing_that_means_nothing(client: httpx.AsyncClient) -> None:
    _ = await create(client, "One", "Two", "Three")

    page = await client.get(f"{TASKS}?limit=2&seen={'%' * 300}&search={'a' * 300}&search=&request=a&page_size=1")

    assert page.links["next"]["url"].endswith("/tasks?search=&limit=2&offset=2")


async def test_the_dashboard_counts(client: httpx.AsyncClient) -> None:
    _ = await create(client, "Late", due_at="2020-01-01T00:00:00Z")
    _ = await create(client, "Later", due_at="2999-01-01T00:00:00Z")
    (done,) = await create(client, "Done", due_at="2020-01-01T00:00:00Z")
    _ = await client.post(f"{TASKS}/{done}/complete")
    (begun,) = await create(client, "Begun", due_at="2019-01-01T00:00:00Z")
    _ = await client.patch(f"{TASKS}/{begun}", json={"status": "in_progress"})
    _ = await create(client, "Some day")

    board = (await client.get(f"{TASKS}/dashboard")).json()

    assert board["counts"] == {"todo": 3, "in_progress": 1, "done": 1}
    assert board["overdue"] == 2
    assert [task["title"] for task in board["next"]] == ["Begun", "Late", "Later"]


async def test_the_dashboard_is_kept_for_a_moment(client: httpx.AsyncClient) -> None:
    first = await client.get(f"{TASKS}/dashboard")
    _ = await create(client, "One more")

    again = await client.get(f"{TASKS}/dashboard")

    assert again.json() == first.json()


async def test_a_view_says_how_many_tasks_a_page_has(client: httpx.AsyncClient) -> None:
    _ = await create(client, "One", "Two", "Three")

    answer = await client.put(f"{TASKS}/view", json={"page_size": 2})

    cookie = answer.headers["set-cookie"].lower()
    assert {"httponly", "secure", "samesite=strict", f"path={TASKS}"} <= {part.strip() for part in cookie.split(";")}
    kept = {"cookie": cookie.partition(";")[0]}
    assert len((await client.get(TASKS, headers=kept)).json()["items"]) == 2
    assert len((await client.get(TASKS, headers=kept, params={"limit": 3})).json()["items"]) == 3


@pytest.mark.parametrize("value", ["0", "101", "x", "1e9", "-1", "1.5", "", "\u00ff", "[]"])
async def test_a_cookie_that_is_none_of_ours_is_ignored_and_taken_away(client: httpx.AsyncClient, value: str) -> None:
    cookie_header = (b"cookie", f"task_page_size={value}".encode("latin-1"))
    answer = await client.get(TASKS, headers=[cookie_header])

    assert (answer.status_code, answer.json()["limit"]) == (200, 20)
    cookie = answer.headers["set-cookie"].lower()
    assert {"max-age=0", f"path={TASKS}"} <= {part.strip() for part in cookie.split(";")}


async def test_exports_what_no_spreadsheet_runs(client: httpx.AsyncClient) -> None:
    formulas = ["=HYPERLINK(A1)", "+1", "-1", "@A1", " \u00a0=1", "\n=1", "\t1", "\r1", "\ufeff+1"]
    formulas += ["\uff1d1", "\uff0b1", "\uff0d1", "\uff20A1"]  # of full width
    texts = ['A "quoted", title', "1 = 1", "e@example.org"]
    _ = await create(client, *formulas, *texts)

    exported = await client.get(f"{TASKS}/export")

    assert exported.headers["content-type"].startswith("text/csv")
    assert exported.headers["content-disposition"] == 'attachment; filename="tasks.csv"'
    titles = [row["title"] for row in csv.DictReader(StringIO(exported.text, newline=""))]
    assert sorted(titles) == sorted([*(f"'{formula}" for formula in formulas), *texts])


async def test_exports_all_pages_newest_first(client: httpx.AsyncClient) -> None:
    for first in range(0, PAGE + 100, 100):
        _ = await create(client, *(f"Task {number}" for number in range(first, first + 100)))

    exported = await client.get(f"{TASKS}/export")

    titles = [row["title"] for row in csv.DictReader(exported.text.splitlines())]
    assert titles == [f"Task {number}" for number in reversed(range(PAGE + 100))]


async def test_speaks_message_pack_with_those_who_do(client: httpx.AsyncClient) -> None:
    headers = {"content-type": MESSAGE_PACK, "accept": MESSAGE_PACK}

    created = await client.post(TASKS, content=msgspec.msgpack.encode({"title": "Packed"}), headers=headers)
    task = msgspec.msgpack.decode(created.content, type=Task)
    refused = await client.post(TASKS, content=msgspec.msgpack.encode({"title": ""}), headers=headers)

    assert (created.status_code, created.headers["content-type"], task.title) == (201, MESSAGE_PACK, "Packed")
    assert msgspec.json.decode((await client.get(created.headers["location"])).content, type=Task) == task
    assert problem(refused, 400)["errors"][0]["field"] == "title"


@pytest.mark.parametrize(
    ("accept", "format"),
    [
        ("*/*", JSON),
        ("application/*", JSON),
        ("text/html", JSON),
        ("", JSON),
        (";;,/", JSON),
        (f"{JSON};q=inf", JSON),
        (f"{MESSAGE_PACK}, {JSON};q=inf", JSON),
        (MESSAGE_PACK.upper(), MESSAGE_PACK),
        (f"{MESSAGE_PACK};q=0.5, {JSON}", JSON),
        (f"{JSON};q=0.5, {MESSAGE_PACK}", MESSAGE_PACK),
    ],
)
async def test_answers_in_the_format_that_is_preferred(client: httpx.AsyncClient, accept: str, format: str) -> None:
    response = await client.get(TASKS, headers={"accept": accept})

    assert response.headers["content-type"] == format
    assert "accept" in response.headers["vary"]


@pytest.mark.parametrize("body", [b"", b"\xc1", b"\x81\xa5title", b"\x90", b"\x81\x92\x01\x02\x03"])
async def test_message_pack_that_cannot_be_read_is_refused(client: httpx.AsyncClient, body: bytes) -> None:
    _ = problem(await client.post(TASKS, content=body, headers={"content-type": MESSAGE_PACK}), 400)
