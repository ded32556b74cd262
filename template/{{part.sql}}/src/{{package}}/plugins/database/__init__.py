"""Database: one transaction for each request, through SQLAlchemy and Advanced Alchemy.

`commands` and `migrations` are imported where they are used: the workers have no use for Alembic.
"""

from .engine import DatabaseSettings
from .plugin import Database, DatabasePlugin, after_commit
from .rows import Repository, Row

__all__ = ["Database", "DatabasePlugin", "DatabaseSettings", "Repository", "Row", "after_commit"]
