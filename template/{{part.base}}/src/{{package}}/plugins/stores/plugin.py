"""Puts the stores into the application, and says whom a kept answer is for."""

from hashlib import sha256
from http import HTTPStatus
from typing import NamedTuple, override

from litestar.config.app import AppConfig
from litestar.config.response_cache import ResponseCacheConfig
from litestar.di import Provide
from litestar.handlers import BaseRouteHandler
from litestar.plugins import InitPlugin, ReceiveRoutePlugin
from litestar.routes import BaseRoute, HTTPRoute
from litestar.types import HTTPScope
from msgspec import msgpack

from ...errors import AnyRequest
from ..formats import form_of
from .backend import Counters, make_counters, make_stores


class Inputs(NamedTuple):
    """The names of what a handler reads, its dependencies' among them."""

    query: list[str]
    headers: list[str]
    cookies: list[str]


class StoresPlugin(InitPlugin, ReceiveRoutePlugin):
    """Give handlers and the application's state `counters`, and let handlers keep answers: `@get(cache=60)` keeps one
    for a minute, for who asked.

    It comes after the plugins that it keeps things with.
    """

    def __init__(self) -> None:
        self.inputs: dict[BaseRouteHandler, Inputs] = {}

    @override
    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        counters = make_counters(app_config.state)

        def provide_counters() -> Counters:
            return counters

        app_config.state["counters"] = counters
        app_config.stores = make_stores(app_config.state)
        app_config.response_cache_config = ResponseCacheConfig(
            key_builder=self.key_of, cache_response_filter=self.is_kept
        )
        app_config.dependencies["counters"] = Provide(provide_counters, sync_to_thread=False)
        return app_config

    @override
    def receive_route(self, route: BaseRoute) -> None:
        """Note what each handler whose answers are kept declares to read."""
        if isinstance(route, HTTPRoute):
            for handler, model in route.route_handler_map.values():
                if handler.cache:
                    declared = (model.expected_query_params, model.expected_header_params, model.expected_cookie_params)
                    self.inputs[handler] = Inputs(*(sorted(each.field_alias for each in kind) for kind in declared))

    def is_kept(self, scope: HTTPScope, status: int) -> bool:
        """Litestar would keep what else the path answers, too: OPTIONS, for ever."""
        return scope["route_handler"] in self.inputs and HTTPStatus(status).is_success

    def key_of(self, request: AnyRequest) -> str:
        """What was asked, by whom and in which form: Litestar's own key would hand one caller's answer to the next.

        Nothing else is in it, so nobody fills the store with one answer under many names. What a handler takes out of
        the request without declaring it has to be in `cache_key_builder=` of its own.
        """
        inputs = self.inputs[request.route_handler]
        asked = (
            request.method,
            request.scope["path"],
            [request.query_params.getall(name, []) for name in inputs.query],
            [request.headers.getall(name, []) for name in inputs.headers],
            [request.cookies.get(name) for name in inputs.cookies],
            request.headers.getall("authorization", []),
            form_of(request),
        )
        return sha256(msgpack.encode(asked)).hexdigest()
