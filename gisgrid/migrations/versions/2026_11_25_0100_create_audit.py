"""Create the audit: entries that nothing may change, their head, and what purges leave."""

import sqlalchemy as sa
from alembic import op

from gisgrid.database import RowId, UtcDateTime

revision = "2026_11_25_0100"
down_revision = "2026_11_23_0000"
branch_labels = None
depends_on = None

SQLITE = (
    """
    CREATE TRIGGER audit_entries_update BEFORE UPDATE ON audit_entries
    BEGIN SELECT RAISE(ABORT, 'audit_entries is append-only'); END
    """,
    """
    CREATE TRIGGER audit_entries_delete BEFORE DELETE ON audit_entries
    WHEN NOT EXISTS (SELECT 1 FROM audit_anchors WHERE number >= OLD.number)
    BEGIN SELECT RAISE(ABORT, 'audit_entries is append-only'); END
    """,
    # INSERT OR REPLACE deletes the row that is in its way without a word to the trigger above
    """
    CREATE TRIGGER audit_entries_insert BEFORE INSERT ON audit_entries
    WHEN EXISTS (SELECT 1 FROM audit_entries WHERE number = NEW.number)
    BEGIN SELECT RAISE(ABORT, 'audit_entries is append-only'); END
    """,
)
POSTGRESQL = (
    """
    CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' THEN
            IF EXISTS (SELECT FROM audit_anchors WHERE number >= OLD.number) THEN
                RETURN OLD;
            END IF;
        END IF;
        RAISE EXCEPTION 'audit_entries is append-only';
    END $$
    """,
    """
    CREATE TRIGGER audit_entries_change BEFORE UPDATE OR DELETE ON audit_entries
    FOR EACH ROW EXECUTE FUNCTION refuse_audit_change()
    """,
    """
    CREATE TRIGGER audit_entries_truncate BEFORE TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()
    """,
)


def upgrade() -> None:
    op.create_table(
        "audit_entries",
        _number("number"),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("actor", sa.String, nullable=False),
        sa.Column("actor_id", RowId),
        sa.Column("action", sa.String, nullable=False),
        sa.Column("subject", sa.String),
        sa.Column("subject_id", RowId),
        sa.Column("detail", sa.String, nullable=False),
        sa.Column("previous_hash", sa.String, nullable=False),
        sa.Column("hash", sa.String, nullable=False),
        sa.Index("ix_audit_entries_at", "at"),
        sa.Index("ix_audit_entries_actor_id", "actor_id"),
        sa.Index("ix_audit_entries_subject_id", "subject_id"),
    )
    op.create_table(
        "audit_head",
        _number("id"),
        sa.Column("number", RowId, nullable=False),
        sa.Column("hash", sa.String, nullable=False),
    )
    op.create_table(
        "audit_anchors",
        _number("number"),
        sa.Column("hash", sa.String, nullable=False),
        sa.Column("entries", RowId, nullable=False),
        sa.Column("purged_at", UtcDateTime, nullable=False),
    )
    for statement in SQLITE if _is_sqlite() else POSTGRESQL:
        op.execute(statement)


def _number(name: str) -> sa.Column:
    return sa.Column(name, RowId, primary_key=True, autoincrement=False)


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def downgrade() -> None:
    for table in ("audit_anchors", "audit_head", "audit_entries"):
        op.drop_table(table)
    if not _is_sqlite():
        op.execute("DROP FUNCTION refuse_audit_change()")
