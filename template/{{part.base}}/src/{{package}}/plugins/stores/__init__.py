"""Stores: what is kept and counted for a while."""

from .backend import Counters
from .plugin import StoresPlugin

__all__ = ["Counters", "StoresPlugin"]
