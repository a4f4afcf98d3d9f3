"""Days of people who walk the sample's street, as frames: too many fixes to ask a walker for each. Seeded."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from gisgrid.geometry import points_to_metric, to_wgs84
from gisgrid.grid.locate import Grid
from gisgrid.grid.tables import LEVELS
from gisgrid.parameters import Period
from gisgrid.sample.cells import sample_cells
from tests.benchmarks.walkers import FAR_M, TURN, WALK_MPS, homes
from tests.benchmarks.world import Floats

METRIC: Final = "EPSG:4547"
ZONE: Final = ZoneInfo("Asia/Shanghai")
EVERY_S: Final = 8
BEGIN: Final = time(8, 30)
JITTER_M: Final = 4.0
SEED: Final = 7


@dataclass(frozen=True)
class Walked:
    """`people` walk on each of `days` from `first`, one outing a day, and send `fixes` on it, EVERY_S apart."""

    people: int
    days: int
    fixes: int
    first: date = date(2026, 10, 1)

    @property
    def count(self) -> int:
        """How many fixes there are in all."""
        return self.people * self.days * self.fixes

    @property
    def period(self) -> Period:
        """The days."""
        return Period.last_days(self.days, self.first + timedelta(days=self.days - 1), ZONE)

    def before(self) -> "Walked":
        """Return as much of the time just before."""
        return Walked(self.people, self.days, self.fixes, self.first - timedelta(days=self.days))


@cache
def sample_grid() -> Grid:
    """Return the sample's cells."""
    return Grid(sample_cells())


def days_of(walked: Walked) -> Iterator[pd.DataFrame]:
    """Yield the fixes of each day in the order of their times, located, as `patrols` gives them.

    Rows of patrollers and patrols count from 1; a patrol is a person's day.
    """
    for number in range(walked.days):
        yield _day(walked, walked.first + timedelta(days=number))


def _day(walked: Walked, day: date) -> pd.DataFrame:
    chance = np.random.default_rng([SEED, day.toordinal()])
    shape = (walked.fixes, walked.people)
    x, y = (axis.ravel() for axis in _walks(chance, shape))
    longitude, latitude = to_wgs84(x, y, METRIC)
    begun = np.datetime64(int(datetime.combine(day, BEGIN, ZONE).timestamp() * 1e6), "us")
    late = chance.integers(0, 900_000_000, walked.people) + 1_000_000 * EVERY_S * np.arange(walked.fixes)[:, None]
    person = np.broadcast_to(np.arange(1, walked.people + 1), shape).ravel()
    frame = pd.DataFrame(
        {
            "patroller_id": person,
            "patrol_id": pd.array(person + walked.people * (day.toordinal() - _EPOCH), dtype="Int64"),
            "fix_at": pd.Series(begun + late.ravel().astype("timedelta64[us]")).dt.tz_localize("UTC"),
            "longitude": longitude,
            "latitude": latitude,
            "accuracy_m": np.round(3 + chance.gamma(4, 3, len(person)), 1),
            "flags": 0,
        }
    )
    codes = sample_grid().locate(longitude, latitude).codes
    located = frame.assign(**{f"{level}_code": codes[:, column] for column, level in enumerate(LEVELS)})
    return located.sort_values(["fix_at", "patroller_id"], ignore_index=True)


_EPOCH: Final = date(2026, 1, 1).toordinal()


def _walks(chance: np.random.Generator, shape: tuple[int, int]) -> tuple[Floats, Floats]:
    """Return x and y (step, person) of walks whose heading drifts, turned back FAR_M from home."""
    heading = chance.uniform(0, 2 * np.pi, shape[1]) + np.cumsum(chance.normal(0, TURN, shape), axis=0)
    at_home = np.array([homes()[number % len(homes())] for number in range(shape[1])])
    found = []
    for home, along in zip(points_to_metric(*at_home.T, METRIC), (np.cos, np.sin), strict=True):
        away = chance.uniform(0, 4 * FAR_M, shape[1]) + np.cumsum(WALK_MPS * EVERY_S * along(heading), axis=0)
        folded = np.abs(away % (4 * FAR_M) - 2 * FAR_M) - FAR_M
        found.append(home + folded + chance.normal(0, JITTER_M, shape))
    return found[0], found[1]
