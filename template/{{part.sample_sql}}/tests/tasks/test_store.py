"""Tasks in a table."""

import asyncio

import httpx


async def test_writers_at_the_same_time_all_succeed(client: httpx.AsyncClient) -> None:
    async def write(number: int) -> int:
        created = await client.post("/api/v1/tasks", json={"title": f"Task {number}"})
        path = created.headers["location"]
        return (await client.patch(path, json={"title": "Changed"})).status_code

    async with asyncio.TaskGroup() as group:
        writes = [group.create_task(write(number)) for number in range(20)]

    assert {write.result() for write in writes} == {200}
