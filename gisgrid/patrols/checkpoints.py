"""Places that must be visited: stored from a frame, read as a frame."""

import geopandas as gpd
import pandas as pd
import shapely
from geoalchemy2.shape import from_shape
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gisgrid.geometry import WGS84
from gisgrid.grid.locate import grid_on
from gisgrid.patrols.tables import Checkpoint
from gisgrid.sight import Sight

COLUMNS = ("code", "name", "radius_m", "is_illustrative")
ASKS = ("dwell_s", "needs_code")
"""What a visit has to be, besides near enough."""


def store_checkpoints(session: Session, frame: gpd.GeoDataFrame) -> int:
    """Store checkpoints by code and return how many: new ones are added, known ones take what the frame says.

    Columns: code, name, radius_m, is_illustrative, geometry (Point in EPSG:4326).
    """
    known = {checkpoint.code: checkpoint for checkpoint in session.scalars(select(Checkpoint))}
    rows = frame[list(COLUMNS)].to_dict("records")
    for row, point in zip(rows, frame.geometry, strict=True):
        checkpoint = known.get(row["code"]) or Checkpoint(code=row["code"])
        checkpoint.name, checkpoint.radius_m = row["name"], float(row["radius_m"])
        checkpoint.is_illustrative = bool(row["is_illustrative"])
        checkpoint.geometry = from_shape(point, srid=4326)
        session.add(checkpoint)
    session.flush()
    return len(rows)


def checkpoints_within(session: Session, sight: Sight) -> gpd.GeoDataFrame:
    """Return the checkpoints that lie in the cells of a sight, as the latest grid has them. Raises NoGrid."""
    frame = checkpoints_frame(session)
    codes = grid_on(session).locate(frame.geometry.x, frame.geometry.y).codes.tolist()
    seen = [any(_is_seen(code, sight) for code in lineage) for lineage in codes]
    return frame.loc[pd.Series(seen, index=frame.index, dtype=bool)]


def _is_seen(code: str | None, sight: Sight) -> bool:
    return sight.answers.outside if code is None else code in sight.codes


def checkpoints_frame(session: Session) -> gpd.GeoDataFrame:
    """Return the checkpoints that stand, by code.

    Columns: code, name, radius_m, is_illustrative, dwell_s, needs_code, geometry (Point in EPSG:4326).
    """
    columns = [getattr(Checkpoint, name) for name in COLUMNS]
    asks = (Checkpoint.dwell_s, Checkpoint.code_days.is_not(None))
    asked = select(*columns, *asks, func.ST_AsBinary(Checkpoint.geometry)).where(Checkpoint.retired_at.is_(None))
    rows = session.execute(asked.order_by(Checkpoint.code)).all()
    frame = pd.DataFrame([row[:-1] for row in rows], columns=[*COLUMNS, *ASKS], dtype=object)
    frame = frame.astype({"radius_m": float, "is_illustrative": bool, "dwell_s": float, "needs_code": bool})
    return gpd.GeoDataFrame(frame, geometry=shapely.from_wkb([row[-1] for row in rows]), crs=WGS84)
