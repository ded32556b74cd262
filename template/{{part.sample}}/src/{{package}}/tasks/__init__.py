"""Tasks: the sample feature. Copy this folder to start your own.

`models` is what comes in and goes out, `service` what can be done (no HTTP, no storage), `store` where tasks live, and
`routes` the thin layer that puts it behind HTTP.
"""

from .routes import router

__all__ = ["router"]
