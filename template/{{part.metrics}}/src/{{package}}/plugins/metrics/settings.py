"""What can be set."""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta, Struct

from ...findings import Finding, is_loopback, is_public


class MetricsSettings(Struct, frozen=True, kw_only=True):
    """Where the metrics are to be had, and how many seconds there are between two looks at a gauge."""

    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 9090
    interval: Annotated[int, Meta(ge=1, le=60)] = 5

    def findings(self) -> Iterator[Finding]:
        if not is_loopback(self.host):
            text = f"METRICS_HOST is {self.host}: let nobody but Prometheus reach METRICS_PORT there."
            yield Finding(text, serious=is_public(self.host))
