"""Add follow-up visits and satisfaction surveys: what people say of what was done."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from gisgrid.database import RowId, UtcDateTime

revision = "2026_11_27_0600"
down_revision = "2026_11_27_0500"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "follow_ups",
        sa.Column("id", RowId, primary_key=True),
        _link("incident_id", "incidents", ondelete="CASCADE", nullable=False, index=True),
        _link("made_by", "people", index=True),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.Column("way", sa.String, nullable=False),
        sa.Column("satisfaction", sa.Integer),
        sa.Column("words", sa.String, nullable=False, server_default=""),
    )
    op.create_table(
        "surveys",
        sa.Column("id", RowId, primary_key=True),
        sa.Column("cell_code", sa.String, nullable=False),
        sa.Column("month", sa.Date, nullable=False),
        sa.Column("asked", sa.Integer, nullable=False),
        sa.Column("satisfied", sa.Integer, nullable=False),
        _link("entered_by", "people", index=True),
        sa.Column("entered_at", UtcDateTime, nullable=False),
        sa.UniqueConstraint("cell_code", "month"),
    )
    if op.get_bind().dialect.name == "postgresql":
        _second_wall()


def _link(name: str, table: str, **options: Any) -> sa.Column:
    how = {key: options.pop(key) for key in ("ondelete",) if key in options}
    return sa.Column(name, RowId, sa.ForeignKey(f"{table}.id", **how), **options)


# --- row-level security: a visit is seen with its incident, see `gisgrid.sight` ----------------------

SEEN = "(SELECT sight_word('everything')) = 'on' OR incident_id IN (SELECT id FROM incidents)"


def _second_wall() -> None:
    op.execute("ALTER TABLE follow_ups ENABLE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY added ON follow_ups FOR INSERT WITH CHECK (true)")
    for act in ("SELECT", "UPDATE", "DELETE"):
        op.execute(f"CREATE POLICY seen_{act.lower()} ON follow_ups FOR {act} USING ({SEEN})")


def downgrade() -> None:
    for table in ("surveys", "follow_ups"):
        op.drop_table(table)
