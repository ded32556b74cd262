"""Puts the metrics into the application."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import override

import structlog
from litestar import Litestar
from litestar.config.app import AppConfig
from litestar.plugins import InitPlugin
from prometheus_client import CollectorRegistry

from ..logging import describe
from .gauges import Service, gauges_of
from .reading import Gauges
from .requests import RequestMetrics
from .settings import MetricsSettings


class MetricsPlugin(InitPlugin):
    """Look at the gauges for as long as the application runs. A metric of a feature is made in `registry`."""

    def __init__(self, settings: MetricsSettings) -> None:
        self.interval = settings.interval
        self.registry = CollectorRegistry()
        self.requests = RequestMetrics(self.registry)

    @override
    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        app_config.lifespan.append(self.watch)
        return app_config

    @asynccontextmanager
    async def watch(self, app: Litestar) -> AsyncGenerator[None]:
        watching = asyncio.create_task(self.read_for_ever(gauges_of(Service(app, self.registry, self.requests))))
        yield
        _ = watching.cancel()

    async def read_for_ever(self, gauges: Sequence[Gauges]) -> None:
        unread: set[Gauges] = set()
        while True:
            for each in gauges:
                try:
                    await each.read()
                except Exception as error:  # whatever a driver raises: the next look may go better
                    if each not in unread:  # the log says it once, until it goes better
                        structlog.stdlib.get_logger("metrics").warning("gauge not read", error=describe(error))
                    unread.add(each)
                else:
                    unread.discard(each)
            await asyncio.sleep(self.interval)
