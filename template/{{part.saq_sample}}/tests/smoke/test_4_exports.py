"""And what it leaves to a worker: is it queued, and by the right one?"""

import httpx
from support.problems import problem


def test_queues_an_export_and_says_what_becomes_of_it(client: httpx.Client) -> None:
    asked = client.post("/api/v1/tasks/exports")

    assert asked.status_code == 202, asked.text
    job = client.get(asked.headers["location"]).json()
    assert job["id"] == asked.json()["job"]
    assert job["status"] in {"queued", "running", "done"}


def test_a_job_that_never_was_is_not_there(client: httpx.Client) -> None:
    _ = problem(client.get("/api/v1/jobs/00000000-0000-0000-0000-000000000000"), 404)
