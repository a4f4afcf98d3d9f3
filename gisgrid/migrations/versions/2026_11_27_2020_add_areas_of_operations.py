"""Add the areas of special operations, seen by whoever sees their plan."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

from gisgrid.database import RowId

revision = "2026_11_27_2020"
down_revision = "2026_11_27_2010"
branch_labels = None
depends_on = None

SEEN = "(SELECT sight_word('everything')) = 'on' OR plan_id IN (SELECT id FROM plans)"


def upgrade() -> None:
    op.create_geospatial_table(
        "plan_areas",
        sa.Column("plan_id", RowId, sa.ForeignKey("plans.id"), primary_key=True),
        sa.Column("geometry", Geometry("POLYGON", srid=4326, spatial_index=False), nullable=False),
    )
    op.create_geospatial_index("idx_plan_areas_geometry", "plan_areas", ["geometry"], postgresql_using="gist")
    if op.get_bind().dialect.name == "postgresql":
        _second_wall()


def _second_wall() -> None:
    op.execute("ALTER TABLE plan_areas ENABLE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY added ON plan_areas FOR INSERT WITH CHECK (true)")
    for act in ("SELECT", "UPDATE", "DELETE"):
        op.execute(f"CREATE POLICY seen_{act.lower()} ON plan_areas FOR {act} USING ({SEEN})")


def downgrade() -> None:
    op.drop_geospatial_index("idx_plan_areas_geometry", "plan_areas", column_name="geometry")
    op.drop_geospatial_table("plan_areas")
