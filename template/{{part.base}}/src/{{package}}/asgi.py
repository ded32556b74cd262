"""What Granian's workers import: the application, made from the environment."""

from typing import cast

from granian.utils.proxies import wrap_asgi_with_proxy_headers  # pyright: ignore[reportUnknownVariableType]
from litestar.types import ASGIApp

from .app import create_app
from .settings import load


def create() -> ASGIApp:
    """Build the application; behind a trusted proxy the client's address and scheme are those it forwards."""
    settings = load()
    app = create_app(settings)
    if not settings.server.trusted_proxies:
        return app
    wrapped = wrap_asgi_with_proxy_headers(app, trusted_hosts=list(settings.server.trusted_proxies))  # pyright: ignore[reportUnknownVariableType]
    return cast("ASGIApp", wrapped)
