"""Health: `live` says that the process answers, `ready` that it can do its work."""

import asyncio
from collections.abc import Iterable
from typing import Protocol, cast, runtime_checkable

import structlog
from litestar import Request, Response, Router, get
from litestar.datastructures import State
from litestar.openapi import ResponseSpec
from litestar.status_codes import HTTP_200_OK, HTTP_503_SERVICE_UNAVAILABLE
from msgspec import Struct

from .plugins.logging import describe
from .server import Drain

PING_SECONDS = 2.0


@runtime_checkable
class Pingable(Protocol):
    """A plugin that the service cannot work without. `ping` raises when it cannot be reached."""

    name: str

    async def ping(self) -> None: ...


class Health(Struct, frozen=True):
    status: str
    checks: dict[str, bool] = {}


UNAVAILABLE = ResponseSpec(Health, generate_examples=False, description="It lacks something, or is about to end")


@get("/live", summary="The process answers")
async def live() -> Health:
    return Health("ok")


@get("/ready", summary="The service can do its work", responses={503: UNAVAILABLE})
async def ready(request: Request[object, object, State]) -> Response[Health]:
    drain = cast("Drain | None", request.app.state.get("drain"))
    if drain and drain.begun():
        return Response(Health("draining"), status_code=HTTP_503_SERVICE_UNAVAILABLE)
    checks = await ping_all(plugin for plugin in request.app.plugins if isinstance(plugin, Pingable))
    if all(checks.values()):
        return Response(Health("ok", checks), status_code=HTTP_200_OK)
    return Response(Health("unavailable", checks), status_code=HTTP_503_SERVICE_UNAVAILABLE)


async def ping_all(plugins: Iterable[Pingable]) -> dict[str, bool]:
    targets = list(plugins)
    answers = await asyncio.gather(*(answers_in_time(target) for target in targets))
    return {target.name: answer for target, answer in zip(targets, answers, strict=True)}


async def answers_in_time(target: Pingable) -> bool:
    try:
        async with asyncio.timeout(PING_SECONDS):
            await target.ping()
    except Exception as error:  # whatever a driver raises: not ready
        structlog.stdlib.get_logger("health").warning("not ready", check=target.name, error=describe(error))
        return False
    return True


router = Router("/health", route_handlers=[live, ready], tags=["Health"], opt={"public": True})
