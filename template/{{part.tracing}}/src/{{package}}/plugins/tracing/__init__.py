"""Tracing: what a request did, and how long each step took, as OpenTelemetry has it."""

from .plugin import TracingPlugin
from .settings import TracingSettings

__all__ = ["TracingPlugin", "TracingSettings"]
