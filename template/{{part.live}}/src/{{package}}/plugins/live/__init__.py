"""Live: events for whoever listens, in the order in which they happened."""

from .hub import Event, Hub, Stream
from .plugin import LivePlugin, LiveSettings, announce

__all__ = ["Event", "Hub", "LivePlugin", "LiveSettings", "Stream", "announce"]
