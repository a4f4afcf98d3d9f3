"""Add what closed days came to: how their rounds stood, so that a report of months does not judge them anew."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_27_0910"
down_revision = "2026_11_27_0900"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "judged_days",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("basis", sa.String, nullable=False),
        sa.Column("rounds", sa.JSON, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("judged_days")
