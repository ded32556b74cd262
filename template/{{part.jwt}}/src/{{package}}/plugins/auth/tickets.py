"""Tickets: for what cannot send a header, such as a browser's EventSource, its WebSocket, or a link."""

from typing import cast, override
from urllib.parse import parse_qsl, urlencode

from litestar.enums import ScopeType
from litestar.exceptions import NotAuthorizedException
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from ..stores import Counters
from .tokens import AccessTokens

PARAMETER = "ticket"


class TicketMiddleware(ASGIMiddleware):
    """Trade the ticket of a query for an access token, where a handler says `opt={"ticket": True}`.

    A ticket is signed, so any worker can take it; that it was taken is counted where all workers count. The query is
    without it afterwards: whoever logs or traces a request never gets to see it.
    """

    scopes = (ScopeType.HTTP, ScopeType.WEBSOCKET)

    def __init__(self, tickets: AccessTokens, access: AccessTokens) -> None:
        self.tickets = tickets
        self.access = access

    @override
    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        if PARAMETER.encode() in scope["query_string"] and scope["route_handler"].opt.get("ticket"):
            query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
            scope["query_string"] = urlencode([pair for pair in query if pair[0] != PARAMETER]).encode()
            if ticket := dict(query).get(PARAMETER):
                counters = cast("Counters", scope["litestar_app"].state["counters"])
                headers = [header for header in scope["headers"] if header[0] != b"authorization"]
                token = await self.trade(ticket, counters)
                scope["headers"] = [*headers, (b"authorization", f"Bearer {token}".encode())]
        await next_app(scope, receive, send)

    async def trade(self, ticket: str, counters: Counters) -> str:
        """An access token for the same session; raises `NotAuthorizedException` where the ticket was taken before."""
        given = self.tickets.read(ticket)
        taken, _ = await counters.add(f"ticket {given.id}", self.tickets.lifetime.total_seconds() + 1)
        if taken > 1:
            raise NotAuthorizedException("The ticket is not good, or not any more.")
        return self.access.issue(given.user_id, given.session_id)
