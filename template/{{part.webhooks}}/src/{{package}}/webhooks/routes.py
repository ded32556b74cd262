"""Webhooks over HTTP."""

from litestar import Router, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, SkipValidation

from ..plugins.docs.responses import problems
from ..plugins.webhooks import Deliveries, Message, require_signature
from .models import Event, Receipt
from .service import handle

MOST_BYTES = 65536


@post(
    "/payments",
    summary="Hear of payments",
    status_code=202,
    opt={"public": True},
    guards=[require_signature],
    request_max_body_size=MOST_BYTES,
    responses=problems(403, 409),
)
async def hear_of_payments(
    data: JSONBody[Event],
    message: NamedDependency[Message],
    deliveries: NamedDependency[SkipValidation[Deliveries]],
) -> Receipt:
    """For the payment provider, who signs as [Standard Webhooks](https://www.standardwebhooks.com) have it.

    An event of a type that is not listed here is refused: ask the provider for those alone.
    """
    async with deliveries.once(message) as wanted:
        if wanted:
            await handle(data)
    return Receipt(duplicate=not wanted)


router = Router("/webhooks", route_handlers=[hear_of_payments], tags=["Webhooks"])
