"""Judge fixes and name their senders; keep heartbeats, and what was sent that is no fix."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from gisgrid.database import RowId, UtcDateTime

revision = "2026_11_26_0100"
down_revision = "2026_11_25_0300"
branch_labels = None
depends_on = None

SEALED = 1 << 10
"""The flag of what was quarantined so far: it came too late, for a day that was sealed."""
PLACE = ("longitude", "latitude", "raw_longitude", "raw_latitude")
CELLS = ("street_id", "community_id", "substation_id")
TIMES = ("fix_at", "received_at")
SAID = ("standing", "is_track", "is_by_shift")
KEPT = ("id", "patroller_id", "patrol_id", *TIMES, *PLACE, "accuracy_m", "crs", *CELLS, *SAID, "token_id")
"""What stays as it is; of two fixes with one key the later gets another client_id."""
NEW_INDEXES = (("sender_id", "fix_at"), ("patroller_id", "fix_at"))
OLD_INDEXES = (*((name,) for name in ("fix_at", "patrol_id", *CELLS[:2], "token_id")), ("substation_id", "fix_at"))
DEVICE = "(SELECT p.id FROM patrollers p WHERE p.ref = 'device' || chr(9) || f.token_id)"
"""The row under which a device's fixes wait; no name that is sent in may hold a tab."""


def _chr(words: str) -> str:
    return words.replace("chr(9)", "char(9)") if _is_sqlite() else words


def _is_sqlite() -> bool:
    return bool(op.get_bind().dialect.name == "sqlite")


def upgrade() -> None:
    op.execute(
        _chr(
            "INSERT INTO patrollers (ref, name) SELECT DISTINCT 'device' || chr(9) || f.token_id, '' FROM fixes f"
            f" WHERE f.token_id IS NOT NULL AND {DEVICE} IS NULL"
        )
    )
    if _is_sqlite():
        _remake_fixes()
    else:
        _change_fixes()
    op.create_table(
        "heartbeats",
        _id(),
        _link("sender_id", "patrollers"),
        _time("beat_at"),
        _time("received_at", index=True),
        sa.UniqueConstraint("sender_id", "beat_at"),
    )
    op.create_table(
        "unread",
        _id(),
        _link("token_id", "tokens", index=True),
        _time("received_at", index=True),
        *(sa.Column(name, sa.String, nullable=False) for name in ("protocol", "zh", "en", "body")),
    )


def _id() -> sa.Column:
    return sa.Column("id", RowId, primary_key=True)


def _link(name: str, table: str, *, nullable: bool = False, **options: Any) -> sa.Column:
    return sa.Column(name, RowId, sa.ForeignKey(f"{table}.id"), nullable=nullable, **options)


def _time(name: str, **options: Any) -> sa.Column:
    return sa.Column(name, UtcDateTime, nullable=False, **options)


def _judged() -> list[sa.Column]:
    return [
        sa.Column("flags", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("is_released", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("candidates", sa.String),
        sa.Column("attributes", sa.String),
    ]


def _index(indexes: tuple[tuple[str, ...], ...]) -> None:
    for columns in indexes:
        op.create_index(_name(columns), "fixes", list(columns))


def _name(columns: tuple[str, ...]) -> str:
    return "_".join(("ix_fixes", *columns))


# --- PostgreSQL ------------------------------------------------------------------------------------

SENDER = f"coalesce({DEVICE}, f.patroller_id)"
DISTINCT_IDS = """
UPDATE fixes SET client_id = client_id || '#' || id WHERE id IN (
    SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY {0}, client_id ORDER BY id) AS number FROM fixes) AS f
    WHERE number > 1)
"""
"""Two fixes of one id, of those that had another owner each, are two rows still."""


def _change_fixes() -> None:
    op.add_column("fixes", _link("sender_id", "patrollers", nullable=True))
    op.execute(f"UPDATE fixes f SET sender_id = {SENDER}")
    op.execute(DISTINCT_IDS.format("sender_id"))
    op.alter_column("fixes", "sender_id", nullable=False)
    for name in PLACE:
        op.alter_column("fixes", name, nullable=True)
    for column in _judged():
        op.add_column("fixes", column)
    op.execute(f"UPDATE fixes SET flags = {SEALED} WHERE standing = 'quarantined'")
    op.drop_constraint("uq_fixes_patroller_id_client_id", "fixes")
    op.create_unique_constraint("uq_fixes_sender_id_client_id", "fixes", ["sender_id", "client_id"])
    _index(NEW_INDEXES)


def _change_fixes_back() -> None:
    op.execute("DELETE FROM fixes WHERE longitude IS NULL")
    for columns in NEW_INDEXES:
        op.drop_index(_name(columns), "fixes")
    op.drop_constraint("uq_fixes_sender_id_client_id", "fixes")
    op.execute(DISTINCT_IDS.format("patroller_id"))
    op.create_unique_constraint("uq_fixes_patroller_id_client_id", "fixes", ["patroller_id", "client_id"])
    for name in PLACE:
        op.alter_column("fixes", name, nullable=False)
    for name in ("attributes", "candidates", "is_released", "flags", "sender_id"):
        op.drop_column("fixes", name)


# --- SQLite, which changes no constraint of a table that is there ------------------------------------


def _remake_fixes() -> None:
    _put_aside()
    _make_fixes([_link("sender_id", "patrollers"), *_judged()], key=("sender_id", "client_id"), has_place=False)
    _refer_to_tokens()
    flags = f"CASE WHEN f.standing = 'quarantined' THEN {SEALED} ELSE 0 END"
    _take_over({"sender_id": SENDER, "flags": flags}, key=SENDER)
    _index(NEW_INDEXES)


def _remake_fixes_back() -> None:
    _put_aside()
    _make_fixes([], key=("patroller_id", "client_id"), has_place=True)
    _refer_to_tokens()
    _take_over({}, key="f.patroller_id", where="WHERE f.longitude IS NOT NULL")


def _put_aside() -> None:
    # as of old, so that what refers to the table does not follow it; references are off meanwhile
    op.execute("PRAGMA legacy_alter_table=ON")
    op.rename_table("fixes", "fixes_before")
    op.execute("PRAGMA legacy_alter_table=OFF")
    names = "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'fixes_before' AND sql IS NOT NULL"
    for name in op.get_bind().scalars(sa.text(names)).all():
        op.execute(f"DROP INDEX {name}")


def _take_over(others: dict[str, str], *, key: str, where: str = "") -> None:
    number = f"row_number() OVER (PARTITION BY {key}, f.client_id ORDER BY f.id)"
    others = {"client_id": f"CASE WHEN {number} > 1 THEN f.client_id || '#' || f.id ELSE f.client_id END", **others}
    taken = ", ".join([*(f"f.{name}" for name in KEPT), *others.values()])
    op.execute(_chr(f"INSERT INTO fixes ({', '.join([*KEPT, *others])}) SELECT {taken} FROM fixes_before f {where}"))
    op.drop_table("fixes_before")
    _index(OLD_INDEXES)
    rest = sa.text("standing <> 'counted'")
    op.create_index("ix_fixes_standing_received_at", "fixes", ["standing", "received_at"], sqlite_where=rest)


def _make_fixes(others: list[sa.Column], *, key: tuple[str, ...], has_place: bool) -> None:
    op.create_table(
        "fixes",
        _id(),
        sa.Column("client_id", sa.String, nullable=False),
        _link("patroller_id", "patrollers"),
        _link("patrol_id", "patrols", nullable=True),
        *(_time(name) for name in TIMES),
        *(sa.Column(name, sa.Double, nullable=not has_place) for name in PLACE),
        sa.Column("accuracy_m", sa.Double),
        sa.Column("crs", sa.String, nullable=False),
        *(_link(name, "cells", nullable=True) for name in CELLS),
        sa.Column("standing", sa.String, nullable=False, server_default="counted"),
        sa.Column("is_track", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("is_by_shift", sa.Boolean, nullable=False, server_default=sa.false()),
        *others,
        sa.UniqueConstraint(*key),
    )


def _refer_to_tokens() -> None:
    # as the revision before made it: SQLite drops a column that has its reference with it, and no other
    op.execute("ALTER TABLE fixes ADD COLUMN token_id INTEGER CONSTRAINT fk_fixes_token_id REFERENCES tokens (id)")


def downgrade() -> None:
    op.drop_table("unread")
    op.drop_table("heartbeats")
    if _is_sqlite():
        _remake_fixes_back()
    else:
        _change_fixes_back()
