"""One level of a grid, ready to be measured on: its cells numbered and in metres, under the patrollable mask. Pure."""

from typing import Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gisgrid.coverage.reach import ACCURACY_M
from gisgrid.coverage.strips import Floats, Integers, rule
from gisgrid.geometry import points_to_metric, to_metric
from gisgrid.grid.locate import Grid
from gisgrid.grid.tables import LEVELS

CERTAIN: Final = 1.6448536 / 1.51
"""p = Φ(b / (a / 1.51)) > 0.95: the distance b to the border, in accuracies a (68 % radii), that makes sure."""


class Ground:
    """The cells of one level, numbered in the order of their codes; −1 is outside. Read-only.

    `cells` has code, name, level, parent_code, area_m2 and patrollable_area_m2, one row a cell. `fine` and
    `coarse` are their patrollable parts, ruled into strips.
    """

    def __init__(self, grid: Grid, level: str, mask: BaseGeometry | None, metric_crs: str) -> None:
        frame = grid.cells[grid.cells["level"] == level]
        polygons = np.asarray(to_metric(frame.geometry.to_numpy(), metric_crs))
        patrollable = polygons if mask is None else _parts_within(polygons, to_metric(mask, metric_crs))
        self.grid = grid
        self.metric_crs = metric_crs
        self.fine, self.coarse = rule(patrollable), rule(patrollable, coarser=2)
        self.cells = pd.DataFrame(frame[["code", "name", "level", "parent_code"]]).assign(
            area_m2=shapely.area(polygons), patrollable_area_m2=shapely.area(patrollable)
        )
        self._column = LEVELS.index(level)
        self._codes = pd.Index(frame["code"], dtype=object)
        self._boundaries = shapely.boundary(np.append(polygons, shapely.union_all(polygons)))
        shapely.prepare(self._boundaries)

    def numbers(self, codes: NDArray[np.object_]) -> Integers:
        """Return the numbers of cells by code; −1 for None and for codes of another grid."""
        return np.asarray(self._codes.get_indexer(codes), dtype=np.int64)

    def cells_at(self, longitude: Floats, latitude: Floats) -> Integers:
        """Return the number of the cell that covers each point."""
        return self.numbers(self.grid.locate(longitude, latitude).codes[:, self._column])

    def is_certain(self, cell: Integers, longitude: Floats, latitude: Floats, accuracy_m: Floats) -> NDArray[np.bool_]:
        """Tell whether each fix lies in its cell (or outside all) with p > 0.95. A missing accuracy is 30 m."""
        points = shapely.points(*points_to_metric(longitude, latitude, self.metric_crs))
        margin = CERTAIN * np.where(np.isnan(accuracy_m), ACCURACY_M, accuracy_m)
        return np.asarray(~shapely.dwithin(self._boundaries[cell], points, margin))


def _parts_within(polygons: NDArray[np.object_], mask: BaseGeometry) -> NDArray[np.object_]:
    """Return the polygonal parts of each cell within the mask; where they only touch, nothing."""
    shapely.prepare(mask)
    met = shapely.intersection(polygons, mask)
    return np.array([shapely.multipolygons(_polygons(part)) for part in met], dtype=object)


def _polygons(geometry: BaseGeometry) -> NDArray[np.object_]:
    parts = shapely.get_parts(shapely.get_parts(geometry))
    return np.asarray(parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON])
