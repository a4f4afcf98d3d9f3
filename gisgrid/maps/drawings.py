"""Maps of what is there: grid, incidents, faults. Each takes frames and returns a map to write.

Cells are a GeoDataFrame in EPSG:4326 with `level, code, name, parent_code, is_illustrative, geometry`, all levels.
"""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

import geopandas as gpd
import pandas as pd
from shapely.geometry.base import BaseGeometry

from gisgrid.maps import layers, points
from gisgrid.maps.cards import grid_rows
from gisgrid.maps.pages import GridMap, LegendEntry, Place, Surroundings
from gisgrid.maps.sheet import LINES, MASK, add, borders, finest, finish, names, sheet
from gisgrid.maps.tints import tints

CHINA = ZoneInfo("Asia/Shanghai")
MOST_POINTS = 10_000  # more make a page that old machines cannot open
NO_INCIDENTS = "图上没有事件 / there are no incidents on this map"

CHECKPOINT = LegendEntry("checkpoint", "打卡点 Checkpoint")


def draw_grid(
    cells: gpd.GeoDataFrame,
    checkpoints: gpd.GeoDataFrame | None = None,
    mask: BaseGeometry | None = None,
    *,
    title: str,
    sea: BaseGeometry | None = None,
) -> GridMap:
    """The three nested nets, tinted by community, with checkpoints and patrollable mask where there are any."""
    legend = {"图层 Layers": [*LINES.values(), *_extras(checkpoints, mask)]}
    drawing = sheet(cells, Surroundings(title, legend=legend), sea)
    parents = dict(zip(cells["code"], cells["parent_code"], strict=True))
    colours = tints(layers.at_level(cells, "community"))
    lowest = finest(cells)
    classes = {code: colours.get(code) or colours.get(parents.get(code) or "", "") for code in lowest["code"]}
    add(drawing, layers.group("网格 Cells", [layers.areas(lowest, classes, grid_rows(lowest, cells))]))
    if mask is not None:
        add(drawing, layers.group("巡查范围 Patrollable area", [layers.mask_area(mask)]))
    add(drawing, *borders(cells))
    if checkpoints is not None and len(checkpoints):
        add(
            drawing, layers.group("打卡点 Checkpoints", [points.checkpoints(checkpoints)], show=len(checkpoints) <= 300)
        )
    return finish(drawing, names(cells))


def draw_incidents(
    cells: gpd.GeoDataFrame,
    incidents: pd.DataFrame,
    *,
    title: str,
    subtitle: str = "",
    zone: ZoneInfo = CHINA,
    sea: BaseGeometry | None = None,
) -> GridMap:
    """Incidents by class, clustered where they are dense; above MOST_POINTS only the latest, and a note says so.

    `incidents`: `kind, description, reported_at, longitude, latitude`, and where known `kind_name, class_name`.
    """
    latest = _named(incidents.sort_values("reported_at", kind="stable").tail(MOST_POINTS))
    classes = points.incident_classes(latest["class_name"])
    legend = _incident_legend(classes.values(), len(latest))
    drawing = sheet(cells, Surroundings(title, subtitle, _notes(len(incidents)), legend), sea)
    add(drawing, *borders(cells), layers.clusters("事件 Incidents", [points.incidents(latest, classes, zone)]))
    return finish(drawing, names(cells))


def draw_faults(cells: gpd.GeoDataFrame, faults: Iterable[points.Fault], *, title: str) -> GridMap:
    """What is wrong with a layer: numbered on the map and in a list that leads to each place."""
    found = list(faults)
    drawing = sheet(
        cells,
        Surroundings(title, legend={"边界 Borders": [*LINES.values()]}, places=[_place(fault) for fault in found]),
    )
    shapes, marks = points.faults(found)
    add(drawing, *borders(cells), layers.group("问题 Faults", [shapes, marks]))
    return finish(drawing, names(cells))


def _extras(checkpoints: gpd.GeoDataFrame | None, mask: BaseGeometry | None) -> list[LegendEntry]:
    return [*([MASK] if mask is not None else []), *([CHECKPOINT] if checkpoints is not None else [])]


def _notes(total: int) -> list[str]:
    if total > MOST_POINTS:
        left_out = total - MOST_POINTS
        return [f"只画最近 {MOST_POINTS} 件，另有 {left_out} 件 / latest {MOST_POINTS} only, {left_out} more"]
    return [] if total else [NO_INCIDENTS]


def _incident_legend(classes: Iterable[points.IncidentClass], total: int) -> dict[str, list[LegendEntry]]:
    own: list[LegendEntry] = []
    others: list[LegendEntry] = []
    for item in classes:
        entry = LegendEntry(f"mark {item.css}", f"{item.name} {item.count}", item.sign)
        (others if item.css == points.OTHERS else own).append(entry)
    legend = {f"事件 Incidents（{total}）": [*own, LegendEntry("cluster", "多件 Several")]}
    return {**legend, "其余类别，同色，凭字区分 Other classes, by letter": others} if others else legend


def _named(incidents: pd.DataFrame) -> pd.DataFrame:
    named = incidents.copy()
    for column, default in (("kind_name", incidents["kind"]), ("class_name", "事件")):
        if column not in named:
            named[column] = default
    return named


def _place(fault: points.Fault) -> Place:
    place = points.place_of(fault)
    return Place(fault.zh, fault.en, None if place is None else place.x, None if place is None else place.y)
