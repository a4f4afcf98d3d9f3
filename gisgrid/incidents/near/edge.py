"""What lies near the edge of its cell: the neighbours to which it might belong as well."""

from functools import lru_cache
from typing import Any, Final

import shapely

from gisgrid.geometry import points_to_metric, to_metric
from gisgrid.grid.kin import neighbours
from gisgrid.grid.locate import Grid

EDGE_M: Final = 30.0
"""A phone without a stated accuracy is taken to know its place so well."""


def across_the_edge(grid: Grid, code: str, longitude: float, latitude: float, metric_crs: str) -> list[str]:
    """Return the codes of the neighbours of a cell that lie within EDGE_M of a place in it, the nearest first."""
    beside = neighbours(grid, code)
    place = shapely.Point(*(each.item() for each in points_to_metric(longitude, latitude, metric_crs)))
    away = shapely.distance(_shapes(grid, beside, metric_crs), place)
    near = sorted(zip(away.tolist(), beside, strict=True))
    return [neighbour for metres, neighbour in near if metres <= EDGE_M]


@lru_cache(maxsize=1024)
def _shapes(grid: Grid, codes: tuple[str, ...], metric_crs: str) -> Any:
    return to_metric(grid.cells.set_index("code").geometry.loc[list(codes)].to_numpy(), metric_crs)
