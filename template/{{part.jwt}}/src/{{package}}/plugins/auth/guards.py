"""Who may do what. A guard that refuses raises 403; who asks is known already.

Guards are `async`, or Litestar would send them to a thread.
"""

from collections.abc import Awaitable, Callable

from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.exceptions import PermissionDeniedException
from litestar.handlers import BaseRouteHandler

from .models import Role, User
from .tokens import Claims

type Connection = ASGIConnection[BaseRouteHandler, User, Claims, State]
type Guard = Callable[[Connection, BaseRouteHandler], Awaitable[None]]


def require_role(*roles: Role) -> Guard:
    async def guard(connection: Connection, _: BaseRouteHandler) -> None:
        if connection.user.role not in roles:
            raise PermissionDeniedException(f"This is for the role {' or '.join(roles)}.")

    guard.__qualname__ = f"require_role({', '.join(roles)})"  # what the list of routes calls it
    return guard


async def owner_or_admin(connection: Connection, _: BaseRouteHandler) -> None:
    """For handlers with a `user_id` in their path: it is that user's own, or an administrator's."""
    # Litestar has parsed the parameter: a UUID, never equal to a text.
    if connection.path_params["user_id"] != connection.user.id and connection.user.role is not Role.ADMIN:
        raise PermissionDeniedException("This is somebody else's account.")
