"""What can be set."""

from typing import Annotated

from msgspec import Meta, Struct


class MetricsSettings(Struct, frozen=True, kw_only=True):
    """Where the metrics are to be had, and how many seconds there are between two looks at a gauge."""

    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 9090
    interval: Annotated[int, Meta(ge=1, le=60)] = 5
