"""Close the loop: incidents get a number, a state and their steps; a client_id is its sender's own."""

from collections import Counter
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from gisgrid.database import RowId, UtcDateTime
from gisgrid.settings import Settings

revision = "2026_11_27_0450"
down_revision = "2026_11_27_0400"
branch_labels = None
depends_on = None

NOWHERE = "000000000"
"""What stands in a number for the cell of what lies in none."""
REFERENCES = (("department_id", "departments"), ("handler_id", "people"), ("merged_into_id", "incidents"))
PLAIN = (
    *("number", "client_id", "state", "revision", "answering_code", "source", "outside_number", "contact"),
    *("condition", "due_at", "is_sampled"),
)
INDEXES = {
    "ix_incidents_state_due_at": ["state", "due_at"],
    "ix_incidents_answering_code": ["answering_code"],
    "ix_incidents_outside_number": ["outside_number"],
    **{f"ix_incidents_{column}": [column] for column, _ in REFERENCES},
}
FINEST = """
SELECT i.id, i.reported_at, i.received_at, i.reported_by, coalesce(c.code, b.code, a.code) AS code FROM incidents i
LEFT JOIN cells a ON a.id = i.street_id LEFT JOIN cells b ON b.id = i.community_id
LEFT JOIN cells c ON c.id = i.substation_id ORDER BY i.reported_at, i.id
"""


def upgrade() -> None:
    _columns()
    _tables()
    _number_those_there()
    op.create_index("uq_incidents_number", "incidents", ["number"], unique=True)
    for statement in SQLITE if _is_sqlite() else POSTGRESQL:
        op.execute(statement)
    if not _is_sqlite():
        _second_wall(SEEN)


def _is_sqlite() -> bool:
    return bool(op.get_bind().dialect.name == "sqlite")


def _columns() -> None:
    # the constraint stays with the renamed column: SQLite changes none of a table that is there
    op.execute("ALTER TABLE incidents RENAME COLUMN client_id TO key")
    texts = [sa.Column(name, sa.String) for name in ("number", "answering_code", "outside_number", "condition")]
    given = [_text("state", "reported"), _text("source", "patrol"), _text("contact", ""), _text("client_id", "")]
    others: list[sa.Column[Any]] = [
        sa.Column("revision", sa.Integer, nullable=False, server_default="1"),
        sa.Column("due_at", UtcDateTime),
        sa.Column("is_sampled", sa.Boolean, nullable=False, server_default=sa.false()),
    ]
    for added in (*texts, *given, *others):
        op.add_column("incidents", added)
    kind = "INTEGER" if _is_sqlite() else "BIGINT"
    for column, table in REFERENCES:
        # alembic adds a foreign key in a step of its own, which SQLite does not know
        key = f"CONSTRAINT fk_incidents_{column} REFERENCES {table} (id)"
        op.execute(f"ALTER TABLE incidents ADD COLUMN {column} {kind} {key}")
    for name, columns in INDEXES.items():
        op.create_index(name, "incidents", columns)


def _text(name: str, default: str) -> sa.Column:
    return sa.Column(name, sa.String, nullable=False, server_default=default)


def _link(name: str, table: str, **options: Any) -> sa.Column:
    how = {key: options.pop(key) for key in ("ondelete",) if key in options}
    return sa.Column(name, RowId, sa.ForeignKey(f"{table}.id", **how), **options)


def _tables() -> None:
    op.create_table(
        "incident_parties",
        _link("incident_id", "incidents", primary_key=True),
        _link("department_id", "departments", primary_key=True),
        sa.Column("is_lead", sa.Boolean, nullable=False),
    )
    op.create_table(
        "incident_steps",
        sa.Column("id", RowId, primary_key=True),
        _link("incident_id", "incidents", ondelete="CASCADE", nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("move", sa.String, nullable=False),
        sa.Column("from_state", sa.String),
        sa.Column("to_state", sa.String, nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False),
        _link("made_by", "people", index=True),
        sa.Column("answering_code", sa.String),
        _text("words", ""),
        _text("detail", "{}"),
        sa.Column("longitude", sa.Double),
        sa.Column("latitude", sa.Double),
        sa.UniqueConstraint("incident_id", "number"),
        sa.Index("ix_incident_steps_made_at", "made_at"),
    )
    op.create_table(
        "incident_exhibits",
        sa.Column("id", RowId, primary_key=True),
        _link("incident_id", "incidents", ondelete="CASCADE", nullable=False),
        sa.Column("hash", sa.String, sa.ForeignKey("attachments.hash"), nullable=False, index=True),
        sa.Column("shows", sa.String, nullable=False),
        _text("caption", ""),
        sa.Column("longitude", sa.Double),
        sa.Column("latitude", sa.Double),
        sa.Column("taken_at", sa.String),
        _link("added_by", "people", index=True),
        sa.Column("added_at", UtcDateTime, nullable=False),
        sa.UniqueConstraint("incident_id", "hash"),
    )
    op.create_table(
        "case_counts",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("cell_code", sa.String, primary_key=True),
        sa.Column("cases", sa.Integer, nullable=False),
    )


def _number_those_there() -> None:
    connection = op.get_bind()
    incidents = sa.table("incidents", *(sa.column(name) for name in ("id", "number", "answering_code")))
    steps = sa.table(
        "incident_steps",
        *(sa.column(name) for name in ("incident_id", "number", "move", "to_state", "made_by", "answering_code")),
        sa.column("made_at", UtcDateTime),
    )
    counts: Counter[tuple[date, str]] = Counter()
    numbered, reported = [], []
    found = sa.text(FINEST).columns(reported_at=UtcDateTime, received_at=UtcDateTime)
    for row in connection.execute(found).mappings().all():
        day = _local_day(row["reported_at"])
        cell = row["code"] or NOWHERE
        counts[day, cell] += 1
        number = f"{day:%Y%m%d}-{cell}-{counts[day, cell]:04d}"
        numbered.append({"its": row["id"], "number": number, "code": row["code"]})
        step = {"incident_id": row["id"], "number": 1, "move": "report", "to_state": "reported"}
        reported.append(
            {**step, "made_by": row["reported_by"], "made_at": row["received_at"], "answering_code": row["code"]}
        )
    if numbered:
        values: dict[str, Any] = {"number": sa.bindparam("number"), "answering_code": sa.bindparam("code")}
        connection.execute(sa.update(incidents).where(incidents.c.id == sa.bindparam("its")).values(values), numbered)
        connection.execute(sa.insert(steps), reported)
        rows = [{"day": day, "cell_code": cell, "cases": cases} for (day, cell), cases in counts.items()]
        table = sa.table("case_counts", sa.column("day", sa.Date), sa.column("cell_code"), sa.column("cases"))
        connection.execute(sa.insert(table), rows)
    op.execute("UPDATE incidents SET client_id = key")
    by = "coalesce('person' || reported_by, '')"
    tab = "char(9)" if _is_sqlite() else "chr(9)"
    op.execute(f"UPDATE incidents SET key = {by} || {tab} || key")


def _local_day(moment: datetime) -> date:
    return moment.astimezone(Settings().zone).date()


# --- steps are added and never changed; they go with their incident ---------------------------------

SQLITE = (
    """
    CREATE TRIGGER incident_steps_update BEFORE UPDATE ON incident_steps
    BEGIN SELECT RAISE(ABORT, 'incident_steps is append-only'); END
    """,
    """
    CREATE TRIGGER incident_steps_delete BEFORE DELETE ON incident_steps
    WHEN EXISTS (SELECT 1 FROM incidents WHERE id = OLD.incident_id)
    BEGIN SELECT RAISE(ABORT, 'incident_steps is append-only'); END
    """,
    # INSERT OR REPLACE deletes the row that is in its way without a word to the trigger above
    """
    CREATE TRIGGER incident_steps_insert BEFORE INSERT ON incident_steps
    WHEN EXISTS (SELECT 1 FROM incident_steps WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'incident_steps is append-only'); END
    """,
)
POSTGRESQL = (
    """
    CREATE FUNCTION refuse_step_change() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        IF TG_OP = 'DELETE' THEN
            IF NOT EXISTS (SELECT FROM incidents WHERE id = OLD.incident_id) THEN
                RETURN OLD;
            END IF;
        END IF;
        RAISE EXCEPTION 'incident_steps is append-only';
    END $$
    """,
    """
    CREATE TRIGGER incident_steps_change BEFORE UPDATE OR DELETE ON incident_steps
    FOR EACH ROW EXECUTE FUNCTION refuse_step_change()
    """,
)

# --- row-level security: as the rules of the tables say, see `gisgrid.sight` ------------------------

EVERYTHING = "(SELECT sight_word('everything')) = 'on'"
PERSON = "(SELECT nullif(sight_word('person'), '')::bigint)"
NAMED = "id = ANY ((SELECT sight_handled())::bigint[])"
IMPARTIAL = """
(complained_cell_id IS NULL OR complained_cell_id = ANY ((SELECT sight_ids('beneath'))::bigint[])) AND
(complained_department_id IS NULL OR complained_department_id <> ALL ((SELECT sight_ids('departments'))::bigint[]))
"""
ANSWERED = "answering_code = ANY ((SELECT sight_texts('codes'))::text[])"


def _held(prefix: str = "") -> str:
    levels = (("street_id", "streets"), ("community_id", "communities"), ("substation_id", "substations"))
    held = [f"{column} = ANY ((SELECT sight_ids('{prefix}{name}'))::bigint[])" for column, name in levels]
    return " OR ".join([*held, f"(street_id IS NULL AND (SELECT sight_word('{prefix}outside')) = 'on')"])


def _incidents(mine: str, here: str) -> str:
    return (
        f"{mine} OR (((NOT is_confidential AND ({here}))"
        f" OR (is_confidential AND ({_held('confided_')} OR {NAMED}))) AND {IMPARTIAL})"
    )


BEFORE = _incidents(f"reported_by = {PERSON}", _held())
ITS = "incident_id IN (SELECT id FROM incidents)"
SEEN = {
    "incidents": _incidents(f"reported_by = {PERSON} OR handler_id = {PERSON}", f"{_held()} OR {ANSWERED}"),
    "incident_parties": ITS,
    "incident_steps": ITS,
    "incident_exhibits": ITS,
}


def _second_wall(seen: dict[str, str]) -> None:
    for table, its in seen.items():
        if table == "incidents":
            for act in ("select", "update", "delete"):
                op.execute(f"DROP POLICY seen_{act} ON incidents")
        else:
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY added ON {table} FOR INSERT WITH CHECK (true)")
        for act in ("SELECT", "UPDATE", "DELETE"):
            op.execute(f"CREATE POLICY seen_{act.lower()} ON {table} FOR {act} USING ({EVERYTHING} OR {its})")


def downgrade() -> None:
    if not _is_sqlite():
        _second_wall({"incidents": BEFORE})
    for table in ("case_counts", "incident_exhibits", "incident_steps", "incident_parties"):
        op.drop_table(table)
    if not _is_sqlite():
        op.execute("DROP FUNCTION refuse_step_change()")
    op.drop_index("uq_incidents_number", "incidents")
    for name in INDEXES:
        op.drop_index(name, "incidents")
    for column in (*PLAIN, *(column for column, _ in REFERENCES)):
        op.execute(f"ALTER TABLE incidents DROP COLUMN {column}")
    tab = "char(9)" if _is_sqlite() else "chr(9)"
    find = "instr" if _is_sqlite() else "strpos"
    op.execute(f"UPDATE incidents SET key = substr(key, {find}(key, {tab}) + 1) || '#' || id")
    op.execute("ALTER TABLE incidents RENAME COLUMN key TO client_id")
