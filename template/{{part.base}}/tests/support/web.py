"""Clients that call the application in the test's own event loop."""

import httpx
from litestar.types import ASGIApp

ADDRESS = ("192.0.2.1", 50000)


def open_client(app: ASGIApp, address: tuple[str, int] = ADDRESS) -> httpx.AsyncClient:
    # Litestar and httpx each have types of their own for the same protocol.
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False, client=address)  # pyright: ignore[reportArgumentType]
    return httpx.AsyncClient(transport=transport, base_url="http://testserver.local")
