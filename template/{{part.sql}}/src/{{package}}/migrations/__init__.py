"""Migrations of the database, oldest first. `make migration m="what changes"` writes a new one."""
