"""Maps of coverage: a period, on wish also each part of it in turn; and two periods beside each other.

Figures are a frame with `code, coverage_ratio` (0 to 1, NaN where there is no ground), `check_ins, patrollers, visits,
covered_area_m2, patrollable_area_m2`. Cells without a row are drawn as not available, those in `foreign` as not one's
own.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import geopandas as gpd
import pandas as pd
from shapely.geometry.base import BaseGeometry

from gisgrid.maps import layers
from gisgrid.maps.cards import arrow, coverage_rows, percent, points
from gisgrid.maps.classes import COVERAGE, NOT_AVAILABLE, class_of
from gisgrid.maps.pages import GridMap, LegendEntry, Surroundings, Timeline
from gisgrid.maps.sheet import FOREIGN, LINES, add, borders, finish, sheet
from gisgrid.maps.timelines import Side, Slider

Parts = Sequence[tuple[str, pd.DataFrame]]
WHOLE = "整个时段 Whole period"


def draw_coverage(
    cells: gpd.GeoDataFrame,
    figures: pd.DataFrame,
    *,
    title: str,
    period_text: str,
    notes: Sequence[str] = (),
    level: str = "community",
    parts: Parts = (),
    foreign: Collection[str] = (),
    sea: BaseGeometry | None = None,
) -> GridMap:
    """How much of each cell was reached, one choropleth a level; `level` is shown on opening.

    With `parts`, the figures of each day or week of the period under its name, a slider leads through them.
    """
    timeline = Timeline("逐日到达率 Coverage over time", len(parts), f"{WHOLE}　{period_text}") if parts else None
    around = Surroundings(title, period_text, notes, _legend(foreign), timeline=timeline)
    drawing = sheet(cells, around, sea)
    _choropleth(drawing, cells, figures, level=level, foreign=foreign)
    if parts:
        told = {f"{WHOLE}　{period_text}": figures, **dict(parts)}
        add(drawing, Slider([{"name": name, "cells": _told(part)} for name, part in told.items()], _classes()))
    return finish(drawing)


def draw_comparison(
    cells: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame],
    figures: tuple[pd.DataFrame, pd.DataFrame],
    *,
    title: str,
    period_texts: tuple[str, str],
    notes: Sequence[str] = (),
    level: str = "community",
    foreign: Collection[str] = (),
    sea: BaseGeometry | None = None,
) -> GridMap:
    """Two periods on two maps that move together, the earlier first; the later one tells by how much each cell changed.

    They stand one above the other where the ground is wider than high, else side by side. Each period has its own
    cells: the grid may have changed between the two.
    """
    legend = {**_legend(foreign), "变化 Change": [LegendEntry("none", "百分点 percentage points", "▲▼")]}
    around = Surroundings(title, notes=notes, legend=legend)
    told = [f"{name}　{text}" for name, text in zip(("前 Before", "后 After"), period_texts, strict=True)]
    wide = any(_is_wide(each) for each in cells)
    before, after = (
        sheet(each, around, sea, caption=caption, wide=wide, zoom_animation=False)
        for each, caption in zip(cells, told, strict=True)
    )
    _choropleth(before, cells[0], figures[0], level=level, foreign=foreign)
    earlier = dict(zip(figures[0]["code"], figures[0]["coverage_ratio"].astype(float), strict=True))
    _choropleth(after, cells[1], figures[1], level=level, foreign=foreign, earlier=earlier)
    for each in (before, after):
        finish(each)
    before.stand_beside(after)
    before.figure.add_child(Side([before, after]))
    return before


def _is_wide(cells: gpd.GeoDataFrame) -> bool:
    """Whether the ground is wider than high, on the map as on the earth."""
    west, south, east, north = cells.total_bounds
    return bool((east - west) * math.cos(math.radians((south + north) / 2)) > north - south)


def _legend(foreign: Collection[str]) -> dict[str, list[LegendEntry]]:
    scale = [LegendEntry(item.css, item.label) for item in COVERAGE]
    others = [LegendEntry(NOT_AVAILABLE, "无数据 n/a"), *([FOREIGN] if foreign else [])]
    return {"到达率 Coverage（50 m 估算 estimate）": [*scale, *others], "边界 Borders": [*LINES.values()]}


def _classes() -> list[str]:
    return [*(item.css for item in COVERAGE), NOT_AVAILABLE]


def _told(figures: pd.DataFrame) -> dict[str, list[Any]]:
    """Return what a slider changes of each cell, by code: its class, and the values of its card, the ratio first."""
    return {
        row.code: [class_of(row.coverage_ratio), [value for _, value in coverage_rows(row)]]
        for row in layers.rows_of(figures)
    }


def _choropleth(
    drawing: GridMap,
    cells: gpd.GeoDataFrame,
    figures: pd.DataFrame,
    *,
    level: str,
    foreign: Collection[str],
    earlier: Mapping[str, float] | None = None,
) -> None:
    """Draw the levels, of which one is shown at a time; with `earlier` ratios also what has changed since."""
    ratios = dict(zip(figures["code"], figures["coverage_ratio"].astype(float), strict=True))
    classes = {code: class_of(ratio) for code, ratio in ratios.items()}
    classes |= dict.fromkeys(foreign, FOREIGN.css)
    rows = {row.code: coverage_rows(row) for row in layers.rows_of(figures)}
    second = {code: percent(ratio) for code, ratio in ratios.items()}
    if earlier is not None:
        changes = {code: ratio - earlier.get(code, float("nan")) for code, ratio in ratios.items()}
        rows = {code: [("变化 Change", f"{points(changes[code])} 百分点 pp"), *told] for code, told in rows.items()}
        known = {code: arrow(change) for code, change in changes.items() if not pd.isna(change)}
        second |= {code: f"{second[code]}\n{told}" for code, told in known.items()}
    for each, name in layers.LEVEL_NAMES.items():
        part = layers.at_level(cells, each)
        if len(part):
            filled = layers.areas(part, {code: classes.get(code, NOT_AVAILABLE) for code in part["code"]}, rows)
            members = [filled, layers.labels(part, second, classes)]
            add(drawing, layers.group(name, members, exclusive=True, show=each == level))
    add(drawing, *borders(cells, substations_shown=False))
