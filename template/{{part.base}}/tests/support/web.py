"""Clients that call the application in the test's own event loop."""

import httpx
from litestar.types import ASGIApp, HTTPDisconnectEvent, Receive, Scope, Send, WebSocketConnectEvent

ADDRESS = ("192.0.2.1", 50000)


def open_client(app: ASGIApp, address: tuple[str, int] = ADDRESS) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(
        app=app,  # pyright: ignore[reportArgumentType] - httpx and Litestar have each a type of its own for ASGI
        raise_app_exceptions=False,
        client=address,
    )
    return httpx.AsyncClient(transport=transport, base_url="http://testserver.local")


def hung_up(app: ASGIApp) -> ASGIApp:
    """The application, asked by somebody who is gone before the body is there."""

    async def receive() -> HTTPDisconnectEvent:
        return {"type": "http.disconnect"}

    async def call(scope: Scope, _: Receive, send: Send) -> None:
        await app(scope, receive, send)

    return call


async def connect() -> WebSocketConnectEvent:
    """What a client of a WebSocket says first."""
    return {"type": "websocket.connect"}
