"""Keep editions of the kinds of incident, each in force from its first day on."""

import sqlalchemy as sa
from alembic import op

from gisgrid.database import RowId, UtcDateTime

revision = "2026_11_27_0200"
down_revision = "2026_11_26_0400"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kind_editions",
        sa.Column("id", RowId, primary_key=True),
        sa.Column("first_day", sa.Date, nullable=False, unique=True),
        sa.Column("imported_at", UtcDateTime, nullable=False),
        sa.Column("imported_by", RowId, sa.ForeignKey("people.id")),
        sa.Column("kinds", sa.Text, nullable=False),
        sa.Column("conditions", sa.Text, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("kind_editions")
