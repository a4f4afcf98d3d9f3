"""Let gaps go up: which level answers for each and since when, and its life step by step."""

import json
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from gisgrid.database import UtcDateTime

revision = "2026_11_27_2000"
down_revision = "2026_11_27_0910"
branch_labels = None
depends_on = None

ADDED = ("level", "level_since", "steps")
INDEX = "ix_gaps_closed_as_level_since"
LEVELS = ("substation", "community", "street")
LED_BY = {"visit": "visited", "reason": "explained", "corrected": "corrected"}


def upgrade() -> None:
    never = sa.text("'1970-01-01 00:00:00.000000'")
    op.add_column("gaps", sa.Column("level", sa.String, nullable=False, server_default="street"))
    op.add_column("gaps", sa.Column("level_since", UtcDateTime, nullable=False, server_default=never))
    op.add_column("gaps", sa.Column("steps", sa.String, nullable=False, server_default="[]"))
    op.create_index(INDEX, "gaps", ["closed_as", "level_since"])
    _tell_their_lives()


def _tell_their_lives() -> None:
    """Of gaps that are there already, tell what is known: when they were opened, and how they closed."""
    names = ("id", *(f"{level}_id" for level in LEVELS), "closed_as", "reason")
    times = (sa.column(name, UtcDateTime) for name in ("opened_at", "closed_at", "level_since"))
    kept = [sa.column(name, sa.String) for name in ("level", "steps")]
    gaps = sa.table("gaps", *map(sa.column, names), *times, *kept)
    bind = op.get_bind()
    for row in bind.execute(sa.select(gaps)).mappings().all():
        level = next((name for name in LEVELS if row[f"{name}_id"] is not None), "street")
        own = {
            "level": level,
            "level_since": row["opened_at"],
            "steps": json.dumps(_steps(row, level), ensure_ascii=False),
        }
        bind.execute(sa.update(gaps).where(gaps.c.id == row["id"]).values(own))


def _steps(row: Any, level: str) -> list[dict[str, str]]:
    def step(act: str, at: datetime, **more: str) -> dict[str, str]:
        return {"act": act, "at": at.isoformat(), "level": level, **more}

    steps = [step("opened", row["opened_at"])]
    if row["closed_as"] is not None:
        visited = {"visited_at": row["closed_at"].isoformat()} if row["closed_as"] == "visit" else {}
        words = {"words": row["reason"]} if row["closed_as"] == "reason" else {}
        steps.append(step(LED_BY[row["closed_as"]], row["closed_at"], **visited, **words))
    return steps


def downgrade() -> None:
    op.drop_index(INDEX, "gaps")
    for column in ADDED:
        op.execute(f"ALTER TABLE gaps DROP COLUMN {column}")
