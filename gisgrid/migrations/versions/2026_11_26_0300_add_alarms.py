"""Add alarms: whoever walks calls for help, and somebody who answers for the cell acknowledges it."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from gisgrid.database import RowId, UtcDateTime

revision = "2026_11_26_0300"
down_revision = "2026_11_26_0200"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alarms",
        sa.Column("id", RowId, primary_key=True),
        sa.Column("client_id", sa.String, nullable=False),
        _link("sender_id", "patrollers", nullable=False),
        _link("patroller_id", "patrollers", nullable=False, index=True),
        _link("token_id", "tokens", index=True),
        sa.Column("raised_at", UtcDateTime, nullable=False),
        sa.Column("received_at", UtcDateTime, nullable=False),
        *(sa.Column(name, sa.Double) for name in ("longitude", "latitude", "accuracy_m")),
        *(_link(name, "cells") for name in ("street_id", "community_id", "substation_id")),
        sa.Column("words", sa.String, nullable=False, server_default=""),
        _link("acknowledged_by", "people", index=True),
        sa.Column("acknowledged_at", UtcDateTime),
        sa.UniqueConstraint("sender_id", "client_id"),
        sa.Index("ix_alarms_received_at", "received_at"),
    )
    if op.get_bind().dialect.name == "postgresql":
        _second_wall()


def _link(name: str, table: str, *, nullable: bool = True, **options: Any) -> sa.Column:
    return sa.Column(name, RowId, sa.ForeignKey(f"{table}.id"), nullable=nullable, **options)


# --- row-level security: as the rule of the table says, see `gisgrid.sight` ------------------------

OWN = """
patroller_id IN (SELECT id FROM patrollers WHERE person_id = (SELECT nullif(sight_word('person'), '')::bigint))
"""
HELD = " OR ".join(
    (
        "street_id = ANY ((SELECT sight_ids('streets'))::bigint[])",
        "community_id = ANY ((SELECT sight_ids('communities'))::bigint[])",
        "substation_id = ANY ((SELECT sight_ids('substations'))::bigint[])",
        "(street_id IS NULL AND (SELECT sight_word('outside')) = 'on')",
    )
)
SEEN = f"(SELECT sight_word('everything')) = 'on' OR {OWN} OR {HELD}"


def _second_wall() -> None:
    op.execute("ALTER TABLE alarms ENABLE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY added ON alarms FOR INSERT WITH CHECK (true)")
    for act in ("SELECT", "UPDATE", "DELETE"):
        op.execute(f"CREATE POLICY seen_{act.lower()} ON alarms FOR {act} USING ({SEEN})")


def downgrade() -> None:
    op.drop_table("alarms")
