"""The queue of jobs: what SAQ 0.26 needs, and the files that jobs leave, in a schema of their own."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "jobs"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = "jobs"


def upgrade() -> None:
    op.execute(sa.schema.CreateSchema(SCHEMA))
    op.create_table(
        "saq_jobs",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("lock_key", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("job", sa.LargeBinary(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("priority", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("group_key", sa.Text(), nullable=True),
        sa.Column("scheduled", sa.BigInteger(), server_default=sa.text("extract(epoch from now())"), nullable=False),
        sa.Column("expire_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_saq_jobs")),
        schema=SCHEMA,
    )
    op.create_index("ix_saq_jobs_group", "saq_jobs", ["status", "queue", "group_key"], schema=SCHEMA)
    op.create_index("ix_saq_jobs_next", "saq_jobs", ["status", "queue", "priority", "scheduled"], schema=SCHEMA)
    op.create_table(
        "saq_stats",
        sa.Column("worker_id", sa.Text(), nullable=False),
        sa.Column("stats", JSONB(), nullable=True),
        sa.Column("metadata", JSONB(), nullable=True),
        sa.Column("queue_key", sa.Text(), nullable=True),
        sa.Column("expire_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("worker_id", name=op.f("pk_saq_stats")),
        schema=SCHEMA,
    )
    op.create_index("ix_saq_stats_expire_at", "saq_stats", ["expire_at"], schema=SCHEMA)
    op.create_index("ix_saq_stats_queue_key", "saq_stats", ["queue_key"], schema=SCHEMA)
    op.create_table(
        "files",
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_files")),
        schema=SCHEMA,
    )
    # Of what is compressed, no piece could be read by itself.
    op.execute(f"alter table {SCHEMA}.files alter column content set storage external")


def downgrade() -> None:
    op.drop_table("files", schema=SCHEMA)
    op.drop_table("saq_stats", schema=SCHEMA)
    op.drop_table("saq_jobs", schema=SCHEMA)
    op.execute(sa.schema.DropSchema(SCHEMA))
