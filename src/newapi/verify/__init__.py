"""Proof that every variant of a template holds: rendered, linted, typed, tested, booted and walked through.

`newapi.verify.api` is for other programs. Nothing is imported here: pytest loads a module of this package in every run.
"""
