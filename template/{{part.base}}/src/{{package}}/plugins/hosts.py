"""Hosts: the names under which the service is reached, and no others."""

import re
from typing import override

from litestar import Request
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from ..errors import AnyRequest, problem
from .around import Around

NAME = re.compile(r"(\[[0-9a-f:.]+\]|[^:]+)(:[0-9]+)?", re.IGNORECASE)


class AllowedHosts(Around):
    """Refuse requests for another host, whose name would end up in links and in caches, and those that name two
    (RFC 9112, 3.2): who is in front may have looked at the other.

    Litestar's own compares the port too, and does not see paths that no route has. Probes ask by address, so health is
    for everybody.
    """

    def __init__(self, hosts: tuple[str, ...]) -> None:
        self.names = {host.lower() for host in hosts if not host.startswith("*.")}
        self.endings = tuple(host.lower()[1:] for host in hosts if host.startswith("*."))
        self.any = not hosts

    @override
    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        once = len(hosts) <= 1
        if once and (self.any or scope["path"].startswith("/health/") or self.allows(name_in(b"".join(hosts)))):
            await next_app(scope, receive, send)
        elif scope["type"] == ScopeType.HTTP:
            request: AnyRequest = Request(scope)
            detail = "The service is not reached under this name." if once else "The host is named more than once."
            answer = problem(request, 400, detail)
            await answer.to_asgi_response(None, request)(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008, "reason": "host"})

    def allows(self, name: str) -> bool:
        return name in self.names or name.endswith(self.endings)


def name_in(host: bytes) -> str:
    """The name in a header `Host`, without its port, or an empty string where that is none."""
    found = NAME.fullmatch(host.decode("latin-1"))
    return found[1].lower() if found else ""
