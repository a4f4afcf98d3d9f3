"""The generated maps: grid, coverage, incidents, tracks, faults. Each takes frames and returns a map to write.

Cells are a GeoDataFrame in EPSG:4326 with `level, code, name, parent_code, is_illustrative, geometry`, all levels.
"""

from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

import geopandas as gpd
import pandas as pd
from branca.element import Element
from folium import LayerControl
from folium.map import Layer
from shapely.geometry.base import BaseGeometry

from gisgrid.maps import layers, points
from gisgrid.maps.cards import coverage_rows, grid_rows, percent
from gisgrid.maps.classes import COVERAGE, NOT_AVAILABLE, class_of
from gisgrid.maps.pages import ILLUSTRATIVE, GridMap, LegendEntry, Place, Surroundings
from gisgrid.maps.tints import tints

CHINA = ZoneInfo("Asia/Shanghai")
MOST_POINTS = 10_000  # more make a page that old machines cannot open
MOST_DOTS = 2_000

LINES = {
    "street": LegendEntry("line", "街道界 Street"),
    "community": LegendEntry("line community", "社区界 Community"),
    "substation": LegendEntry("line substation", "工作分站界 Substation"),
}
CHECKPOINT = LegendEntry("checkpoint", "打卡点 Checkpoint")
MASK = LegendEntry("mask", "巡查范围 Patrollable area")


def draw_grid(
    cells: gpd.GeoDataFrame,
    checkpoints: gpd.GeoDataFrame | None = None,
    mask: BaseGeometry | None = None,
    *,
    title: str,
) -> GridMap:
    """The three nested nets, tinted by community, with checkpoints and patrollable mask where there are any."""
    drawing = _sheet(cells, Surroundings(title, legend={"图层 Layers": [*LINES.values(), *_extras(checkpoints, mask)]}))
    parents = dict(zip(cells["code"], cells["parent_code"], strict=True))
    colours = tints(layers.at_level(cells, "community"))
    finest = _finest(cells)
    classes = {code: colours.get(code) or colours.get(parents.get(code) or "", "") for code in finest["code"]}
    _add(drawing, layers.group("网格 Cells", [layers.areas(finest, classes, grid_rows(finest, cells))]))
    if mask is not None:
        _add(drawing, layers.group("巡查范围 Patrollable area", [layers.mask_area(mask)]))
    _add(drawing, *_borders(cells))
    if checkpoints is not None and len(checkpoints):
        _add(
            drawing, layers.group("打卡点 Checkpoints", [points.checkpoints(checkpoints)], show=len(checkpoints) <= 300)
        )
    return _finish(drawing, _names(cells))


def draw_coverage(
    cells: gpd.GeoDataFrame,
    figures: pd.DataFrame,
    *,
    title: str,
    period_text: str,
    notes: Sequence[str] = (),
    level: str = "community",
) -> GridMap:
    """How much of each cell was reached, one choropleth a level; `level` is shown on opening.

    `figures`: `code, coverage_ratio` (0 to 1, NaN where there is no ground), `check_ins, patrollers, visits,
    covered_area_m2, patrollable_area_m2`; cells without a row are drawn as not available.
    """
    scale = [LegendEntry(item.css, item.label) for item in COVERAGE]
    legend = {
        "到达率 Coverage（50 m 估算 estimate）": [*scale, LegendEntry(NOT_AVAILABLE, "无数据 n/a")],
        "边界 Borders": [*LINES.values()],
    }
    drawing = _sheet(cells, Surroundings(title, period_text, notes, legend))
    ratios = dict(zip(figures["code"], figures["coverage_ratio"].astype(float), strict=True))
    classes = {code: class_of(ratio) for code, ratio in ratios.items()}
    rows = {row.code: coverage_rows(row) for row in layers.rows_of(figures)}
    second = {code: percent(ratio) for code, ratio in ratios.items()}
    for each, name in layers.LEVEL_NAMES.items():
        part = layers.at_level(cells, each)
        if len(part):
            filled = layers.areas(part, {code: classes.get(code, NOT_AVAILABLE) for code in part["code"]}, rows)
            members = [filled, layers.labels(part, second, classes)]
            _add(drawing, layers.group(name, members, exclusive=True, show=each == level))
    _add(drawing, *_borders(cells, substations_shown=False))
    return _finish(drawing)


def draw_incidents(
    cells: gpd.GeoDataFrame, incidents: pd.DataFrame, *, title: str, subtitle: str = "", zone: ZoneInfo = CHINA
) -> GridMap:
    """Incidents by class, clustered where they are dense; above MOST_POINTS only the latest, and a note says so.

    `incidents`: `kind, description, reported_at, longitude, latitude`, and where known `kind_name, class_name`.
    """
    latest = _named(incidents.sort_values("reported_at", kind="stable").tail(MOST_POINTS))
    left_out = len(incidents) - len(latest)
    note = (
        [f"只画最近 {MOST_POINTS} 件，另有 {left_out} 件 / latest {MOST_POINTS} only, {left_out} more"]
        if left_out
        else []
    )
    classes = points.incident_classes(latest["class_name"])
    legend = _incident_legend(classes.values(), len(latest))
    drawing = _sheet(cells, Surroundings(title, subtitle, note, legend))
    _add(drawing, *_borders(cells), layers.clusters("事件 Incidents", [points.incidents(latest, classes, zone)]))
    return _finish(drawing, _names(cells))


def draw_track(
    cells: gpd.GeoDataFrame,
    fixes: pd.DataFrame,
    *,
    title: str,
    subtitle: str = "",
    zone: ZoneInfo = CHINA,
    gap_s: float = 300,
    length_m: float = 1000,
) -> GridMap:
    """The tracks of one or more patrols: a line each, its ends, and the fixes while they are few.

    Fixes more than `gap_s` seconds or `length_m` metres apart are joined by dots only. The map opens where 98 % of
    the fixes lie: one wrong fix must not make the rest a speck.
    """
    ordered = fixes.sort_values("fix_at", kind="stable")
    patrols = _patrols(ordered, zone)
    entries = [
        LegendEntry(f"mark round p{number % points.COLOURS}", _span(patrol, zone), str(number + 1), f"patrol-{number}")
        for number, patrol in enumerate(patrols)
    ]
    unknown = LegendEntry("line silence", f"相隔超过 {gap_s / 60:g} 分钟或 {length_m:g} 米 Way unknown")
    dotted = len(ordered) <= MOST_DOTS
    note = [] if dotted else [f"定位点 {len(ordered)} 个，只画线 / {len(ordered)} fixes: lines only"]
    around = Surroundings(
        title, subtitle, note, {"巡查，点选则只看一次 Patrols, choose one to see it alone": [*entries, unknown]}
    )
    west_south, east_north = ordered[["longitude", "latitude"]].quantile([0.01, 0.99]).to_numpy()
    drawing = _sheet(cells, around, [*west_south, *east_north] if patrols else None)
    _add(drawing, *_borders(cells))
    for number, patrol in enumerate(patrols):
        members: list[Layer] = [points.marks_of(patrol, number, (number + 0.5) / len(patrols), zone)]
        if dotted:
            members.insert(0, points.fixes_of(patrol, number, zone))
        if len(patrol) > 1:
            members.insert(0, points.track(patrol, number, gap_s=gap_s, length_m=length_m))
        _add(drawing, layers.group(_span(patrol, zone), members))
    return _finish(drawing, _names(cells))


def draw_faults(cells: gpd.GeoDataFrame, faults: Iterable[points.Fault], *, title: str) -> GridMap:
    """What is wrong with a layer: numbered on the map and in a list that leads to each place."""
    found = list(faults)
    drawing = _sheet(
        cells,
        Surroundings(title, legend={"边界 Borders": [*LINES.values()]}, places=[_place(fault) for fault in found]),
    )
    shapes, marks = points.faults(found)
    _add(drawing, *_borders(cells), layers.group("问题 Faults", [shapes, marks]))
    return _finish(drawing, _names(cells))


def _sheet(cells: gpd.GeoDataFrame, around: Surroundings, bounds: Sequence[float] | None = None) -> GridMap:
    if cells["is_illustrative"].any():
        around.notes = [*around.notes, ILLUSTRATIVE]
    drawing = GridMap(around)
    _add(drawing, layers.land(cells), layers.fit(cells.total_bounds if bounds is None else bounds))
    return drawing


def _add(drawing: GridMap, *members: Element) -> None:
    for member in members:
        drawing.add_child(member)


def _finish(drawing: GridMap, names: Layer | None = None) -> GridMap:
    if names is not None:
        drawing.add_child(names)
    drawing.add_child(LayerControl())
    return drawing


def _finest(cells: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    levels = [level for level in layers.LEVEL_NAMES if (cells["level"] == level).any()]
    return layers.at_level(cells, levels[-1]) if levels else cells


def _borders(cells: gpd.GeoDataFrame, *, substations_shown: bool = True) -> list[Layer]:
    """The finest first: heavier lines lie on top."""
    return [
        layers.group(line.label, [layers.borders(cells, level)], show=level != "substation" or substations_shown)
        for level, line in reversed(LINES.items())
    ]


def _names(cells: gpd.GeoDataFrame) -> Layer:
    shown = [("community", 0.0), ("substation", 13.0)]
    return layers.group(
        "名称 Names", [layers.labels(layers.at_level(cells, level), min_zoom=zoom) for level, zoom in shown]
    )


def _extras(checkpoints: gpd.GeoDataFrame | None, mask: BaseGeometry | None) -> list[LegendEntry]:
    return [*([MASK] if mask is not None else []), *([CHECKPOINT] if checkpoints is not None else [])]


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


def _patrols(ordered: pd.DataFrame, zone: ZoneInfo) -> list[pd.DataFrame]:
    """Fixes without a patrol count as one patrol a person and local day."""
    days = ordered["fix_at"].dt.tz_convert(zone).dt.strftime("%Y-%m-%d")
    outing = ordered["patrol_id"].astype(object).where(ordered["patrol_id"].notna(), days)
    return [patrol for _, patrol in ordered.groupby([ordered["patroller_id"], outing], sort=False)]


def _span(patrol: pd.DataFrame, zone: ZoneInfo) -> str:
    first, last = patrol["fix_at"].iloc[0], patrol["fix_at"].iloc[-1]
    return f"{points.local_time(first, zone)} – {points.local_time(last, zone)[-5:]}"


def _place(fault: points.Fault) -> Place:
    place = points.place_of(fault)
    return Place(fault.zh, fault.en, None if place is None else place.x, None if place is None else place.y)
