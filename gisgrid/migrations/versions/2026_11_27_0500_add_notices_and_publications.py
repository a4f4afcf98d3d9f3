"""Add notices, which wait in an outbox until they are delivered, and publications to staff, with receipts."""

import sqlalchemy as sa
from alembic import op

from gisgrid.database import RowId, UtcDateTime

revision = "2026_11_27_0500"
down_revision = "2026_11_27_0450"
branch_labels = None
depends_on = None

EVERYTHING = "(SELECT sight_word('everything')) = 'on'"
PERSON = "(SELECT nullif(sight_word('person'), '')::bigint)"
ANSWERED = (
    "cell_code = ANY ((SELECT sight_texts('codes'))::text[])"
    " OR (cell_code IS NULL AND (SELECT sight_word('outside')) = 'on')"
)
ADDRESSED = f"""
EXISTS (
    SELECT FROM appointments
    LEFT JOIN cells own ON own.code = appointments.cell_code
    LEFT JOIN cells parent ON parent.id = own.parent_id
    LEFT JOIN cells top ON top.id = parent.parent_id
    WHERE appointments.person_id = {PERSON}
    AND (publications.role IS NULL OR publications.role = appointments.role)
    AND (publications.cell_code IS NULL
        OR publications.cell_code IN (appointments.cell_code, parent.code, top.code))
)
"""
SEEN = {
    "publications": f"published_by = {PERSON} OR {ADDRESSED} OR {ANSWERED}",
    "receipts": f"person_id = {PERSON} OR publication_id IN (SELECT id FROM publications WHERE {ANSWERED})",
}


def upgrade() -> None:
    _add_notices()
    _add_publications()
    if op.get_bind().dialect.name == "postgresql":
        _second_wall()


def _add_notices() -> None:
    op.create_table(
        "endpoints",
        sa.Column("id", RowId, primary_key=True),
        *(sa.Column(name, sa.String, nullable=False) for name in ("name", "channel", "address", "secret", "template")),
        sa.Column("body", sa.String, nullable=False),
        *(sa.Column(name, sa.JSON, nullable=False) for name in ("phones", "topics")),
        sa.Column("cell_code", sa.String),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("retired_at", UtcDateTime),
    )
    words = ("topic", "subject_zh", "words_zh", "subject_en", "words_en", "link")
    op.create_table(
        "outbox",
        sa.Column("id", RowId, primary_key=True),
        *(sa.Column(name, sa.String, nullable=False) for name in words),
        sa.Column("about_kind", sa.String),
        sa.Column("about_id", RowId),
        sa.Column("made_at", UtcDateTime, nullable=False),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", RowId, primary_key=True),
        sa.Column("outbox_id", RowId, sa.ForeignKey("outbox.id"), nullable=False, index=True),
        sa.Column("ref", sa.String, nullable=False),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("address", sa.String, nullable=False),
        sa.Column("endpoint_id", RowId, sa.ForeignKey("endpoints.id"), index=True),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("queued_at", UtcDateTime, nullable=False),
        sa.Column("next_at", UtcDateTime, index=True),
        *(sa.Column(name, UtcDateTime) for name in ("delivered_at", "given_up_at")),
        sa.Column("last_error", sa.String, nullable=False),
        sa.UniqueConstraint("ref"),
    )


def _add_publications() -> None:
    op.create_table(
        "publications",
        sa.Column("id", RowId, primary_key=True),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("words", sa.String, nullable=False),
        sa.Column("cell_code", sa.String, index=True),
        sa.Column("role", sa.String),
        sa.Column("must_confirm", sa.Boolean, nullable=False),
        sa.Column("published_by", RowId, sa.ForeignKey("people.id"), index=True),
        sa.Column("published_at", UtcDateTime, nullable=False),
        *(sa.Column(name, UtcDateTime) for name in ("ends_at", "withdrawn_at")),
    )
    op.create_table(
        "receipts",
        sa.Column("publication_id", RowId, sa.ForeignKey("publications.id"), primary_key=True),
        sa.Column("person_id", RowId, sa.ForeignKey("people.id"), primary_key=True, index=True),
        sa.Column("seen_at", UtcDateTime, nullable=False),
        sa.Column("confirmed_at", UtcDateTime),
    )


# --- row-level security: as the rules of the tables say, see `gisgrid.sight` -----------------------


def _second_wall() -> None:
    for table, seen in SEEN.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY added ON {table} FOR INSERT WITH CHECK (true)")
        for act in ("SELECT", "UPDATE", "DELETE"):
            op.execute(f"CREATE POLICY seen_{act.lower()} ON {table} FOR {act} USING ({EVERYTHING} OR {seen})")


def downgrade() -> None:
    for table in ("receipts", "publications", "deliveries", "outbox", "endpoints"):
        op.drop_table(table)
