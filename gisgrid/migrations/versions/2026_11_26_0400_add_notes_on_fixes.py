"""Add notes on fixes; find doubted fixes and heartbeats by time; say who may see these, and what is unread."""

import sqlalchemy as sa
from alembic import op

from gisgrid.database import RowId, UtcDateTime

revision = "2026_11_26_0400"
down_revision = "2026_11_26_0300"
branch_labels = None
depends_on = None

TEXTS = """
CREATE FUNCTION sight_texts(name text) RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT coalesce(nullif(current_setting('gisgrid.' || name, true), ''), '{}')::text[] $$
"""
EVERYTHING = "(SELECT sight_word('everything')) = 'on'"
PERSON = "(SELECT nullif(sight_word('person'), '')::bigint)"
CODES = "(SELECT sight_texts('codes'))::text[]"
DEVICES = f"t.kind = 'device' AND t.cell_code = ANY ({CODES})"
SEEN = {
    "fix_notes": "fix_id IN (SELECT id FROM fixes)",
    "heartbeats": f"sender_id IN (SELECT id FROM patrollers WHERE person_id = {PERSON}) OR sender_id IN"
    f" (SELECT p.id FROM patrollers p JOIN tokens t ON p.ref = E'device\\t' || t.id WHERE {DEVICES})",
    "unread": f"token_id IN (SELECT t.id FROM tokens t WHERE t.person_id = {PERSON} OR ({DEVICES}))",
}


def upgrade() -> None:
    op.create_table(
        "fix_notes",
        sa.Column("id", RowId, primary_key=True),
        sa.Column("fix_id", RowId, sa.ForeignKey("fixes.id"), nullable=False, index=True),
        sa.Column("act", sa.String, nullable=False),
        sa.Column("words", sa.String, nullable=False),
        sa.Column("written_by", RowId, sa.ForeignKey("people.id")),
        sa.Column("written_at", UtcDateTime, nullable=False),
    )
    op.create_index("ix_heartbeats_beat_at", "heartbeats", ["beat_at"])
    doubted = sa.text("flags <> 0")
    op.create_index(
        "ix_fixes_doubted_received_at", "fixes", ["received_at"], sqlite_where=doubted, postgresql_where=doubted
    )
    if op.get_bind().dialect.name == "postgresql":
        _second_wall()


def _second_wall() -> None:
    op.execute(TEXTS)
    for table, seen in SEEN.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY added ON {table} FOR INSERT WITH CHECK (true)")
        for act in ("SELECT", "UPDATE", "DELETE"):
            op.execute(f"CREATE POLICY seen_{act.lower()} ON {table} FOR {act} USING ({EVERYTHING} OR {seen})")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in SEEN:
            for policy in ("added", "seen_select", "seen_update", "seen_delete"):
                op.execute(f"DROP POLICY {policy} ON {table}")
            op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
        op.execute("DROP FUNCTION sight_texts")
    op.drop_index("ix_fixes_doubted_received_at", "fixes")
    op.drop_index("ix_heartbeats_beat_at", "heartbeats")
    op.drop_table("fix_notes")
