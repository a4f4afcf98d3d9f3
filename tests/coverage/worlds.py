"""Worlds for mental arithmetic: four squares of 1 km in the metric system, two to a community, and walks over them.

NW | NE      community N
SW | SE      community S; the street is all four, and (0, 0) its south-western corner
"""

from datetime import UTC, date, datetime, timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gisgrid.coverage.days.find import microseconds
from gisgrid.coverage.days.reduce import reduce_day
from gisgrid.coverage.measure import measure
from gisgrid.geometry import WGS84, from_metric, to_wgs84
from gisgrid.grid.layers.store import store_cells
from gisgrid.grid.locate import Grid
from gisgrid.parameters import Period
from gisgrid.patrols.arrival.check_in import store_fixes
from gisgrid.patrols.visits import NO_BEATS
from gisgrid.settings import Settings

SETTINGS = Settings()
ORIGIN = (545_000.0, 2_502_000.0)
DAY = date(2026, 11, 2)
NOON = datetime(2026, 11, 2, 4, tzinfo=UTC)
SQUARES = {"SW": (0, 0), "SE": (1000, 0), "NW": (0, 1000), "NE": (1000, 1000)}
COLUMNS = ["patroller_id", "patrol_id", "accuracy_m"]


def metric(polygon):
    """Move a polygon of the world to its place in the metric system."""
    return shapely.transform(polygon, lambda xy: xy + ORIGIN)


def on_earth(polygon):
    """Return a polygon of the world in WGS 84."""
    return from_metric(metric(polygon), SETTINGS.metric_crs)


def box(west, south, east, north):
    """Return a rectangle whose sides have a vertex each 10 m: straight here is not quite straight on the globe."""
    return shapely.segmentize(shapely.box(west, south, east, north), 10)


def cells():
    """Return the cells as a loaded grid gives them."""
    squares = {code: box(x, y, x + 1000, y + 1000) for code, (x, y) in SQUARES.items()}
    shapes = {
        **{("substation", code, code[0]): square for code, square in squares.items()},
        ("community", "N", "X"): box(0, 1000, 2000, 2000),
        ("community", "S", "X"): box(0, 0, 2000, 1000),
        ("street", "X", None): box(0, 0, 2000, 2000),
    }
    keys = pd.DataFrame(list(shapes), columns=["level", "code", "parent_code"], dtype=object)
    frame = keys.assign(name=keys["code"] + "站", is_illustrative=False, note="")
    made = gpd.GeoDataFrame(frame, geometry=[on_earth(shape) for shape in shapes.values()], crs=WGS84)
    return made.sort_values("code", ignore_index=True)


def world(**changes):
    """Return the grid; `changes` replace the polygons of cells by code."""
    frame = cells()
    for code, shape in changes.items():
        frame.loc[frame["code"] == code, "geometry"] = on_earth(shape)
    return Grid(frame)


def walk(*fixes, grid, **given):
    """Make located fixes of (minute, x, y), metres from the corner; `given` are columns, or values for all of them."""
    minute, x, y = (np.array([fix[part] for fix in fixes], dtype=float) for part in range(3))
    longitude, latitude = to_wgs84(x + ORIGIN[0], y + ORIGIN[1], SETTINGS.metric_crs)
    moment = [NOON + timedelta(minutes=float(value)) for value in minute]
    frame = pd.DataFrame({"fix_at": pd.Series(moment, dtype="datetime64[us, UTC]")})
    frame = frame.assign(longitude=longitude, latitude=latitude)
    for column, default in zip(COLUMNS, (1, None, 5.0), strict=True):
        frame[column] = given.get(column, default)
    frame["flags"] = given.get("flags", 0)
    frame["patrol_id"] = frame["patrol_id"].astype("Int64")
    frame["accuracy_m"] = frame["accuracy_m"].astype(float)
    codes = grid.locate(longitude, latitude).codes
    for column, level in enumerate(("street", "community", "substation")):
        frame[f"{level}_code"] = codes[:, column]
    return frame


def measure_all(*spans, settings=SETTINGS, beats=NO_BEATS, period=None):
    """Reduce the fixes of each (ground, fixes) day by day, and measure the days of all together, or in a period."""
    made = [
        reduced(ground, fixes[(days == day).to_numpy()], day, settings=settings, beats=beats)
        for ground, fixes in spans
        for days in [fixes["fix_at"].dt.tz_convert(settings.timezone).dt.date]
        for day in sorted(set(days)) or [DAY]
    ]
    told = (made[0].start_us, made[-1].end_us) if period is None else map(microseconds, (period.start, period.end))
    return measure(made, [ground for ground, _ in spans], *told)


def reduced(ground, fixes, day=DAY, *, settings=SETTINGS, beats=NO_BEATS):
    """Reduce the fixes of a local day."""
    period = Period.last_days(1, day, settings.zone)
    return reduce_day(fixes, ground, settings, beats, microseconds(period.start), microseconds(period.end))


def settle(session, first_day=date(2026, 1, 1), frame=None):
    """Store the cells as a layer set."""
    made = cells() if frame is None else frame
    name, crs = f"四方 {first_day}", SETTINGS.metric_crs
    return store_cells(session, made, name=name, source="test", first_day=first_day, metric_crs=crs)


def stay(session, *fixes, **given):
    """Check in fixes of (minute, x, y), metres from the corner."""
    frame = stayed(*fixes, **given)
    assert store_fixes(session, frame, SETTINGS)["stored"] == len(frame)


def stayed(*fixes, patroller="P1", patrol="1", accuracy_m=5.0, start=NOON):
    """Return fixes as they arrive, each at once."""
    minute, x, y = (np.array([fix[part] for fix in fixes], dtype=float) for part in range(3))
    longitude, latitude = to_wgs84(x + ORIGIN[0], y + ORIGIN[1], SETTINGS.metric_crs)
    moment = [start + timedelta(minutes=float(value)) for value in minute]
    frame = pd.DataFrame({"fix_at": moment, "received_at": moment, "longitude": longitude, "latitude": latitude})
    return frame.assign(patroller_ref=patroller, patrol_ref=patrol, accuracy_m=accuracy_m)
