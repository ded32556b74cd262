<%!
import re


def plain(code: str | None) -> str:
    """Without the comments in which Alembic puts it."""
    return re.sub(r"(?m)^\s*# ###.*$", "", code or "").strip() or "pass"
%>\
"""${message}."""

import sqlalchemy as sa
from advanced_alchemy.types import DateTimeUTC
from alembic import op
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    ${plain(upgrades)}


def downgrade() -> None:
    ${plain(downgrades)}
