"""What is measured, as plain frames in metres, and the days that are measured one by one."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import geopandas as gpd
import pandas as pd
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

METRIC = "EPSG:4547"
LEVELS = ("street", "community", "substation")
MISSING_ACCURACY_M = 30.0
EVENT_ORDER = ["fix_at", "longitude", "latitude", "accuracy_m"]
"""Two fixes of a person at one moment are taken in this order, so that the order of arrival decides nothing."""


@dataclass(frozen=True)
class Rules:
    """The settings that figures depend on."""

    reach_m: float = 50.0
    visit_gap_s: float = 1800.0
    band_gap_s: float = 300.0
    band_length_m: float = 1000.0
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))


@dataclass(frozen=True)
class World:
    """`fixes`: patroller_id, patrol_id (None without), fix_at, longitude, latitude, accuracy_m (NaN when missing),
    reasons (a set: why left out of areas) and street_code, community_code, substation_code (None outside).

    `beats`: (patroller_id, moment) of each heartbeat. `cells`: by level, code, parent_code and geometry in metres.
    `mask`: the patrollable ground in metres, None for everywhere. `period`: [start, end). `incidents`: how many, by
    code, at all levels. `now`: when it is asked; a period that is not over ends then.
    """

    fixes: pd.DataFrame
    cells: dict[str, gpd.GeoDataFrame]
    period: tuple[datetime, datetime]
    beats: tuple[tuple[int, datetime], ...] = ()
    mask: BaseGeometry | None = None
    incidents: dict[str, int] = field(default_factory=dict)
    rules: Rules = field(default_factory=Rules)
    now: datetime = datetime(2999, 1, 1, tzinfo=UTC)

    def ground(self, level: str) -> dict[str, BaseGeometry]:
        """Return the patrollable ground of each cell, by code."""
        return {
            code: shape if self.mask is None else shape & self.mask
            for code, shape in zip(self.cells[level]["code"], self.cells[level].geometry, strict=True)
        }

    def whole(self, level: str) -> dict[str, BaseGeometry]:
        """Return each cell, by code."""
        return dict(zip(self.cells[level]["code"], self.cells[level].geometry, strict=True))

    def placed(self) -> pd.DataFrame:
        """Return the fixes within the period in event order, with x and y in metres and the number of the local day."""
        start, end = self.period
        fixes = self.fixes[(self.fixes["fix_at"] >= start) & (self.fixes["fix_at"] < end)]
        fixes = fixes.sort_values(["patroller_id", *EVENT_ORDER], ignore_index=True)
        x, y = _to_metres().transform(fixes["longitude"].to_numpy(), fixes["latitude"].to_numpy())
        days = [moment.astimezone(self.rules.zone).toordinal() for moment in fixes["fix_at"]]
        return fixes.assign(x=x, y=y, day=pd.Series(days, dtype="int64"))


@cache
def _to_metres() -> Transformer:
    return Transformer.from_crs("EPSG:4326", METRIC, always_xy=True)


def local(day: str, clock: str = "00:00:00", zone: str = "Asia/Shanghai") -> datetime:
    """Return a local time of a day."""
    return datetime.combine(datetime.fromisoformat(day), time.fromisoformat(clock), ZoneInfo(zone))


def days_from(day: str, count: int) -> tuple[datetime, datetime]:
    """Return the period of so many whole local days."""
    return local(day), local(day) + timedelta(days=count)


def accuracy_of(fix: pd.Series | dict) -> float:
    """Return the accuracy of a fix, 30 m if it tells none."""
    return MISSING_ACCURACY_M if pd.isna(fix["accuracy_m"]) else float(fix["accuracy_m"])


def counts_for_areas(fix: dict, rules: Rules) -> bool:
    """Tell whether a fix reaches ground: nobody doubts it, and it is no coarser than the reach."""
    return not fix["reasons"] and not fix["accuracy_m"] > rules.reach_m
