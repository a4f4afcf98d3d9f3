"""Add emergencies, their plans and alerts, supervision orders, and a phone number of each person."""

import json
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

import sqlalchemy as sa
from alembic import op

from gisgrid.database import RowId, UtcDateTime

revision = "2026_11_27_0800"
down_revision = "2026_11_27_0700"
branch_labels = None
depends_on = None

TABLES = (
    *("order_counts", "supervision_orders"),
    *("emergency_remarks", "emergency_tasks", "emergency_alerts", "emergencies", "contingency_plans"),
)


def upgrade() -> None:
    op.add_column("people", sa.Column("phone", sa.String))
    _plans()
    _emergencies()
    _orders()
    if op.get_bind().dialect.name == "postgresql":
        _second_wall()


def _link(name: str, table: str, **options: Any) -> sa.Column:
    return sa.Column(name, RowId, sa.ForeignKey(f"{table}.id"), **options)


def _text(name: str) -> sa.Column:
    return sa.Column(name, sa.String, nullable=False)


def _plans() -> None:
    plans = op.create_table(
        "contingency_plans",
        sa.Column("id", RowId, primary_key=True),
        sa.Column("code", sa.String, nullable=False, unique=True),
        *(_text(name) for name in ("name_zh", "name_en", "kinds", "calls", "checklist")),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.Column("retired_at", UtcDateTime),
    )
    starter = json.loads((files("gisgrid.incidents.emergencies") / "plans.json").read_text("utf-8"))
    op.bulk_insert(plans, [_plan(each) for each in starter])


def _plan(given: dict[str, Any]) -> dict[str, Any]:
    kept = {name: given[name] for name in ("code", "name_zh", "name_en")}
    lists = {name: json.dumps(given[name], ensure_ascii=False) for name in ("calls", "checklist")}
    return {**kept, **lists, "kinds": ",".join(given["kinds"]), "made_at": datetime.now(UTC)}


def _emergencies() -> None:
    op.create_table(
        "emergencies",
        sa.Column("id", RowId, primary_key=True),
        _link("incident_id", "incidents", nullable=False, index=True),
        _link("plan_id", "contingency_plans"),
        sa.Column("started_at", UtcDateTime, nullable=False),
        _link("started_by", "people", index=True),
        sa.Column("ended_at", UtcDateTime),
        _link("ended_by", "people", index=True),
        sa.Column("words", sa.String, nullable=False, server_default=""),
        sa.Index("ix_emergencies_ended_at", "ended_at"),
    )
    running = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_emergencies_running",
        "emergencies",
        ["incident_id"],
        unique=True,
        sqlite_where=running,
        postgresql_where=running,
    )
    op.create_table(
        "emergency_alerts",
        sa.Column("id", RowId, primary_key=True),
        _link("emergency_id", "emergencies", nullable=False),
        _link("person_id", "people", nullable=False, index=True),
        _text("role"),
        _link("department_id", "departments"),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.Column("alerted_at", UtcDateTime, nullable=False),
        sa.Column("acknowledged_at", UtcDateTime),
        sa.Column("followed_up_at", UtcDateTime),
        sa.UniqueConstraint("emergency_id", "person_id"),
    )
    op.create_table(
        "emergency_tasks",
        sa.Column("id", RowId, primary_key=True),
        _link("emergency_id", "emergencies", nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        _text("zh"),
        _text("en"),
        sa.Column("role", sa.String),
        _link("department_id", "departments"),
        sa.Column("due_at", UtcDateTime, nullable=False),
        sa.Column("done_at", UtcDateTime),
        _link("done_by", "people", index=True),
        sa.Column("words", sa.String, nullable=False, server_default=""),
        sa.UniqueConstraint("emergency_id", "number"),
    )
    op.create_table(
        "emergency_remarks",
        sa.Column("id", RowId, primary_key=True),
        _link("emergency_id", "emergencies", nullable=False, index=True),
        _text("words"),
        _link("written_by", "people", index=True),
        sa.Column("written_at", UtcDateTime, nullable=False),
    )


def _orders() -> None:
    op.create_table(
        "supervision_orders",
        sa.Column("id", RowId, primary_key=True),
        sa.Column("number", sa.String, nullable=False, unique=True),
        _link("incident_id", "incidents", nullable=False, index=True),
        sa.Column("filed_step", sa.Integer),
        _link("issued_by", "people", index=True),
        _link("addressee_department_id", "departments", index=True),
        _link("addressee_person_id", "people", index=True),
        sa.Column("addressee_code", sa.String),
        _text("words"),
        sa.Column("issued_at", UtcDateTime, nullable=False),
        sa.Column("deadline_at", UtcDateTime, nullable=False),
        sa.Column("reply", sa.String, nullable=False, server_default=""),
        _link("replied_by", "people", index=True),
        sa.Column("replied_at", UtcDateTime),
        _link("closed_by", "people", index=True),
        sa.Column("closed_at", UtcDateTime),
        sa.UniqueConstraint("incident_id", "filed_step"),
    )
    op.create_table(
        "order_counts",
        sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("orders", sa.Integer, nullable=False),
    )


# --- row-level security: as the rules of the tables say, see `gisgrid.sight` ------------------------

EVERYTHING = "(SELECT sight_word('everything')) = 'on'"
ITS_INCIDENT = "incident_id IN (SELECT id FROM incidents)"
ITS_EMERGENCY = "emergency_id IN (SELECT id FROM emergencies)"
SEEN = {
    "emergencies": ITS_INCIDENT,
    "supervision_orders": ITS_INCIDENT,
    "emergency_alerts": ITS_EMERGENCY,
    "emergency_tasks": ITS_EMERGENCY,
    "emergency_remarks": ITS_EMERGENCY,
}


def _second_wall() -> None:
    for table, its in SEEN.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY added ON {table} FOR INSERT WITH CHECK (true)")
        for act in ("SELECT", "UPDATE", "DELETE"):
            op.execute(f"CREATE POLICY seen_{act.lower()} ON {table} FOR {act} USING ({EVERYTHING} OR {its})")


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    op.execute("ALTER TABLE people DROP COLUMN phone")
