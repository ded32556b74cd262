"""Around: a middleware around the router, for what holds before there is a route."""

from abc import ABC
from functools import partial
from typing import override

from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp


class Around(ASGIMiddleware, ABC):
    """Sees requests that no route has, and WebSockets; `app.py` puts it there.

    Litestar's own asks each time whether the route is left out of it, in a coroutine of its own: there is no route yet.
    """

    @override
    def __call__(self, app: ASGIApp) -> ASGIApp:
        return partial(self.handle, next_app=app)
