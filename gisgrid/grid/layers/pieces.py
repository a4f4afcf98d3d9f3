"""How wide and how large a leftover of two polygon nets is, in metres."""

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gisgrid.geometry import from_metric, to_metric

NOISE_M2: Final = 1e-6
"""Smaller is rounding: a degree in double precision is good to a nanometre, on borders of kilometres."""

_PRECISION: Final = 0.02
"""Of the mean width. The largest circle of a long strip is costly to find to the last millimetre."""

_FINE: Final = 0.001
"""Of the tolerance, where the first figure does not decide."""

_NEARLY: Final = 0.98
"""Of the tolerance. Shrinking cuts corners round; the measured width decides."""


@dataclass(frozen=True)
class Limits:
    """What is too wide, in metres, and the system in which it is measured."""

    tolerance_m: float
    metric_crs: str


@dataclass(frozen=True)
class Piece:
    """One polygon (EPSG:4326), its width, its area, and a position in it (degrees).

    Of a wide one the width is the diameter of the largest circle that fits in, and the position its middle; of a narrow
    one the mean width (twice the area by the perimeter).
    """

    geometry: BaseGeometry
    width_m: float
    area_m2: float
    longitude: float
    latitude: float


@dataclass
class Leftovers:
    """Pieces wider than the tolerance, and the others; the widest first."""

    wide: list[Piece] = field(default_factory=list)
    narrow: list[Piece] = field(default_factory=list)


def polygon_parts(geometry: BaseGeometry | NDArray[np.object_]) -> NDArray[np.object_]:
    """Return the polygons of a geometry or of many, however nested; lines and points are left out."""
    parts = shapely.get_parts(shapely.get_parts(geometry))
    return np.asarray(parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON], dtype=object)


def area_of(geometry: BaseGeometry | NDArray[np.object_]) -> shapely.MultiPolygon:
    """Return the polygons of a geometry or of many as one; empty where there are none."""
    return shapely.MultiPolygon(polygon_parts(geometry).tolist())


def leftovers(geometry: BaseGeometry | NDArray[np.object_], limits: Limits) -> Leftovers:
    """Return the polygons of a geometry in WGS 84, parted by the tolerance, without rounding noise.

    Wide is what a circle of the tolerance's diameter fits into; the width told is the one that was compared.
    """
    parts = polygon_parts(geometry)
    shapes = to_metric(parts, limits.metric_crs)
    found = Leftovers()
    # shrinking is quick, but may leave splinters of a sliver: what it leaves is measured
    cores = shapely.buffer(shapes, -_NEARLY * limits.tolerance_m / 2)
    for row in np.flatnonzero(shapely.area(shapes) > NOISE_M2):
        piece = None if cores[row].is_empty else _wide(parts[row], shapes[row], limits)
        if piece is None or piece.width_m < limits.tolerance_m:
            found.narrow.append(_narrow(parts[row], shapes[row]))
        else:
            found.wide.append(piece)
    found.wide.sort(key=_width, reverse=True)
    found.narrow.sort(key=_width, reverse=True)
    return found


def _width(piece: Piece) -> float:
    return piece.width_m


def _mean_width(shape: Any) -> float:
    return 2 * float(shape.area) / float(shape.length)


def _wide(part: BaseGeometry, shape: Any, limits: Limits) -> Piece:
    radius = shapely.maximum_inscribed_circle(shape, tolerance=_PRECISION * _mean_width(shape))
    if abs(2 * radius.length - limits.tolerance_m) < 2 * _PRECISION * limits.tolerance_m:
        radius = shapely.maximum_inscribed_circle(shape, tolerance=_FINE * limits.tolerance_m)
    middle = from_metric(shapely.get_point(radius, 0), limits.metric_crs)
    # the mean width is a lower bound of the circle's diameter
    width = max(2 * float(radius.length), _mean_width(shape))
    return Piece(part, width, float(shape.area), float(middle.x), float(middle.y))


def _narrow(part: BaseGeometry, shape: Any) -> Piece:
    within = part.representative_point()
    return Piece(part, _mean_width(shape), float(shape.area), float(within.x), float(within.y))
