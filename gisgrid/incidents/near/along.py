"""Incidents along a person's own track: what was reported on a day within reach of where they were on that day."""

from datetime import date, datetime, time, timedelta
from typing import Any, Final

import numpy as np
import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.geometry import points_to_metric
from gisgrid.incidents.reports import INCIDENT
from gisgrid.patrols.fixes import FIX
from gisgrid.patrols.people import own_patroller
from gisgrid.settings import Settings
from gisgrid.sight import Sight, seeing, visible

REACH_M: Final = 50.0
MOST: Final = 200


def along_own_track(session: Session, settings: Settings, person: int, day: date) -> list[dict[str, Any]]:
    """Return the incidents of a local day, of those that may be seen, within REACH_M of the person's own fixes of it.

    In the order of their reports, each with the distance to the nearest fix in metres.
    """
    start = datetime.combine(day, time(), settings.zone)
    end = datetime.combine(day + timedelta(days=1), time(), settings.zone)
    walked = _own_fixes(session, person, start, end)
    columns = [INCIDENT.c[name] for name in ("id", "number", "state", "reported_at", "longitude", "latitude")]
    asked = select(*columns).where(
        visible(session, INCIDENT), INCIDENT.c.reported_at >= start, INCIDENT.c.reported_at < end
    )
    rows = session.execute(asked.order_by(INCIDENT.c.reported_at, INCIDENT.c.id)).all()
    if not walked or not rows:
        return []
    tree = shapely.STRtree(_points(walked, settings.metric_crs))
    places = _points([(row.longitude, row.latitude) for row in rows], settings.metric_crs)
    (near, _), away = tree.query_nearest(places, max_distance=REACH_M, return_distance=True, all_matches=False)
    found = zip(near.tolist(), away.tolist(), strict=True)
    return [{**rows[number]._mapping, "distance_m": metres} for number, metres in sorted(found)][:MOST]


def _own_fixes(session: Session, person: int, start: datetime, end: datetime) -> list[tuple[float, float]]:
    own = own_patroller(session, person)
    if own is None:
        return []
    with seeing(session, Sight(person=person)):
        asked = select(FIX.c.longitude, FIX.c.latitude).where(
            visible(session, FIX),
            FIX.c.patroller_id == own.id,
            FIX.c.fix_at >= start,
            FIX.c.fix_at < end,
            FIX.c.longitude.is_not(None),
        )
        return [(row.longitude, row.latitude) for row in session.execute(asked)]


def _points(places: list[tuple[float, float]], metric_crs: str) -> Any:
    longitude, latitude = np.array(places).T
    return shapely.points(*points_to_metric(longitude, latitude, metric_crs))
