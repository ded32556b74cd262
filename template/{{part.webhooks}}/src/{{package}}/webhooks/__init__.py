"""Webhooks: what other systems tell this one."""

from .routes import router

__all__ = ["router"]
