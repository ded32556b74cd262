"""Gauges: what changes without saying so is looked at every few seconds."""

from typing import Literal, Protocol

from prometheus_client import CollectorRegistry, Gauge

type Mode = Literal["livesum", "livemax", "livemin"]


class Gauges(Protocol):
    async def read(self) -> None: ...


def gauge(registry: CollectorRegistry, name: str, text: str, *labels: str, mode: Mode = "livesum") -> Gauge:
    """A gauge of all workers that live; `livemax` where each of them sees the whole."""
    return Gauge(name, text, labels, registry=registry, multiprocess_mode=mode)
