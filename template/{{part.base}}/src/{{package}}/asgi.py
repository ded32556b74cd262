"""What Granian's workers import: the application, made from the environment."""

import os
import signal
import threading
import time
from typing import cast

from granian.utils.proxies import wrap_asgi_with_proxy_headers  # pyright: ignore[reportUnknownVariableType]
from litestar.types import ASGIApp

from .app import create_app
from .settings import load


def create() -> ASGIApp:
    """Build the application; behind a trusted proxy the client's address and scheme are those it forwards."""
    end_with(os.getppid())
    settings = load()
    app = create_app(settings)
    if not settings.server.trusted_proxies:
        return app
    wrapped = wrap_asgi_with_proxy_headers(app, trusted_hosts=list(settings.server.trusted_proxies))  # pyright: ignore[reportUnknownVariableType]
    return cast("ASGIApp", wrapped)


def end_with(server: int) -> None:
    """End this worker when its server is gone; one that was killed would leave it serving for ever."""

    def watch() -> None:
        while os.getppid() == server:
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="watch the server", daemon=True).start()
