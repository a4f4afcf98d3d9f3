"""Add shifts, consents, holds and sealed days; what is confidential or a complaint; and who may see which row."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from gisgrid.database import RowId, UtcDateTime

revision = "2026_11_25_0300"
down_revision = "2026_11_25_0200"
branch_labels = None
depends_on = None

CONFIDENTIAL = "'L0301', 'L0302', 'L0303', 'L0801', 'L0802', 'L0803'"
"""The kinds of before that are for their handlers alone from now on: petitions, and people in distress."""
NEW_TABLES = ("shifts", "consents", "objections", "holds", "sealed_days", "cell_days", "jobs", "incident_handlers")


def upgrade() -> None:
    _shifts()
    _fixes()
    _kept()
    _incidents()
    if op.get_bind().dialect.name == "postgresql":
        _second_wall()


def _id() -> sa.Column:
    return sa.Column("id", RowId, primary_key=True)


def _link(name: str, table: str, *, nullable: bool = False, **options: Any) -> sa.Column:
    return sa.Column(name, RowId, sa.ForeignKey(f"{table}.id"), nullable=nullable, **options)


def _refer(table: str, column: str, other: str) -> None:
    # alembic adds a foreign key in a step of its own, which SQLite does not know
    kind = "BIGINT" if op.get_bind().dialect.name == "postgresql" else "INTEGER"
    key = f"CONSTRAINT fk_{table}_{column} REFERENCES {other} (id)"
    op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind} {key}")


def _drop(table: str, *columns: str) -> None:
    for column in columns:
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")


def _time(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, UtcDateTime, nullable=nullable)


def _text(name: str, *, nullable: bool = False, **options: Any) -> sa.Column:
    return sa.Column(name, sa.String, nullable=nullable, **options)


def _shifts() -> None:
    op.create_table(
        "shifts",
        _id(),
        _link("patroller_id", "patrollers"),
        _link("token_id", "tokens", nullable=True, index=True),
        _time("started_at"),
        _time("ended_at"),
        _time("signed_on_at"),
        sa.Index("ix_shifts_patroller_id_started_at", "patroller_id", "started_at"),
    )
    op.create_table(
        "consents",
        _id(),
        _link("person_id", "people", index=True),
        _text("covers"),
        _text("version"),
        _time("given_at"),
        _time("withdrawn_at", nullable=True),
    )


def _fixes() -> None:
    _refer("patrollers", "person_id", "people")
    op.create_index("uq_patrollers_person_id", "patrollers", ["person_id"], unique=True)
    op.add_column("fixes", sa.Column("standing", sa.String, nullable=False, server_default="counted"))
    rest = sa.text("standing <> 'counted'")
    op.create_index(
        "ix_fixes_standing_received_at",
        "fixes",
        ["standing", "received_at"],
        sqlite_where=rest,
        postgresql_where=rest,
    )
    op.add_column("fixes", sa.Column("is_track", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("fixes", sa.Column("is_by_shift", sa.Boolean, nullable=False, server_default=sa.false()))
    _refer("fixes", "token_id", "tokens")
    op.create_index("ix_fixes_token_id", "fixes", ["token_id"])
    op.create_table(
        "objections",
        _id(),
        _link("fix_id", "fixes", index=True),
        _link("patroller_id", "patrollers"),
        _text("words"),
        _time("made_at"),
        _text("reply"),
        _link("replied_by", "people", nullable=True),
        _time("replied_at", nullable=True),
    )


def _kept() -> None:
    op.create_table(
        "holds",
        _id(),
        _link("patroller_id", "patrollers", index=True),
        _time("start_at"),
        _time("end_at"),
        sa.Column("until", sa.Date, nullable=False),
        sa.Column("incident", sa.BigInteger),
        _text("reason"),
        _time("made_at"),
    )
    op.create_table(
        "sealed_days",
        sa.Column("day", sa.Date, primary_key=True),
        _time("sealed_at"),
        sa.Column("fixes", sa.Integer, nullable=False),
    )
    op.create_table(
        "cell_days",
        sa.Column("day", sa.Date, sa.ForeignKey("sealed_days.day"), primary_key=True),
        sa.Column("level", sa.String, primary_key=True),
        sa.Column("code", sa.String, primary_key=True),
        sa.Column("check_ins", sa.Integer, nullable=False),
        sa.Column("patrollers", sa.Integer),
        sa.Column("patrols", sa.Integer),
        sa.Column("visits", sa.Integer, nullable=False),
        sa.Column("dwell_s", sa.Double, nullable=False),
        sa.Column("covered_area_m2", sa.Double),
        sa.Column("coverage_ratio", sa.Double),
    )
    op.create_table("jobs", sa.Column("name", sa.String, primary_key=True), _time("next_at"))


def _incidents() -> None:
    op.add_column("incidents", sa.Column("is_confidential", sa.Boolean, nullable=False, server_default=sa.false()))
    op.execute(f"UPDATE incidents SET is_confidential = true WHERE kind IN ({CONFIDENTIAL})")
    _refer("incidents", "reported_by", "people")
    op.create_index("ix_incidents_reported_by", "incidents", ["reported_by"])
    _refer("incidents", "complained_cell_id", "cells")
    _refer("incidents", "complained_department_id", "departments")
    op.create_table(
        "incident_handlers",
        sa.Column("incident_id", RowId, sa.ForeignKey("incidents.id"), primary_key=True),
        sa.Column("person_id", RowId, sa.ForeignKey("people.id"), primary_key=True, index=True),
        _link("named_by", "people"),
        _time("named_at"),
        _text("reason"),
    )


# --- row-level security: what `gisgrid.sight` asks for, asked again by PostgreSQL ------------------

WORDS = """
CREATE FUNCTION sight_word(name text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT coalesce(current_setting('gisgrid.' || name, true), '') $$
"""
IDS = """
CREATE FUNCTION sight_ids(name text) RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT coalesce(nullif(current_setting('gisgrid.' || name, true), ''), '{}')::bigint[] $$
"""
EVERYTHING = "(SELECT sight_word('everything')) = 'on'"
PERSON = "(SELECT nullif(sight_word('person'), '')::bigint)"


def _held(prefix: str = "") -> str:
    levels = (("street_id", "streets"), ("community_id", "communities"), ("substation_id", "substations"))
    held = [f"{column} = ANY ((SELECT sight_ids('{prefix}{name}'))::bigint[])" for column, name in levels]
    return " OR ".join([*held, f"(street_id IS NULL AND (SELECT sight_word('{prefix}outside')) = 'on')"])


OWN = f"patroller_id IN (SELECT id FROM patrollers WHERE person_id = {PERSON})"
IMPARTIAL = """
(complained_cell_id IS NULL OR complained_cell_id = ANY ((SELECT sight_ids('beneath'))::bigint[])) AND
(complained_department_id IS NULL OR complained_department_id <> ALL ((SELECT sight_ids('departments'))::bigint[]))
"""
# a policy that read the handlers as whoever asks would be held by theirs, which asks for the incident again
HANDLED = f"""
CREATE FUNCTION sight_handled() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE
SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT coalesce(array_agg(incident_id), '{{}}') FROM incident_handlers WHERE person_id = {PERSON} $$
"""
NAMED = "id = ANY ((SELECT sight_handled())::bigint[])"
SEEN = {
    "fixes": f"{OWN} OR (standing <> 'withheld' AND ({_held()}))",
    "shifts": OWN,
    "objections": f"{OWN} OR fix_id IN (SELECT id FROM fixes)",
    "incidents": f"reported_by = {PERSON} OR (((NOT is_confidential AND ({_held()}))"
    f" OR (is_confidential AND ({_held('confided_')} OR {NAMED}))) AND {IMPARTIAL})",
    "incident_handlers": "incident_id IN (SELECT id FROM incidents)",
}


def _second_wall() -> None:
    op.execute(WORDS)
    op.execute(IDS)
    op.execute(HANDLED)
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
        op.execute("DROP FUNCTION sight_handled")
        op.execute("DROP FUNCTION sight_ids")
        op.execute("DROP FUNCTION sight_word")
    for table in reversed(NEW_TABLES):
        op.drop_table(table)
    op.drop_index("ix_incidents_reported_by", "incidents")
    _drop("incidents", "complained_department_id", "complained_cell_id", "reported_by", "is_confidential")
    op.drop_index("ix_fixes_token_id", "fixes")
    op.drop_index("ix_fixes_standing_received_at", "fixes")
    _drop("fixes", "token_id", "is_by_shift", "is_track", "standing")
    op.drop_index("uq_patrollers_person_id", "patrollers")
    _drop("patrollers", "person_id")
