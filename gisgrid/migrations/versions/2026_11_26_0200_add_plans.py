"""Add plans, gaps, and what a checkpoint asks for besides a place; and who may see which plan and gap."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from gisgrid.database import RowId, UtcDateTime

revision = "2026_11_26_0200"
down_revision = "2026_11_26_0100"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _checkpoints()
    _plans()
    _gaps()
    if _is_postgresql():
        _second_wall()


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _id() -> sa.Column:
    return sa.Column("id", RowId, primary_key=True)


def _link(name: str, table: str, *, nullable: bool = False, **options: Any) -> sa.Column:
    return sa.Column(name, RowId, sa.ForeignKey(f"{table}.id"), nullable=nullable, **options)


def _cells(**options: Any) -> list[sa.Column]:
    return [_link(f"{level}_id", "cells", nullable=True, **options) for level in ("street", "community", "substation")]


def _column(name: str, kind: Any, *, nullable: bool = False, **options: Any) -> sa.Column:
    return sa.Column(name, kind, nullable=nullable, **options)


def _checkpoints() -> None:
    op.add_column("checkpoints", _column("dwell_s", sa.Double, server_default=sa.text("0")))
    op.add_column("checkpoints", _column("code_days", sa.Integer, nullable=True))
    op.add_column("checkpoints", _column("code_secret", sa.String, nullable=True))
    op.add_column("checkpoints", _column("retired_at", UtcDateTime, nullable=True))
    # alembic adds a foreign key in a step of its own, which SQLite does not know
    kind = "BIGINT" if _is_postgresql() else "INTEGER"
    key = "CONSTRAINT fk_fixes_proved_checkpoint_id REFERENCES checkpoints (id)"
    op.execute(f"ALTER TABLE fixes ADD COLUMN proved_checkpoint_id {kind} {key}")
    op.create_table(
        "former_checkpoints",
        _id(),
        _link("checkpoint_id", "checkpoints", index=True),
        _column("until", UtcDateTime),
        *(_column(name, sa.Double) for name in ("longitude", "latitude", "radius_m", "dwell_s")),
        *(_column(name, sa.Boolean) for name in ("needs_code", "is_retired")),
    )


def _plans() -> None:
    op.create_table(
        "plans",
        _id(),
        _column("name", sa.String),
        _column("is_operation", sa.Boolean),
        _column("first_day", sa.Date),
        _column("last_day", sa.Date, nullable=True),
        _column("terms", sa.JSON),
        _column("seed", sa.LargeBinary),
        *_cells(),
        _link("made_by", "people", nullable=True),
        _column("made_at", UtcDateTime),
        _column("ended_at", UtcDateTime, nullable=True),
    )
    op.create_table(
        "plan_people",
        _link("plan_id", "plans", primary_key=True),
        _column("since", sa.Date, primary_key=True),
        _link("person_id", "people", primary_key=True, index=True),
    )


def _gaps() -> None:
    op.create_table(
        "gaps",
        _id(),
        _link("plan_id", "plans"),
        _column("day", sa.Date),
        _column("number", sa.Integer),
        _column("kind", sa.String),
        _column("code", sa.String),
        _column("start_at", UtcDateTime),
        _column("end_at", UtcDateTime),
        _column("last_at", UtcDateTime),
        *_cells(index=True),
        _column("opened_at", UtcDateTime),
        _column("closed_at", UtcDateTime, nullable=True),
        _column("closed_as", sa.String, nullable=True),
        _column("reason", sa.String),
        _link("closed_by", "people", nullable=True),
        sa.UniqueConstraint("plan_id", "day", "number"),
        sa.Index("ix_gaps_closed_as_opened_at", "closed_as", "opened_at"),
    )
    op.create_table(
        "plan_days",
        sa.Column("day", sa.Date, sa.ForeignKey("sealed_days.day"), primary_key=True),
        _link("plan_id", "plans", primary_key=True),
        *(_column(name, sa.Integer) for name in ("done", "done_late", "missed", "check_ins")),
    )


# --- row-level security, as `gisgrid.sight` asks for it --------------------------------------------


def _held() -> str:
    levels = (("street_id", "streets"), ("community_id", "communities"), ("substation_id", "substations"))
    held = [f"{column} = ANY ((SELECT sight_ids('{name}'))::bigint[])" for column, name in levels]
    return " OR ".join([*held, "(street_id IS NULL AND (SELECT sight_word('outside')) = 'on')"])


SEEN = {"plans": _held(), "plan_people": "plan_id IN (SELECT id FROM plans)", "gaps": _held()}
EVERYTHING = "(SELECT sight_word('everything')) = 'on'"


def _second_wall() -> None:
    for table, seen in SEEN.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY added ON {table} FOR INSERT WITH CHECK (true)")
        for act in ("SELECT", "UPDATE", "DELETE"):
            op.execute(f"CREATE POLICY seen_{act.lower()} ON {table} FOR {act} USING ({EVERYTHING} OR {seen})")


def downgrade() -> None:
    for table in ("plan_days", "gaps", "plan_people", "plans", "former_checkpoints"):
        op.drop_table(table)
    op.execute("ALTER TABLE fixes DROP COLUMN proved_checkpoint_id")
    for column in ("retired_at", "code_secret", "code_days", "dwell_s"):
        op.execute(f"ALTER TABLE checkpoints DROP COLUMN {column}")
