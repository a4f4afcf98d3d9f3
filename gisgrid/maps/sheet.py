"""What all generated maps have: the ground, its borders and names, the control of what is shown.

Cells are a GeoDataFrame in EPSG:4326 with `level, code, name, parent_code, is_illustrative, geometry`, all levels.
"""

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
from branca.element import Element
from folium import LayerControl
from folium.map import Layer
from shapely.geometry.base import BaseGeometry

from gisgrid.maps import layers
from gisgrid.maps.pages import ILLUSTRATIVE, GridMap, LegendEntry, Surroundings

LINES = {
    "street": LegendEntry("line", "街道界 Street"),
    "community": LegendEntry("line community", "社区界 Community"),
    "substation": LegendEntry("line substation", "工作分站界 Substation"),
}
MASK = LegendEntry("mask", "巡查范围 Patrollable area")
FOREIGN = LegendEntry("foreign", "非本人负责 Not yours")


def sheet(
    cells: gpd.GeoDataFrame,
    around: Surroundings,
    sea: BaseGeometry | None = None,
    *,
    bounds: Sequence[float] | None = None,
    **options: Any,
) -> GridMap:
    """Begin a map of the ground that opens at `bounds` (west, south, east, north), or where the cells are.

    The `sea` lies under it where it is known.
    """
    if cells["is_illustrative"].any() and ILLUSTRATIVE not in around.notes:
        around.notes = [*around.notes, ILLUSTRATIVE]
    drawing = GridMap(around, **options)
    if sea is not None:
        add(drawing, layers.sea(sea))
    add(drawing, layers.land(cells), layers.fit(cells.total_bounds if bounds is None else bounds))
    return drawing


def add(drawing: GridMap, *members: Element) -> None:
    """Draw something on a map."""
    for member in members:
        drawing.add_child(member)


def finish(drawing: GridMap, names: Layer | None = None) -> GridMap:
    """End a map: names lie on top, and the control knows all that lies beneath."""
    if names is not None:
        drawing.add_child(names)
    drawing.add_child(LayerControl())
    return drawing


def finest(cells: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the cells of the lowest level there is."""
    levels = [level for level in layers.LEVEL_NAMES if (cells["level"] == level).any()]
    return layers.at_level(cells, levels[-1]) if levels else cells


def borders(cells: gpd.GeoDataFrame, *, substations_shown: bool = True) -> list[Layer]:
    """Draw the borders of each level, the finest first: heavier lines lie on top."""
    return [
        layers.group(line.label, [layers.borders(cells, level)], show=level != "substation" or substations_shown)
        for level, line in reversed(LINES.items())
    ]


def names(cells: gpd.GeoDataFrame) -> Layer:
    """Draw the names of communities, and from nearer those of substations."""
    shown = [("community", 0.0), ("substation", 13.0)]
    return layers.group(
        "名称 Names", [layers.labels(layers.at_level(cells, level), min_zoom=zoom) for level, zoom in shown]
    )
