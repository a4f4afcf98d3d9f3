"""Keep attachments, photos and documents, under the hash of their content."""

import sqlalchemy as sa
from alembic import op

from gisgrid.database import UtcDateTime

revision = "2026_11_27_0400"
down_revision = "2026_11_27_0300"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attachments",
        sa.Column("hash", sa.String, primary_key=True),
        sa.Column("media_type", sa.String, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("width", sa.Integer),
        sa.Column("height", sa.Integer),
        sa.Column("added_at", UtcDateTime, nullable=False),
    )
    op.create_index("ix_attachments_added_at", "attachments", ["added_at"])


def downgrade() -> None:
    op.drop_index("ix_attachments_added_at", "attachments")
    op.drop_table("attachments")
