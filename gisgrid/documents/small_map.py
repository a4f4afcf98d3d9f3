"""A small map of a point on its cells as SVG: drawn from the shapes alone, to be printed. Pure."""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from gisgrid.documents.svg import EDGE, FONTS, METRES_A_DEGREE, Parts, north, path, scale_bar, sunk, text
from gisgrid.parse import CONTROL

WIDTH, HEIGHT = 680, 400
TINTS: Final = ("#e3edf7", "#f6ecd9", "#e6f2e1", "#f7e4e1", "#ece6f4", "#e2f2f1")
HOLDING: Final = "#fff3b0"
"""The tint of the cell that holds the first point; the others take turns."""
FIRST, OTHERS = "#b71c1c", "#0d47a1"

Named = tuple[str, BaseGeometry]
At = tuple[str, float, float]


def small_map(
    cells: Sequence[Named], points: Sequence[At], zoom_m: float = 1500, line: Sequence[tuple[float, float]] = ()
) -> str:
    """Return a map as SVG, WIDTH × HEIGHT, whose width shows `zoom_m` metres round the first point.

    `cells`: names with polygons, `points`: labels with longitude and latitude, all in WGS 84 degrees; at least one
    point. `line`: where somebody walks, longitude first. The same text for the same input.
    """
    _, longitude, latitude = points[0]
    scale = WIDTH / zoom_m
    frame = shapely.box(0, 0, WIDTH, HEIGHT)
    seen = [(name, _in_frame(shape, longitude, latitude, scale, frame)) for name, shape in cells]
    seen = [(name, shape) for name, shape in seen if not shape.is_empty]
    places = [(label, *_pixel(x, y, longitude, latitude, scale)) for label, x, y in points]
    labels = [_cell_name(name, shape, places) for name, shape in seen]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
            f' font-family="{FONTS}">',
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
            *_areas(seen, places[0][1:]),
            *(part for label in labels for part in label),
            *_walk([_pixel(*at, longitude, latitude, scale) for at in line]),
            *(part for place in reversed(places[1:]) for part in _marker(*place, OTHERS)),
            *_marker(*places[0], FIRST),
            *scale_bar(scale, WIDTH, HEIGHT),
            *north(WIDTH),
            *_note(),
            f'<rect x="0.5" y="0.5" width="{WIDTH - 1}" height="{HEIGHT - 1}" fill="none" stroke="#333"/>',
            "</svg>",
        ]
    )


def _pixel(x: float, y: float, longitude: float, latitude: float, scale: float) -> tuple[float, float]:
    """Return where a place lies on the sheet: metres from its middle on a flat earth, which in a town is one."""
    east = (x - longitude) * METRES_A_DEGREE * math.cos(math.radians(latitude))
    return WIDTH / 2 + east * scale, HEIGHT / 2 - (y - latitude) * METRES_A_DEGREE * scale


def _in_frame(shape: BaseGeometry, longitude: float, latitude: float, scale: float, frame: Polygon) -> BaseGeometry:
    """Return the part of a cell that is seen, in pixels."""
    stretch = math.cos(math.radians(latitude))
    east_and_north = np.array([METRES_A_DEGREE * stretch * scale, -METRES_A_DEGREE * scale])
    middle = np.array([WIDTH / 2, HEIGHT / 2])
    drawn = shapely.transform(
        shapely.force_2d(shape), lambda xy: (xy - [longitude, latitude]) * east_and_north + middle
    )
    seen = drawn.intersection(frame)
    polygons = [part for part in shapely.get_parts(seen) if isinstance(part, Polygon) and part.area > 0]
    return shapely.MultiPolygon(polygons)


def _areas(seen: Sequence[Named], middle: Sequence[float]) -> Parts:
    holding = next((name for name, shape in seen if shape.covers(shapely.Point(middle))), None)
    tints = [HOLDING if name == holding else TINTS[number % len(TINTS)] for number, (name, _) in enumerate(seen)]
    return [
        f'<path d="{path(shape)}" fill="{tint}" stroke="#5b6b7a" stroke-width="1.6" fill-rule="evenodd"/>'
        for (_, shape), tint in zip(seen, tints, strict=True)
    ]


def _cell_name(name: str, shape: BaseGeometry, places: Sequence[At]) -> Parts:
    """Return a cell's name inside it, off the points; nothing for a corner that is too small to hold it."""
    words, half = _shown(name), len(_shown(name)) * 6.5
    # whole, and clear of the bar, the arrow and the points; inside its cell, if it is wide enough
    room = shapely.box(half + 6, 24, WIDTH - half - 6, HEIGHT - 52)
    room = room.difference(shapely.box(WIDTH - half - 52, 0, WIDTH, 78))
    inside = sunk(shape, half + 3, 12).intersection(room)
    free = shape.intersection(room) if inside.is_empty else inside
    for label, x, y in places:
        free = free.difference(shapely.box(x - half - 12, y - 26, x + half + 24 + len(_shown(label)) * 13, y + 26))
    largest = max(shapely.get_parts(free), key=lambda part: part.area, default=None)
    if largest is None or largest.area < 60:
        return []
    x, y = shapely.maximum_inscribed_circle(largest, 2).coords[0]
    return text(words, x, y, 13, "#2d3b48", "middle")


def _marker(label: str, x: float, y: float, colour: str) -> Parts:
    pin = f"M{x:.1f} {y:.1f}c-3 -7 -9 -10 -9 -17a9 9 0 1 1 18 0c0 7 -6 10 -9 17Z"
    words = _shown(label)
    is_left = x + 16 + len(words) * 13 > WIDTH - 8
    side = text(words, x - 14 if is_left else x + 14, y - 12, 13, colour, "end" if is_left else "start", "bold")
    return [
        f'<path d="{pin}" fill="{colour}" stroke="#ffffff" stroke-width="1.5"/>',
        f'<circle cx="{x:.1f}" cy="{y - 17:.1f}" r="3.2" fill="#ffffff"/>',
        *side,
    ]


def _walk(line: Sequence[tuple[float, float]]) -> Parts:
    """Return a dashed line with a white rim; nothing for none."""
    if not line:
        return []
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in line)
    return [
        f'<path d="{path}" fill="none" stroke="#ffffff" stroke-width="6" stroke-linejoin="round"/>',
        f'<path d="{path}" fill="none" stroke="#7a1fa2" stroke-width="3" stroke-dasharray="8 5"/>',
    ]


def _note() -> Parts:
    return text("示意图 illustrative", WIDTH - EDGE, HEIGHT - EDGE, 12, "#444", "end")


def _shown(words: str) -> str:
    """Return a name as it may stand in SVG, in at most 20 letters."""
    plain = CONTROL.sub(" ", words).strip()
    return plain if len(plain) <= 20 else plain[:19] + "…"
