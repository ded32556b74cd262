"""And what it leaves to a worker: is there one, and does it do what it is asked?"""

import time

import httpx
from support.problems import problem

PATIENCE = 20.0


def test_a_worker_makes_the_table_that_was_asked_for(client: httpx.Client) -> None:
    asked = client.post("/api/v1/tasks/exports")
    assert asked.status_code == 202, asked.text
    place = asked.headers["location"]

    end = time.monotonic() + PATIENCE
    while (job := client.get(place).json())["status"] in {"queued", "running"}:
        assert time.monotonic() < end, f"No worker has done it: {job}"
        time.sleep(0.5)

    assert (job["id"], job["status"]) == (asked.json()["job"], "done")
    assert client.get(f"{place}/result").headers["content-type"].startswith("text/csv")


def test_a_job_that_never_was_is_not_there(client: httpx.Client) -> None:
    _ = problem(client.get("/api/v1/jobs/00000000-0000-0000-0000-000000000000"), 404)
