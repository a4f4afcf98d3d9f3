"""The map of a report on paper (分布图): its finest cells by class of coverage, the value written in each."""

from collections.abc import Mapping
from typing import Final

from shapely.geometry.base import BaseGeometry

from gisgrid.coverage.schemas import CellFigures, CoverageReport
from gisgrid.coverage.told.headings import NOTHING
from gisgrid.coverage.told.nested import at_level, finest, levels_in, short_names
from gisgrid.documents.cells_map import HATCHED, Area, cells_map
from gisgrid.maps.classes import COVERAGE, class_of

TINTS: Final = {
    **{"c0": "#f8f1d2", "c1": "#b6d1ae", "c2": "#72adaf", "c3": "#4886a2", "c4": "#2e608a", "c5": "#1a3b63"},
    "na": HATCHED,
}
"""Those of the map in the browser."""


def drawn_map(report: CoverageReport, shapes: Mapping[str, BaseGeometry]) -> str:
    """Return the map as SVG: the cells that hold no others, with the borders of those just above.

    `shapes` are WGS 84 geometries by code; a cell without one is gone, and not drawn.
    """
    names = short_names(report.cells)
    above = levels_in(report)[-2:-1]
    outlines = [shapes[cell.code] for level in above for cell in at_level(report.cells, level) if cell.code in shapes]
    areas = [_area(cell, names[cell.code], shapes[cell.code]) for cell in finest(report) if cell.code in shapes]
    legend = {TINTS[each.css]: each.label.replace(" ", "") for each in COVERAGE}
    return cells_map(areas, {**legend, HATCHED: NOTHING}, outlines)


def _area(cell: CellFigures, name: str, shape: BaseGeometry) -> Area:
    ratio = cell.coverage_ratio
    return Area(name, NOTHING if ratio is None else f"{ratio:.1%}", shape, TINTS[class_of(ratio)])
