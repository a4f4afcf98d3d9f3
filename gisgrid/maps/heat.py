"""Maps of heat: on how many days each unit square of the ground was seen. They tell of squares and never of people."""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise

import geopandas as gpd
import pandas as pd
from shapely.geometry.base import BaseGeometry

from gisgrid.maps import layers
from gisgrid.maps.cards import count, percent
from gisgrid.maps.layers import Rows
from gisgrid.maps.pages import GridMap, LegendEntry, Surroundings
from gisgrid.maps.sheet import FOREIGN, LINES, MASK, add, borders, finest, finish, names, sheet
from gisgrid.maps.timelines import Heat


@dataclass(frozen=True)
class DayRange:
    """One class: its CSS name, the first number of days above it, its legend label."""

    css: str
    below: int
    label: str


FIRST = (1, 2, 4, 8, 15)
"""The first number of days of each class: the same on every map, so that maps of two periods compare."""
DAYS = (
    *(
        DayRange(f"h{number}", upper, f"{lower}–{upper - 1}" if upper - lower > 1 else str(lower))
        for number, (lower, upper) in enumerate(pairwise(FIRST))
    ),
    DayRange(f"h{len(FIRST) - 1}", 2**31, f"≥ {FIRST[-1]}"),
)


def draw_heat(
    cells: gpd.GeoDataFrame,
    squares: pd.DataFrame,
    figures: pd.DataFrame,
    *,
    side_m: int,
    of_days: int,
    title: str,
    period_text: str,
    notes: Collection[str] = (),
    mask: BaseGeometry | None = None,
    foreign: Collection[str] = (),
    sea: BaseGeometry | None = None,
) -> GridMap:
    """The squares that were seen in a period of `of_days` known days, by the number of days.

    `squares`: `west, south, east, north` (degrees), `days`; `side_m` is how long their sides are. `figures`: `code,
    seen_squares, patrollable_squares` of the cells whose cards tell of them, NaN where that is not told.
    """
    scale = [LegendEntry(item.css, item.label) for item in DAYS]
    others = [*([MASK] if mask is not None else []), *([FOREIGN] if foreign else [])]
    legend = {f"见到的天数 Days seen（{side_m} m，共 of {of_days} 天 days）": [*scale, *others]}
    around = Surroundings(title, period_text, [*notes], {**legend, "边界 Borders": [*LINES.values()]})
    drawing = sheet(cells, around, sea)
    if mask is not None:
        add(drawing, layers.Features([layers.feature(mask, css="mask")], pane="land"))
    add(drawing, Heat(_told(squares, of_days)))
    lowest = finest(cells)
    classes = {code: FOREIGN.css if code in foreign else "clear" for code in lowest["code"]}
    rows = {row.code: _rows(row) for row in layers.rows_of(figures)}
    add(drawing, layers.group("网格 Cells", [layers.areas(lowest, classes, rows)]), *borders(cells))
    return finish(drawing, names(cells))


def _told(squares: pd.DataFrame, of_days: int) -> dict[str, object]:
    boxes = squares[["west", "south", "east", "north"]].round(layers.DECIMALS)
    rows = boxes.assign(days=squares["days"].astype("int64")).astype(object).to_numpy().tolist()
    return {
        "squares": rows,
        "classes": [{"css": item.css, "below": item.below} for item in DAYS],
        "seen": f"此处 Here：{of_days} 天中见到 # 天 seen on # of {of_days} days",
        "hint": "指向或点按地图看天数 Point at or tap the map",
    }


def _rows(row: object) -> Rows:
    seen, there = getattr(row, "seen_squares", None), getattr(row, "patrollable_squares", None)
    ratio = seen / there if not pd.isna(seen) and not pd.isna(there) and there else float("nan")
    return [
        ("见到的单元 Squares seen", count(seen)),
        ("应巡单元 Patrollable", count(there)),
        ("占比 Share", percent(ratio)),
    ]
