"""Plugins: what the options add to the application.

A plugin module has a frozen `XSettings`, an `XPlugin(InitPlugin)` that takes it, and, where the service cannot work
without it, an `async ping()`. It plugs into Litestar's own extension points and knows no feature.
"""
