"""What may be the same thing twice: of one kind, near by and about the same time."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from gisgrid.incidents.reports import INCIDENT
from gisgrid.patrols.judge import distance_m
from gisgrid.sight import visible

NEAR_M: Final = 50.0
NEAR: Final = timedelta(hours=24)
"""Practice elsewhere: the same kind within 50 m and 24 h is offered as a duplicate."""
BOX: Final = 0.0006
"""Degrees of latitude that hold 50 m with some room; of longitude twice as many hold it up to 70° north."""
GONE: Final = ("rejected", "merged")
MOST: Final = 20


def alike(session: Session, row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the incidents that may be the same as one, of those that may be seen: the nearest first, with distances.

    What is confidential is compared with nothing else than what whoever asks may see anyhow.
    """
    longitude, latitude, at = row["longitude"], row["latitude"], row["reported_at"]
    rows = _around(session, row["kind"], longitude, latitude, at)
    others = [each for each in rows if each.id != row["id"]]
    if not others:
        return []
    places = (np.array([each.longitude for each in others]), np.array([each.latitude for each in others]))
    away = distance_m(np.full(len(others), longitude), np.full(len(others), latitude), *places)
    near = [(metres, each) for metres, each in zip(away.tolist(), others, strict=True) if metres <= NEAR_M]
    return [{**each._mapping, "distance_m": metres} for metres, each in sorted(near, key=lambda pair: pair[0])][:MOST]


def _around(session: Session, kind: str, longitude: float, latitude: float, at: datetime) -> Sequence[Row[Any]]:
    columns = [INCIDENT.c[name] for name in ("id", "number", "state", "reported_at", "longitude", "latitude")]
    asked = select(*columns).where(
        visible(session, INCIDENT),
        INCIDENT.c.kind == kind,
        INCIDENT.c.state.not_in(GONE),
        INCIDENT.c.reported_at.between(at - NEAR, at + NEAR),
        INCIDENT.c.longitude.between(longitude - 2 * BOX, longitude + 2 * BOX),
        INCIDENT.c.latitude.between(latitude - BOX, latitude + BOX),
    )
    return session.execute(asked.order_by(INCIDENT.c.id)).all()
