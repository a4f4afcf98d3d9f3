"""Add suggested rounds and who may see which, and the ways over which they walk."""

import sqlalchemy as sa
from alembic import op

from gisgrid.database import RowId, UtcDateTime

revision = "2026_11_27_2010"
down_revision = "2026_11_27_2000"
branch_labels = None
depends_on = None

EVERYTHING = "(SELECT sight_word('everything')) = 'on'"
PERSON = "(SELECT nullif(sight_word('person'), '')::bigint)"
LEVELS = (("street_id", "streets"), ("community_id", "communities"), ("substation_id", "substations"))


def upgrade() -> None:
    op.create_table(
        "suggestions",
        sa.Column("id", RowId, primary_key=True),
        sa.Column("person_id", RowId, sa.ForeignKey("people.id"), nullable=False, index=True),
        sa.Column("made_by", RowId, sa.ForeignKey("people.id"), index=True),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False, index=True),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("started_from", sa.String, nullable=False),
        sa.Column("longitude", sa.Double, nullable=False),
        sa.Column("latitude", sa.Double, nullable=False),
        sa.Column("is_by_ways", sa.Boolean, nullable=False),
        sa.Column("detour", sa.Double, nullable=False),
        sa.Column("places", sa.String, nullable=False),
        sa.Column("line", sa.String, nullable=False),
        *(sa.Column(name, RowId, sa.ForeignKey("cells.id")) for name, _ in LEVELS),
    )
    op.create_table(
        "ways",
        sa.Column("id", RowId, primary_key=True),
        sa.Column("points", sa.String, nullable=False),
    )
    if op.get_bind().dialect.name == "postgresql":
        _second_wall()


def _second_wall() -> None:
    held = [f"{column} = ANY ((SELECT sight_ids('{name}'))::bigint[])" for column, name in LEVELS]
    outside = "(street_id IS NULL AND (SELECT sight_word('outside')) = 'on')"
    seen = " OR ".join([EVERYTHING, f"person_id = {PERSON}", f"made_by = {PERSON}", *held, outside])
    op.execute("ALTER TABLE suggestions ENABLE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY added ON suggestions FOR INSERT WITH CHECK (true)")
    for act in ("SELECT", "UPDATE", "DELETE"):
        op.execute(f"CREATE POLICY seen_{act.lower()} ON suggestions FOR {act} USING ({seen})")


def downgrade() -> None:
    op.drop_table("ways")
    op.drop_table("suggestions")
