"""Owner: whose data a request works on."""

from collections.abc import Callable
from typing import cast, override
from uuid import UUID

from litestar.config.app import AppConfig
from litestar.di import Provide
from litestar.plugins import InitPlugin
from litestar.types import Scope

EVERYBODY = UUID(int=0)
OWNER_OF = "owner_of"


class OwnerPlugin(InitPlugin):
    """Give features the `owner` of what they read and write.

    Everybody is one owner until a plugin that knows who asks puts its own answer into the application's state.
    """

    @override
    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        app_config.state[OWNER_OF] = everybody
        app_config.dependencies["owner"] = Provide(owner_of, sync_to_thread=False)
        return app_config


def everybody(_: Scope) -> UUID:
    return EVERYBODY


def owner_of(scope: Scope) -> UUID:
    """Of a request, or of a WebSocket."""
    return cast("Callable[[Scope], UUID]", scope["litestar_app"].state[OWNER_OF])(scope)
