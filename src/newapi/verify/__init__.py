"""Proof that every variant of a template holds: rendered, linted, typed, tested, booted and walked through."""
