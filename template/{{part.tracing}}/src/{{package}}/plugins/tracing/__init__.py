"""Tracing: what a request did, and how long each step took, as OpenTelemetry has it."""

from .outgoing import Outgoing
from .plugin import TracingPlugin
from .settings import TracingSettings

__all__ = ["Outgoing", "TracingPlugin", "TracingSettings"]
