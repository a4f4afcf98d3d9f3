"""Add saved searches: what somebody asks for among the incidents, under a name of their own."""

import sqlalchemy as sa
from alembic import op

from gisgrid.database import RowId

revision = "2026_11_27_0700"
down_revision = "2026_11_27_0600"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_searches",
        sa.Column("id", RowId, primary_key=True),
        sa.Column("person_id", RowId, sa.ForeignKey("people.id"), nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("query", sa.String, nullable=False),
        sa.UniqueConstraint("person_id", "name"),
    )


def downgrade() -> None:
    op.drop_table("saved_searches")
