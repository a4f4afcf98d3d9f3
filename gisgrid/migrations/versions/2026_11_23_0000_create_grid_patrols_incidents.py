"""Create the tables of grid, patrols and incidents."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

from gisgrid.database import RowId, UtcDateTime

revision = "2026_11_23_0000"
down_revision = None
branch_labels = None
depends_on = None

SPATIAL = ("cells", "patrollable_areas", "checkpoints", "incidents")


def upgrade() -> None:
    _grid()
    _patrols()
    _incidents()
    for table in SPATIAL:
        op.create_geospatial_index(f"idx_{table}_geometry", table, ["geometry"], postgresql_using="gist")


def _id() -> sa.Column:
    return sa.Column("id", RowId, primary_key=True)


def _geometry(kind: str) -> sa.Column:
    return sa.Column("geometry", Geometry(kind, srid=4326, spatial_index=False), nullable=False)


def _position() -> list[sa.Column]:
    floats = ("longitude", "latitude", "raw_longitude", "raw_latitude")
    cells = ("street_id", "community_id", "substation_id")
    return [
        *(sa.Column(name, sa.Double, nullable=False) for name in floats),
        sa.Column("crs", sa.String, nullable=False),
        *(sa.Column(name, RowId, sa.ForeignKey("cells.id"), index=name != "substation_id") for name in cells),
    ]


def _grid() -> None:
    op.create_table(
        "layer_sets",
        _id(),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("first_day", sa.Date, nullable=False, unique=True),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("note", sa.String, nullable=False),
    )
    op.create_geospatial_table(
        "cells",
        _id(),
        sa.Column("layer_set_id", RowId, sa.ForeignKey("layer_sets.id"), nullable=False),
        sa.Column("level", sa.String, nullable=False),
        sa.Column("code", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("parent_id", RowId, sa.ForeignKey("cells.id"), index=True),
        sa.Column("is_illustrative", sa.Boolean, nullable=False),
        sa.Column("note", sa.String, nullable=False),
        sa.Column("area_m2", sa.Double, nullable=False),
        _geometry("MULTIPOLYGON"),
        sa.UniqueConstraint("layer_set_id", "code"),
    )
    op.create_geospatial_table(
        "patrollable_areas",
        _id(),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("is_illustrative", sa.Boolean, nullable=False),
        _geometry("MULTIPOLYGON"),
    )


def _patrols() -> None:
    op.create_table(
        "patrollers",
        _id(),
        sa.Column("ref", sa.String, nullable=False, unique=True),
        sa.Column("name", sa.String, nullable=False),
    )
    op.create_table(
        "patrols",
        _id(),
        sa.Column("patroller_id", RowId, sa.ForeignKey("patrollers.id"), nullable=False),
        sa.Column("ref", sa.String, nullable=False),
        sa.UniqueConstraint("patroller_id", "ref"),
    )
    op.create_table(
        "fixes",
        _id(),
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("patroller_id", RowId, sa.ForeignKey("patrollers.id"), nullable=False),
        sa.Column("patrol_id", RowId, sa.ForeignKey("patrols.id"), index=True),
        sa.Column("fix_at", UtcDateTime, nullable=False),
        sa.Column("received_at", UtcDateTime, nullable=False),
        sa.Column("accuracy_m", sa.Double),
        *_position(),
        sa.UniqueConstraint("patroller_id", "client_id"),
        sa.Index("ix_fixes_fix_at", "fix_at"),
        sa.Index("ix_fixes_substation_id_fix_at", "substation_id", "fix_at"),
    )
    op.create_geospatial_table(
        "checkpoints",
        _id(),
        sa.Column("code", sa.String, nullable=False, unique=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("radius_m", sa.Double, nullable=False),
        sa.Column("is_illustrative", sa.Boolean, nullable=False),
        _geometry("POINT"),
    )


def _incidents() -> None:
    op.create_geospatial_table(
        "incidents",
        _id(),
        sa.Column("client_id", sa.String, nullable=False, unique=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("description", sa.String, nullable=False),
        sa.Column("reported_at", UtcDateTime, nullable=False),
        sa.Column("received_at", UtcDateTime, nullable=False),
        *_position(),
        _geometry("POINT"),
        sa.Index("ix_incidents_reported_at", "reported_at"),
        sa.Index("ix_incidents_substation_id_reported_at", "substation_id", "reported_at"),
    )


def downgrade() -> None:
    for table in SPATIAL:
        op.drop_geospatial_index(f"idx_{table}_geometry", table, column_name="geometry")
    op.drop_geospatial_table("incidents")
    op.drop_geospatial_table("checkpoints")
    op.drop_table("fixes")
    op.drop_table("patrols")
    op.drop_table("patrollers")
    op.drop_geospatial_table("patrollable_areas")
    op.drop_geospatial_table("cells")
    op.drop_table("layer_sets")
