"""A grid ready to be measured on: its cells numbered and in metres, under the patrollable mask. Pure."""

from typing import Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gisgrid.coverage.ground.borders import Border, borders, insides
from gisgrid.coverage.ground.reach import ACCURACY_M
from gisgrid.coverage.ground.squares import Squares
from gisgrid.coverage.ground.strips import Floats, Integers, Runs, Strips
from gisgrid.geometry import points_to_metric, to_metric
from gisgrid.grid.locate import Grid
from gisgrid.grid.tables import LEVELS

Polygons = NDArray[np.object_]

CERTAIN: Final = 1.6448536 / 1.51
"""p = Φ(b / (a / 1.51)) > 0.95: the distance b to the border, in accuracies a (68 % radii), that makes sure."""


class Ground:
    """A grid under a mask, to be measured on: its three `levels`, and the strips and squares they share. Read-only."""

    def __init__(self, grid: Grid, mask: BaseGeometry | None, metric_crs: str) -> None:
        whole = {level: _polygons(grid, level, metric_crs) for level in LEVELS}
        patrollable = whole if mask is None else _within(whole, to_metric(mask, metric_crs))
        together = np.concatenate(list(patrollable.values()))
        self.squares = Squares(grid, mask, metric_crs)
        self._metric_crs = metric_crs
        self.fine, self.coarse = Strips.over(together), Strips.over(together, coarser=2)
        self.levels = {
            level: LevelGround(
                grid,
                level,
                metric_crs,
                polygons=whole[level],
                areas_m2=shapely.area(patrollable[level]),
                fine=borders(self.fine, patrollable[level]),
                coarse=borders(self.coarse, patrollable[level]),
                insides=insides(self.coarse, patrollable[level]),
            )
            for level in LEVELS
        }

    def metres(self, fixes: pd.DataFrame) -> tuple[Floats, Floats]:
        """Return where fixes are in the metric system; not finite where they have no place in it."""
        return points_to_metric(fixes["longitude"].to_numpy(), fixes["latitude"].to_numpy(), self._metric_crs)


class LevelGround:
    """The cells of one level, numbered in the order of their codes; −1 is outside. Read-only.

    `cells` has code, name, level, parent_code, area_m2 and patrollable_area_m2, one row a cell. `fine` and `coarse`
    are the borders of their patrollable parts in both kinds of strips, `insides` what these hold of the coarse ones.
    """

    def __init__(
        self,
        grid: Grid,
        level: str,
        metric_crs: str,
        *,
        polygons: Polygons,
        areas_m2: Floats,
        fine: list[Border],
        coarse: list[Border],
        insides: list[Runs],
    ) -> None:
        frame = grid.cells[grid.cells["level"] == level]
        self.cells = pd.DataFrame(frame[["code", "name", "level", "parent_code"]]).assign(
            area_m2=shapely.area(polygons), patrollable_area_m2=areas_m2
        )
        self.fine, self.coarse, self.insides = fine, coarse, insides
        self._grid, self._column, self._metric_crs = grid, LEVELS.index(level), metric_crs
        self._codes = pd.Index(frame["code"], dtype=object)
        self._of_row = self.numbers(grid.codes)
        self._boundaries = shapely.boundary(np.append(polygons, shapely.union_all(polygons)))
        shapely.prepare(self._boundaries)

    def numbers(self, codes: NDArray[np.object_]) -> Integers:
        """Return the numbers of cells by code; −1 for None and for codes of another grid."""
        return np.asarray(self._codes.get_indexer(codes), dtype=np.int64)

    def cells_at(self, longitude: Floats, latitude: Floats) -> Integers:
        """Return the number of the cell that covers each point."""
        return self._of_row[self._grid.rows(longitude, latitude)[:, self._column]]

    def is_certain(self, cell: Integers, longitude: Floats, latitude: Floats, accuracy_m: Floats) -> NDArray[np.bool_]:
        """Tell whether each fix lies in its cell (or outside all) with p > 0.95. A missing accuracy is 30 m."""
        x, y = points_to_metric(longitude, latitude, self._metric_crs)
        margin = CERTAIN * np.where(np.isnan(accuracy_m), ACCURACY_M, accuracy_m)
        is_near = np.isfinite(x) & np.isfinite(y)  # a quarter round the globe a place has no projection
        is_vague = np.zeros(len(x), dtype=bool)
        points = shapely.points(x[is_near], y[is_near])
        is_vague[is_near] = shapely.dwithin(self._boundaries[cell[is_near]], points, margin[is_near])
        return ~is_vague


def _polygons(grid: Grid, level: str, metric_crs: str) -> Polygons:
    return np.asarray(to_metric(grid.cells.geometry[grid.cells["level"] == level].to_numpy(), metric_crs))


def _within(whole: dict[str, Polygons], mask: BaseGeometry) -> dict[str, Polygons]:
    """Return the polygonal parts of cells within the mask; where they only touch it, an empty one."""
    shapely.prepare(mask)
    return {
        level: np.array([_polygonal(met) for met in shapely.intersection(polygons, mask)], dtype=object)
        for level, polygons in whole.items()
    }


def _polygonal(geometry: BaseGeometry) -> BaseGeometry:
    parts = shapely.get_parts(shapely.get_parts(geometry))
    return shapely.multipolygons(parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON])
