"""Small invented worlds of several days for hypothesis: borders, midnights, heartbeats, doubts, odd accuracies."""

import math
from datetime import timedelta
from itertools import accumulate

import pandas as pd
import shapely
from hypothesis import strategies as st

from gisgrid.geometry import to_wgs84
from gisgrid.grid.tables import LEVELS
from gisgrid.patrols.judge import Flag
from tests.coverage.brute.world import days_from, local
from tests.coverage.worlds import ORIGIN, SETTINGS, box, on_earth, world

GRID = world()
MASK = on_earth(
    shapely.Polygon([(-30, 100), (800, -50), (1950, 250), (2040, 1300), (1350, 1980), (300, 1750)])
    - box(640, 680, 1260, 1300)
)

STEPS = st.tuples(
    st.sampled_from([0, 20, 60, 170, 200, 290, 300, 301, 600, 1500, 1799, 1801, 4000, 20_000, 40_000]),
    st.sampled_from([*range(-2, 20)]).map(lambda tenth: 100 * tenth)
    | st.sampled_from([970, 990, 999, 1001, 1015, 1040]),
    st.sampled_from([*range(-2, 20)]).map(lambda tenth: 100 * tenth) | st.sampled_from([960, 985, 998, 1002, 1030]),
    st.sampled_from([True, True, False]),
    st.sampled_from([0.0, 3.0, 12.0, 27.0, 30.0, 49.0, 50.0, 50.5, 80.0, math.nan]),
    st.sampled_from([0] * 8 + [Flag.MOCK, Flag.TELEPORT, Flag.OLD, Flag.FROZEN | Flag.NEAR_EDGE, Flag.GCJ02]),
)
"""Seconds waited; metres from the corner, or, if near, some way off the last place; accuracy; flags."""
WALKS = st.lists(st.lists(STEPS, max_size=7), min_size=1, max_size=3)
BEATS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 200_000)), max_size=6)
"""Whose, and how many seconds after the first fix."""
NIGHT = [(200, 500, 500, False, 5.0, 0), (200, 500, 200, True, 5.0, 0), (170, 0, 200, True, 30.0, 0)]
"""A walk over midnight."""
START = local("2026-11-02", "23:55:00")
DAYS = days_from("2026-11-02", 3)


def moments(waits):
    """Return the time of each fix."""
    return [START + timedelta(seconds=passed) for passed in accumulate(waits)]


def places(steps):
    """Return where each fix lies."""
    found = []
    for _, x, y, is_near, *_ in steps:
        near = (found[-1][0] + x % 400 - 200, found[-1][1] + y % 400 - 200) if found else (x, y)
        found.append(near if is_near else (x, y))
    return found


def invented(walks):
    """Return the fixes of all walks, as the product's frame. Each is the walk of a person; the odd have two outings."""
    rows = [
        (person, person * 10 + (index > 3) if person % 2 else None, at, *place, accuracy, flags)
        for person, steps in enumerate(walks)
        for index, (at, place, (*_, accuracy, flags)) in enumerate(
            zip(moments(step[0] for step in steps), places(steps), steps, strict=True)
        )
    ]
    names = ("patroller_id", "patrol_id", "fix_at", "x", "y", "accuracy_m", "flags")
    frame = pd.DataFrame(rows, columns=list(names))
    # a quarter of a metre away from whatever is round: no fix lies on a line that decides
    longitude, latitude = to_wgs84(
        frame.pop("x").to_numpy(float) + 0.25 + ORIGIN[0],
        frame.pop("y").to_numpy(float) + 0.25 + ORIGIN[1],
        SETTINGS.metric_crs,
    )
    codes = GRID.locate(longitude, latitude).codes
    return frame.assign(
        patroller_id=frame["patroller_id"].astype("int64"),
        patrol_id=frame["patrol_id"].astype("Int64"),
        fix_at=pd.Series(frame["fix_at"], dtype="datetime64[us, UTC]"),
        accuracy_m=frame["accuracy_m"].astype(float),
        flags=frame["flags"].astype("int64"),
        longitude=longitude,
        latitude=latitude,
        **{f"{level}_code": codes[:, column] for column, level in enumerate(LEVELS)},
    )
