"""Where things are kept and counted: in Redis, so that all workers share them."""

import time
from datetime import timedelta
from math import ceil
from typing import cast, override

import structlog
from litestar.datastructures import State
from litestar.stores.redis import RedisStore
from litestar.stores.registry import StoreRegistry
from redis.exceptions import RedisError

from ..redis import Connection

PAUSE_SECONDS = 5
# In one step: no two count the same number, and no number is left without an end.
COUNT = """
redis.call('set', KEYS[1], 0, 'px', ARGV[1], 'nx')
return {redis.call('incr', KEYS[1]), redis.call('pttl', KEYS[1])}
"""


class ResponseStore(RedisStore):
    """Where answers are kept. Without Redis none are: a cache that is gone makes nothing fail.

    One that hangs is waited for once, and then left alone for a while.
    """

    back_at: float = 0.0

    @override
    async def get(self, key: str, renew_for: int | timedelta | None = None) -> bytes | None:
        if time.monotonic() < self.back_at:
            return None
        try:
            return await super().get(key, renew_for)
        except RedisError as error:
            self.pause(error)
            return None

    @override
    async def set(self, key: str, value: str | bytes, expires_in: int | timedelta | None = None) -> None:
        if time.monotonic() < self.back_at:
            return
        try:
            await super().set(key, value, expires_in)
        except RedisError as error:
            self.pause(error)

    def pause(self, error: RedisError) -> None:
        self.back_at = time.monotonic() + PAUSE_SECONDS
        structlog.stdlib.get_logger("cache").warning("no answers are kept", error=str(error))


class Counters:
    """Numbers by name. Each forgets, some seconds after it began to count."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def add(self, name: str, seconds: float) -> tuple[int, int]:
        """Count one more; how many that makes, and the seconds until it starts again."""
        key = self.key_of(name)
        counted = await self.connection.command("EVAL", COUNT, 1, key, round(seconds * 1000))
        number, milliseconds = cast("list[int]", counted)
        return number, ceil(milliseconds / 1000)

    async def forget(self, name: str) -> None:
        _ = await self.connection.command("DEL", self.key_of(name))

    def key_of(self, name: str) -> str:
        return f"{self.connection.namespace}:counters:{name}"


def make_stores(state: State) -> StoreRegistry:
    connection = cast("Connection", state["redis"])
    stores = RedisStore(connection.client, namespace=f"{connection.namespace}:stores")
    responses = ResponseStore(connection.client, namespace=f"{connection.namespace}:responses")
    return StoreRegistry({"response_cache": responses}, default_factory=stores.with_namespace)


def make_counters(state: State) -> Counters:
    return Counters(cast("Connection", state["redis"]))
