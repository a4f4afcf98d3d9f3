"""Maps of tracks: the way of each patrol, and its replay."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import geopandas as gpd
import pandas as pd
from folium.map import Layer
from shapely.geometry.base import BaseGeometry

from gisgrid.maps import layers, points
from gisgrid.maps.drawings import CHINA
from gisgrid.maps.pages import GridMap, LegendEntry, Surroundings, Timeline
from gisgrid.maps.sheet import add, borders, finish, names, sheet
from gisgrid.maps.timelines import Replay

MOST_DOTS = 2_000
SPEEDS = (1, 10, 60, 300)
SPEED = 60
STEP_S = 30
"""How far a key moves the replay, unless all of it is shorter than ten of these."""
DECIMALS = 5  # of a degree: a metre, enough for a mark that moves


def draw_track(
    cells: gpd.GeoDataFrame,
    fixes: pd.DataFrame,
    *,
    title: str,
    subtitle: str = "",
    zone: ZoneInfo = CHINA,
    gap_s: float = 300,
    length_m: float = 1000,
    sea: BaseGeometry | None = None,
) -> GridMap:
    """The tracks of one or more patrols: a line each, its ends, the fixes while they are few, and a replay.

    Fixes more than `gap_s` seconds or `length_m` metres apart are joined by dots only. The map opens where 98 % of
    the fixes lie: one wrong fix must not make the rest a speck.
    """
    ordered = fixes.sort_values("fix_at", kind="stable")
    patrols = _patrols(ordered, zone)
    replay = replayed(patrols, zone, gap_s=gap_s, length_m=length_m)
    dotted = len(ordered) <= MOST_DOTS
    note = [] if dotted else [f"定位点 {len(ordered)} 个，只画线 / {len(ordered)} fixes: lines only"]
    legend = {"巡查，点选则只看一次 Patrols, choose one to see it alone": _entries(patrols, zone, gap_s, length_m)}
    around = Surroundings(title, subtitle, note, legend, timeline=_timeline(patrols, replay["last"], zone))
    west_south, east_north = ordered[["longitude", "latitude"]].quantile([0.01, 0.99]).to_numpy()
    drawing = sheet(cells, around, sea, bounds=[*west_south, *east_north] if patrols else None)
    add(drawing, *borders(cells))
    for number, patrol in enumerate(patrols):
        members: list[Layer] = [points.marks_of(patrol, number, (number + 0.5) / len(patrols), zone)]
        if dotted:
            members.insert(0, points.fixes_of(patrol, number, zone))
        if len(patrol) > 1:
            members.insert(0, points.track(patrol, number, gap_s=gap_s, length_m=length_m))
        add(drawing, layers.group(_span(patrol, zone), members))
    if around.timeline is not None:
        add(drawing, Replay(replay))
    return finish(drawing, names(cells))


def replayed(patrols: Sequence[pd.DataFrame], zone: ZoneInfo, *, gap_s: float, length_m: float) -> dict[str, Any]:
    """Return what a replay goes by: the spans in which anybody walked, each patrol's fixes, the seconds of all spans.

    Times are seconds since 1970; `offset` is what makes local ones of them. A fix is the seconds since the one before,
    longitude, latitude, and 1 if nobody knows the way to the next.
    """
    made = [
        {
            "css": points.patrol_css(number),
            "sign": str(number + 1),
            "start": _seconds(patrol)[0],
            "fixes": _fixes(patrol, gap_s, length_m),
        }
        for number, patrol in enumerate(patrols)
    ]
    spans = _spans(patrols, zone)
    return {"patrols": made, "spans": spans, "last": sum(each["end"] - each["start"] for each in spans)}


def _fixes(patrol: pd.DataFrame, gap_s: float, length_m: float) -> list[list[float]]:
    seconds = _seconds(patrol)
    since = [0, *(after - before for before, after in pairwise(seconds))]
    unknown = [*points.unknown_ways(patrol, gap_s=gap_s, length_m=length_m).tolist(), False]
    places = patrol[["longitude", "latitude"]].to_numpy(float).round(DECIMALS).tolist()
    return [[*told, *([1] if lost else [])] for *told, lost in _rows(since, places, unknown)]


def _rows(since: list[int], places: list[list[float]], unknown: list[bool]) -> list[tuple[Any, ...]]:
    return [(passed, *place, lost) for passed, place, lost in zip(since, places, unknown, strict=True)]


def _spans(patrols: Sequence[pd.DataFrame], zone: ZoneInfo) -> list[dict[str, int]]:
    spans: list[dict[str, int]] = []
    for patrol in sorted(patrols, key=lambda each: each["fix_at"].iloc[0]):
        start, *_, end = [*_seconds(patrol), _seconds(patrol)[-1]]
        if spans and start <= spans[-1]["end"]:
            spans[-1]["end"] = max(spans[-1]["end"], end)
        else:
            shift = patrol["fix_at"].iloc[0].tz_convert(zone).utcoffset()
            spans.append({"start": start, "end": end, "offset": int(shift.total_seconds())})
    return spans


def _seconds(patrol: pd.DataFrame) -> list[int]:
    seconds: list[int] = (patrol["fix_at"].dt.as_unit("us").astype("int64") // 1_000_000).tolist()
    return seconds


def _timeline(patrols: Sequence[pd.DataFrame], last: int, zone: ZoneInfo) -> Timeline | None:
    """Return the controls of a replay; None where nobody moved."""
    if not last:
        return None
    step = STEP_S if last >= 10 * STEP_S else 1
    first = points.local_time(patrols[0]["fix_at"].iloc[0], zone, seconds=True)
    return Timeline("轨迹回放 Replay", -(-last // step) * step, first, step, SPEEDS, SPEED)


def _entries(patrols: Sequence[pd.DataFrame], zone: ZoneInfo, gap_s: float, length_m: float) -> list[LegendEntry]:
    unknown = LegendEntry("line silence", f"相隔超过 {gap_s / 60:g} 分钟或 {length_m:g} 米 Way unknown")
    return [
        *(
            LegendEntry(
                f"mark round p{number % points.COLOURS}", _span(patrol, zone), str(number + 1), f"patrol-{number}"
            )
            for number, patrol in enumerate(patrols)
        ),
        unknown,
    ]


def _patrols(ordered: pd.DataFrame, zone: ZoneInfo) -> list[pd.DataFrame]:
    """Fixes without a patrol count as one patrol a person and local day."""
    days = ordered["fix_at"].dt.tz_convert(zone).dt.strftime("%Y-%m-%d")
    outing = ordered["patrol_id"].astype(object).where(ordered["patrol_id"].notna(), days)
    return [patrol for _, patrol in ordered.groupby([ordered["patroller_id"], outing], sort=False)]


def _span(patrol: pd.DataFrame, zone: ZoneInfo) -> str:
    first, last = patrol["fix_at"].iloc[0], patrol["fix_at"].iloc[-1]
    return f"{points.local_time(first, zone)} – {points.local_time(last, zone)[-5:]}"
