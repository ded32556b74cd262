"""What each event means to the service."""

from typing import assert_never

import structlog

from .models import Event, PaymentFailed, PaymentRefunded, PaymentSucceeded


async def handle(event: Event) -> None:
    """Take note of an event; what takes longer is work for a queue, since senders wait for seconds at most.

    The type checker says when an event has no case. The same event may come twice, a day apart: what happens here has
    to bear that.
    """
    log = structlog.stdlib.get_logger("webhooks")
    match event:
        case PaymentSucceeded(payment=payment, amount=amount, currency=currency):
            log.info("payment succeeded", payment=payment, amount=amount, currency=currency)
        case PaymentFailed(payment=payment, reason=reason):
            log.warning("payment failed", payment=payment, reason=reason)
        case PaymentRefunded(payment=payment, amount=amount):
            log.info("payment refunded", payment=payment, amount=amount)
        case _:
            assert_never(event)
