"""Which ground nobody has seen for long: squares of a hundred metres without a fix that counts, or with an old one."""

from datetime import datetime, timedelta
from typing import Final

import numpy as np
import shapely
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gisgrid.geometry import from_metric, points_to_metric
from gisgrid.grid.locate import patrollable_mask
from gisgrid.patrols.plans.near_fixes import FIX
from gisgrid.patrols.suggest.candidates import SQUARE_M, Floats, Integers
from gisgrid.patrols.suggest.find import Ground, Start
from gisgrid.settings import Settings
from gisgrid.sight import seeing_everything, visible

FINE: Final = 10_000
"""Parts of a degree, some ten metres, within which fixes count as one."""


def squares_of(session: Session, settings: Settings, ground: Ground, start: Start, reach_m: float) -> Integers:
    """Return the squares of cells whose centre may be walked and lies within reach of a start, (n, 2), in order."""
    first = np.floor((np.array([start.x, start.y]) - reach_m) / SQUARE_M).astype(np.int64)
    count = int(np.ceil(2 * reach_m / SQUARE_M)) + 1
    squares = np.stack(np.meshgrid(*(np.arange(count) + low for low in first), indexing="ij"), axis=-1).reshape(-1, 2)
    centres = (squares + 0.5) * SQUARE_M
    squares = squares[np.hypot(*(centres - [start.x, start.y]).T) <= reach_m]
    points = from_metric(shapely.points((squares + 0.5) * SQUARE_M), settings.metric_crs)
    longitude, latitude = shapely.get_x(points), shapely.get_y(points)
    codes = ground.grid.locate(longitude, latitude).codes
    finest = np.array([next((code for code in row[::-1] if code is not None), "") for row in codes], dtype=object)
    may = np.isin(finest.astype(str), [spot.place.code for spot in ground.cells])
    mask = patrollable_mask(session)
    if mask is not None:
        shapely.prepare(mask)
        may &= shapely.intersects_xy(mask, longitude, latitude)
    return np.asarray(squares[may], dtype=np.int64)


def idleness(session: Session, settings: Settings, squares: Integers, now: datetime) -> Floats:
    """Return for how long each square was not seen, by anybody: 0 is today, 1 is `unseen_days` or longer."""
    since = now - timedelta(days=settings.unseen_days)
    last = dict(_seen(session, settings, squares, since, now))
    span = (now - since).total_seconds()
    seen = [last.get(square, since) for square in map(tuple, squares.tolist())]
    idle = np.array([(now - moment).total_seconds() / span for moment in seen], dtype=np.float64)
    return np.where(idle * settings.unseen_days < 1, 0.0, np.minimum(idle, 1.0))


def _seen(
    session: Session, settings: Settings, squares: Integers, since: datetime, now: datetime
) -> list[tuple[tuple[int, ...], datetime]]:
    """Return squares with the time at which each was last seen, the oldest first."""
    if not len(squares):
        return []
    corners = shapely.points([squares.min(axis=0) * SQUARE_M, (squares.max(axis=0) + 1) * SQUARE_M])
    (west, south), (east, north) = shapely.get_coordinates(from_metric(corners, settings.metric_crs))
    fine = [func.round(FIX.c[name] * FINE) for name in ("longitude", "latitude")]
    its = (FIX.c.standing == "counted", FIX.c.fix_at >= since, FIX.c.fix_at <= now)
    box = (FIX.c.longitude.between(west, east), FIX.c.latitude.between(south, north))
    with seeing_everything(session):  # that a place was seen tells of nobody
        asked = select(*fine, func.max(FIX.c.fix_at)).where(visible(session, FIX), *its, *box).group_by(*fine)
        rows = sorted(session.execute(asked).all(), key=lambda row: row[2])
    x, y = points_to_metric([row[0] / FINE for row in rows], [row[1] / FINE for row in rows], settings.metric_crs)
    at = np.floor(np.column_stack([x, y]) / SQUARE_M).astype(np.int64)
    return [(tuple(square), row[2]) for square, row in zip(at.tolist(), rows, strict=True)]
