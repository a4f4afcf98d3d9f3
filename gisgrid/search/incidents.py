"""Incidents by their number, in full or by its end, as far as whoever asks may see them."""

import re
from typing import Any, Final
from zoneinfo import ZoneInfo

import geopandas as gpd
from sqlalchemy import func, or_
from sqlalchemy.orm import Session

from gisgrid.incidents.reports import INCIDENT, incidents_page
from gisgrid.parameters import Page
from gisgrid.search.hits import Hit, Hits, names_of

NUMBER: Final = re.compile(r"#?([0-9-]{3,30})")
"""What can be a number or its end; less would be that of too many."""
CODES: Final = ("street_code", "community_code", "substation_code")


def find_incidents(session: Session, cells: gpd.GeoDataFrame, zone: ZoneInfo, key: str, limit: int) -> Hits:
    """Return the incidents whose number ends so, the latest first."""
    number = NUMBER.fullmatch(key)
    digits = number[1].replace("-", "") if number else ""
    if not number or not digits:
        return Hits()
    ends = or_(INCIDENT.c.number.endswith(number[1]), func.replace(INCIDENT.c.number, "-", "").endswith(digits))
    latest = (INCIDENT.c.reported_at.desc(), INCIDENT.c.id.desc())
    matched, rows = incidents_page(session, zone, Page(limit, 0), more=[ends], order=latest)
    return Hits([_hit(cells, row) for row in rows], matched > limit)


def _hit(cells: gpd.GeoDataFrame, row: dict[str, Any]) -> Hit:
    where = names_of(cells, (row[code] for code in CODES))
    notes = (f"{row['kind_zh']} · {row['state_zh']}", f"{row['kind_en']} · {row['state_en']}")
    return Hit("incident", str(row["id"]), row["number"], *notes, where, point=(row["longitude"], row["latitude"]))
