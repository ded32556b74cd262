"""Puts the stores into the application, and says whom a kept answer is for."""

from hashlib import sha256
from typing import override

from litestar.config.app import AppConfig
from litestar.config.response_cache import ResponseCacheConfig
from litestar.di import Provide
from litestar.plugins import InitPlugin
from msgspec import msgpack

from ...errors import AnyRequest
from .backend import Counters, make_counters, make_stores

VARIES_WITH = {b"accept", b"accept-encoding", b"authorization", b"cookie"}


class StoresPlugin(InitPlugin):
    """Give handlers and the application's state `counters`, and let them keep answers: `@get(cache=60)` keeps one for a minute, for who asked.

    It comes after the plugins that it keeps things with.
    """

    @override
    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        counters = make_counters(app_config.state)

        def provide_counters() -> Counters:
            return counters

        app_config.state["counters"] = counters
        app_config.stores = make_stores(app_config.state)
        app_config.response_cache_config = ResponseCacheConfig(key_builder=key_of)
        app_config.dependencies["counters"] = Provide(provide_counters, sync_to_thread=False)
        return app_config


def key_of(request: AnyRequest) -> str:
    """What was asked, by whom and in which form: Litestar's own key would hand one caller's answer to the next."""
    scope = request.scope
    headers = [(name, value) for name, value in scope["headers"] if name in VARIES_WITH]
    asked = (request.method, scope["path"], scope["query_string"], headers)
    return sha256(msgpack.encode(asked)).hexdigest()
