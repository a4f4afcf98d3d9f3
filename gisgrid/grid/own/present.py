"""What a layer looks like in a box of the map: clipped, as fine as the zoom shows, never more than a page can draw."""

from typing import Any, Final, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.orm import Session

from gisgrid.geometry import feature
from gisgrid.grid.own.store import FEATURE, own_layer
from gisgrid.parameters import Box

MOST: Final = 10_000
"""Features that a page draws at once."""
TILE_PIXELS: Final = 256
FINE: Final = 0.5
"""Pixels by which a line may be off."""
DIGITS: Final = 6
"""Of degrees: a tenth of a metre."""
WORLD: Final = Box(-180, -90, 180, 90)


class Drawn(NamedTuple):
    """Features of a layer in a box, and how many there are; none are given where they are more than MOST."""

    features: list[dict[str, Any]]
    matched: int


def drawn(session: Session, name: str, box: Box | None, zoom: int) -> Drawn:
    """Return what is to be drawn of a layer. Raises NoSuchLayer."""
    within = box or WORLD
    layer = own_layer(session, name)
    its = [FEATURE.c.layer_id == layer.id, _meets(session, within)]
    matched = session.scalar(select(func.count()).select_from(FEATURE).where(*its)) or 0
    if matched > MOST:
        return Drawn([], matched)
    asked = select(FEATURE.c.id, FEATURE.c.name, func.ST_AsBinary(FEATURE.c.geometry))
    rows = session.execute(asked.where(*its).order_by(FEATURE.c.id)).all()
    shapes = fitted(shapely.from_wkb([row[2] for row in rows]), within, zoom)
    shown = ((row, shape) for row, shape in zip(rows, shapes, strict=True) if not shapely.is_empty(shape))
    return Drawn([feature(shape, {"name": row.name}, row.id) for row, shape in shown], matched)


def _meets(session: Session, box: Box) -> ColumnElement[bool]:
    """Return the condition that a feature's own box meets a box, as the index of the geometries tells."""
    if session.get_bind().dialect.name == "postgresql":
        return FEATURE.c.geometry.op("&&")(func.ST_MakeEnvelope(*box, 4326))
    index = text(
        "SELECT pkid FROM idx_own_features_geometry WHERE xmax >= :west AND ymax >= :south AND xmin <= :east "
        "AND ymin <= :north"
    )
    return FEATURE.c.id.in_(index.bindparams(**box._asdict()))


def fitted(shapes: NDArray[np.object_], box: Box, zoom: int) -> NDArray[np.object_]:
    """Return geometries clipped to a box, without what is finer than half a pixel of a zoom; empty where none is left.

    Of areas none is left that are smaller. Coordinates are rounded to a tenth of a metre.
    """
    half_pixel = FINE * 360 / (TILE_PIXELS * 2**zoom)
    sides = np.diff(shapely.bounds(shapes).reshape(-1, 2, 2), axis=1).max(axis=(1, 2), initial=0)
    is_speck = (shapely.get_dimensions(shapes) == 2) & (sides < half_pixel)
    with np.errstate(invalid="ignore"):  # corners next to nothing apart: their distance is no number
        clipped = shapely.clip_by_rect(shapely.simplify(shapes, half_pixel), *box)
    clipped[is_speck] = shapely.Polygon()
    return np.asarray(shapely.transform(clipped, lambda degrees: np.round(degrees, DIGITS)))
