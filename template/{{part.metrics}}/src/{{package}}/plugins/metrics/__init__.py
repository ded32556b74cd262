"""Metrics: what the service counts, for Prometheus.

Their names are those of OpenTelemetry's semantic conventions, as Prometheus writes them. `exporter` is imported where
the server starts: the workers have no use for it.
"""

from .gauges import gauge
from .plugin import MetricsPlugin
from .settings import MetricsSettings

__all__ = ["MetricsPlugin", "MetricsSettings", "gauge"]
