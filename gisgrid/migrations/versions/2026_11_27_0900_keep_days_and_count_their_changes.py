"""Keep what each day comes to, and count what changes it: fixes, heartbeats and shifts, hour by hour."""

import sqlalchemy as sa
from alembic import op

from gisgrid.database import RowId, UtcDateTime

revision = "2026_11_27_0900"
down_revision = "2026_11_27_0800"
branch_labels = None
depends_on = None

MOMENTS = {"fixes": "fix_at", "heartbeats": "beat_at", "shifts": "started_at"}
ACTS = (("insert", "new"), ("update", "old"), ("update", "new"), ("delete", "old"))
"""What is done to rows, and which of them are counted: of those that move to another hour both."""


def upgrade() -> None:
    op.create_table(
        "changed_hours",
        sa.Column("what", sa.String, primary_key=True),
        sa.Column("hour", sa.String, primary_key=True),
        sa.Column("shard", RowId, primary_key=True, autoincrement=False),
        sa.Column("changes", RowId, nullable=False),
    )
    op.create_table(
        "kept_days",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("made_of", sa.String, nullable=False),
        sa.Column("changes", RowId, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False),
    )
    op.create_table(
        "issued_reports",
        sa.Column("asked", sa.String, primary_key=True),
        sa.Column("first_made_at", UtcDateTime, nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("figures", sa.String, nullable=False),
    )
    for table, moment in MOMENTS.items():
        hour = _hour(moment)
        op.execute(
            f"INSERT INTO changed_hours (what, hour, shard, changes) "
            f"SELECT '{table}', {hour}, 0, count(*) FROM {table} GROUP BY {hour}"
        )
        for statement in _sqlite(table, moment) if _is_sqlite() else _postgresql(table, moment):
            op.execute(statement)


def downgrade() -> None:
    for table in MOMENTS:
        for act, row in ACTS:
            op.execute(f"DROP TRIGGER {table}_{act}_{row}_counted" + ("" if _is_sqlite() else f" ON {table}"))
        if not _is_sqlite():
            op.execute(f"DROP FUNCTION count_{table}()")
    for table in ("issued_reports", "kept_days", "changed_hours"):
        op.drop_table(table)


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _hour(moment: str) -> str:
    return f"substr({moment}, 1, 13)" if _is_sqlite() else f"to_char({moment} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24')"


def _sqlite(table: str, moment: str) -> list[str]:
    """Return triggers that count each row."""
    return [
        f"""
        CREATE TRIGGER {table}_{act}_{row}_counted AFTER {act.upper()} ON {table}
        BEGIN
            INSERT INTO changed_hours (what, hour, shard, changes)
            VALUES ('{table}', substr({row}.{moment}, 1, 13), 0, 1)
            ON CONFLICT (what, hour, shard) DO UPDATE SET changes = changes + 1;
        END
        """
        for act, row in ACTS
    ]


def _postgresql(table: str, moment: str) -> list[str]:
    """Return triggers that count the rows of a statement; each connection counts for itself, so that none waits."""
    function = f"""
        CREATE FUNCTION count_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO changed_hours (what, hour, shard, changes)
            SELECT '{table}', {_hour(moment)}, pg_backend_pid(), count(*) FROM changed GROUP BY 2
            ON CONFLICT (what, hour, shard) DO UPDATE SET changes = changed_hours.changes + excluded.changes;
            RETURN NULL;
        END $$
        """
    return [
        function,
        *(
            f"""
            CREATE TRIGGER {table}_{act}_{row}_counted AFTER {act.upper()} ON {table}
            REFERENCING {row} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_{table}()
            """
            for act, row in ACTS
        ),
    ]
