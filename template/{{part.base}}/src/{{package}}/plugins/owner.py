"""Owner: whose data a request works on."""

from typing import override
from uuid import UUID

from litestar.config.app import AppConfig
from litestar.di import Provide
from litestar.plugins import InitPlugin

EVERYBODY = UUID(int=0)


class OwnerPlugin(InitPlugin):
    """Give features the `owner` of what they read and write.

    Everybody is one owner until a plugin that knows who asks puts its own answer in place.
    """

    @override
    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        app_config.dependencies["owner"] = Provide(everybody, sync_to_thread=False)
        return app_config


def everybody() -> UUID:
    return EVERYBODY
