"""Keep the calendar: which days of which years are worked."""

import sqlalchemy as sa
from alembic import op

from gisgrid.database import UtcDateTime

revision = "2026_11_27_0300"
down_revision = "2026_11_27_0200"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar_years",
        sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("brought_at", UtcDateTime, nullable=False),
    )
    op.create_table(
        "calendar_days",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("is_working", sa.Boolean, nullable=False),
        sa.Column("name", sa.String, nullable=False),
    )


def downgrade() -> None:
    for table in ("calendar_days", "calendar_years"):
        op.drop_table(table)
