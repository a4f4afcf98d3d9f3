"""Add own layers and what is in them; the ways on which one walks become one of them."""

import json

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

from gisgrid.database import RowId, UtcDateTime

revision = "2026_11_27_2100"
down_revision = "2026_11_27_2020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "own_layers",
        sa.Column("id", RowId, primary_key=True),
        sa.Column("name", sa.String, unique=True),
        sa.Column("title_zh", sa.String, nullable=False),
        sa.Column("title_en", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("is_walkable", sa.Boolean, nullable=False),
        sa.Column("features", sa.Integer, nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("loaded_at", UtcDateTime, nullable=False),
    )
    op.create_geospatial_table(
        "own_features",
        sa.Column("id", RowId, primary_key=True),
        sa.Column("layer_id", RowId, sa.ForeignKey("own_layers.id"), nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("geometry", Geometry("GEOMETRY", srid=4326, spatial_index=False), nullable=False),
        sa.Index("ix_own_features_layer_id_key", "layer_id", "key"),
    )
    op.create_geospatial_index("idx_own_features_geometry", "own_features", ["geometry"], postgresql_using="gist")
    _take_ways(op.get_bind())
    op.drop_table("ways")


def _take_ways(connection: sa.Connection) -> None:
    ways = connection.execute(sa.text("SELECT points FROM ways ORDER BY id")).scalars().all()
    if not ways:
        return
    named = "'ways', '步行道路', 'Footways', 'line'"
    layer = connection.execute(
        sa.text(
            "INSERT INTO own_layers (name, title_zh, title_en, kind, is_walkable, features, source, loaded_at) "
            f"VALUES ({named}, true, :ways, 'ways', CURRENT_TIMESTAMP) RETURNING id"
        ),
        {"ways": len(ways)},
    ).scalar_one()
    add = sa.text(
        "INSERT INTO own_features (layer_id, name, key, geometry) VALUES (:layer, '', '', ST_GeomFromText(:line, 4326))"
    )
    connection.execute(add, [{"layer": layer, "line": _line(points)} for points in ways])


def _line(points: str) -> str:
    return "LINESTRING({})".format(", ".join(f"{x} {y}" for x, y in json.loads(points)))


def downgrade() -> None:
    op.create_table(
        "ways",
        sa.Column("id", RowId, primary_key=True),
        sa.Column("points", sa.String, nullable=False),
    )
    _give_ways_back(op.get_bind())
    op.drop_geospatial_index("idx_own_features_geometry", "own_features", column_name="geometry")
    op.drop_geospatial_table("own_features")
    op.drop_table("own_layers")


def _give_ways_back(connection: sa.Connection) -> None:
    """Keep the lines on which one walks; what has several parts was no way before."""
    lines = connection.execute(
        sa.text(
            "SELECT ST_AsText(geometry) FROM own_features JOIN own_layers ON own_layers.id = layer_id "
            "WHERE is_walkable AND GeometryType(geometry) = 'LINESTRING' ORDER BY own_features.id"
        )
    ).scalars()
    rows = [{"points": json.dumps(_points(line))} for line in lines]
    if rows:
        connection.execute(sa.text("INSERT INTO ways (points) VALUES (:points)"), rows)


def _points(line: str) -> list[list[float]]:
    return [[float(each) for each in pair.split()] for pair in line.partition("(")[2].rstrip(")").split(",")]
