"""The events that the service understands, told apart by their `type`.

Senders add fields to what they send; unlike elsewhere, those that nobody knows are let through.
"""

from typing import Annotated

from msgspec import Meta, Struct

type Reference = Annotated[str, Meta(min_length=1, max_length=100)]
type Currency = Annotated[str, Meta(min_length=3, max_length=3)]
# In the smallest unit of the currency.
type Amount = Annotated[int, Meta(ge=1, le=1_000_000_000_000)]


class PaymentEvent(Struct, frozen=True, kw_only=True, tag_field="type"):
    payment: Reference


class PaymentSucceeded(PaymentEvent, tag="payment.succeeded", frozen=True, kw_only=True):
    amount: Amount
    currency: Currency


class PaymentFailed(PaymentEvent, tag="payment.failed", frozen=True, kw_only=True):
    reason: Annotated[str, Meta(max_length=500)] = ""


class PaymentRefunded(PaymentEvent, tag="payment.refunded", frozen=True, kw_only=True):
    amount: Amount


type Event = PaymentSucceeded | PaymentFailed | PaymentRefunded


class Receipt(Struct, frozen=True):
    """What the sender is told: `duplicate` says that the message was handled before, and nothing was done again."""

    duplicate: bool
