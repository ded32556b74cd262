"""What Granian's workers import: the application, made from the environment."""

import gc
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from typing import cast

from granian.utils import proxies
from litestar.types import ASGIApp

from .app import create_app
from .server import Drain
from .settings import load


def create(drain: Drain) -> ASGIApp:
    """Build the application; behind a trusted proxy the client's address and scheme are those it forwards."""
    settings = load()
    end_with_server(settings.server.kill_timeout)
    app = create_app(settings)
    app.state["drain"] = drain
    # What is there by now stays: to look through it again and again took a tenth of a request. What comes and goes with
    # requests is let go of without the collector, which looks less often.
    gc.freeze()
    gc.set_threshold(10_000)
    if not settings.server.trusted_proxies:
        return app
    # Granian does not say its types.
    wrap = cast("Callable[..., ASGIApp]", proxies.wrap_asgi_with_proxy_headers)
    return wrap(app, trusted_hosts=list(settings.server.trusted_proxies))


def end_with_server(kill_timeout: int) -> None:
    """End this worker when its server is gone; one that was killed would leave it serving for ever.

    Its requests have as long as the server would give them, in seconds. The server is known from before the worker
    began: one that was killed meanwhile counts too.
    """
    server = multiprocessing.parent_process()
    if server is None:
        return  # nobody's worker: the application is made by a test, or by another server

    def watch() -> None:
        server.join()
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(kill_timeout)
        os._exit(1)

    threading.Thread(target=watch, name="watch the server", daemon=True).start()
