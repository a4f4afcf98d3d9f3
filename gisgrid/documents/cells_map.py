"""A map of cells as SVG, to be printed: each filled with the tint of its class, its name and value written in it. Pure.

The value is written, so that the map is read in black and white, too, and by whoever sees no colours. A cell that is
too small for its name has a number, and stands below the map.
"""

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Final, NamedTuple

import numpy as np
import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from gisgrid.documents.svg import EDGE, FONTS, METRES_A_DEGREE, Parts, north, path, scale_bar, sunk, text
from gisgrid.parse import CONTROL

WIDTH: Final = 680
HIGHEST: Final = 360
RIM: Final = 16
LEGEND: Final = 34
HATCHED: Final = "url(#hatched)"
"""The fill of what has no value."""
HATCH: Final = (
    '<defs><pattern id="hatched" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="7" height="7" fill="#eef0f0"/><path d="M0 0V7" stroke="#aab4b8" stroke-width="2.4"/></pattern></defs>'
)
INK: Final = "#16232c"
SIZES: Final = (15, 13, 11)
KEYED: Final = 11
KEY_COLUMNS: Final = 4
KEY_LINE: Final = 17
LINE: Final = 1.2
FINEST: Final = 0.4


class Area(NamedTuple):
    """A cell: what is written in it, its shape in WGS 84 degrees, and its fill."""

    name: str
    value: str
    shape: BaseGeometry
    fill: str


def cells_map(areas: Sequence[Area], legend: Mapping[str, str], outlines: Sequence[BaseGeometry] = ()) -> str:
    """Return the map as SVG, WIDTH wide and as high as the cells ask for; `legend`: labels by fill.

    `outlines` are drawn over the cells, as borders of a higher level. The same text for the same input.
    """
    bounds = shapely.total_bounds([area.shape for area in areas]) if areas else np.array([0.0, 0.0, 0.01, 0.005])
    sheet = _Sheet(bounds)
    drawn = list(zip(areas, _smooth([sheet.drawn(area.shape) for area in areas]), strict=True))
    labels = [_label(area, shape) for area, shape in drawn]
    small = [pair for pair, label in zip(drawn, labels, strict=True) if not label and not pair[1].is_empty]
    height = sheet.height + LEGEND + KEY_LINE * math.ceil(len(small) / KEY_COLUMNS)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
            f' font-family="{FONTS}" role="img">',
            HATCH,
            f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
            *(_filled(area, shape) for area, shape in drawn),
            *(_outlined(shape) for shape in _smooth([sheet.drawn(shape) for shape in outlines])),
            *(part for label in labels for part in label),
            *(part for number, (_, shape) in enumerate(small, 1) for part in _numbered(number, shape)),
            *scale_bar(sheet.scale, WIDTH, sheet.height),
            *north(WIDTH),
            *_legend(legend, sheet.height),
            *_key([area for area, _ in small], sheet.height + LEGEND),
            "</svg>",
        ]
    )


class _Sheet:
    """Where degrees lie on the sheet: metres on a flat earth, which a town is, as large as they fit."""

    def __init__(self, bounds: np.ndarray) -> None:
        west, south, east, north_ = bounds
        self._stretch = METRES_A_DEGREE * np.array([math.cos(math.radians((south + north_) / 2)), -1.0])
        self._corner = np.array([west, north_])
        across, down = np.abs(np.array([east - west, south - north_]) * self._stretch)
        room = WIDTH - 2 * RIM, HIGHEST - 2 * RIM - EDGE
        self.scale = min(room[0] / max(across, 1), room[1] / max(down, 1))
        self.height = math.ceil(down * self.scale) + 2 * RIM + EDGE
        self._shift = np.array([(WIDTH - across * self.scale) / 2, RIM])

    def drawn(self, shape: BaseGeometry) -> BaseGeometry:
        """Return polygons in pixels."""
        flat = shapely.force_2d(shape)
        moved = shapely.transform(flat, lambda xy: (xy - self._corner) * self._stretch * self.scale + self._shift)
        return shapely.MultiPolygon([part for part in shapely.get_parts(moved) if isinstance(part, Polygon)])


def _smooth(shapes: Sequence[BaseGeometry]) -> Sequence[BaseGeometry]:
    """Leave out what is finer than a printer draws; neighbours keep their common border."""
    return list(shapely.coverage_simplify(list(shapes), FINEST)) if shapes else []


def _filled(area: Area, shape: BaseGeometry) -> str:
    told = escape(_plain(f"{area.name} {area.value}"))
    return (
        f'<path d="{path(shape)}" fill="{area.fill}" stroke="#5b6b7a" stroke-width="1" fill-rule="evenodd">'
        f"<title>{told}</title></path>"
    )


def _outlined(shape: BaseGeometry) -> str:
    return f'<path d="{path(shape)}" fill="none" stroke="{INK}" stroke-width="2.2" stroke-linejoin="round"/>'


def _label(area: Area, shape: BaseGeometry) -> Parts:
    """Return name and value in the cell, as large as they fit; nothing if there is no room for them."""
    lines = (_plain(area.name), _plain(area.value))
    for size in SIZES:
        at = _place(shape, max(_wide(line, size) for line in lines), size * LINE * len(lines))
        if at is not None:
            return _lines(lines, size, *at)
    return []


def _numbered(number: int, shape: BaseGeometry) -> Parts:
    x, y = shapely.maximum_inscribed_circle(shape, 1).coords[0]
    return _lines((str(number),), KEYED, x, y)


def _key(areas: Sequence[Area], top: float) -> Parts:
    """Return what the numbers stand for, column by column."""
    step, lines = (WIDTH - 2 * EDGE) / KEY_COLUMNS, math.ceil(len(areas) / KEY_COLUMNS)
    return [
        part
        for at, area in enumerate(areas)
        for part in text(
            f"{at + 1}  {_plain(area.name)}  {_plain(area.value)}",
            EDGE + at // lines * step,
            top + (at % lines + 0.7) * KEY_LINE,
            KEYED + 1,
            INK,
            "start",
        )
    ]


def _place(shape: BaseGeometry, width: float, height: float) -> tuple[float, float] | None:
    """Return where the middle of a box may lie so that it is inside the shape, None if it fits nowhere."""
    free = sunk(shape, width / 2 + 2, height / 2 + 1)
    parts = [part for part in shapely.get_parts(free) if isinstance(part, Polygon) and part.area > 4]
    if not parts:
        return None
    x, y = shapely.maximum_inscribed_circle(max(parts, key=lambda part: part.area), 1).coords[0]
    return x, y


def _lines(lines: Sequence[str], size: int, x: float, y: float) -> Parts:
    top, step = y - size * LINE * len(lines) / 2 + size, size * LINE
    weights = ["normal"] * (len(lines) - 1) + ["bold"]
    return [
        part
        for number, (line, weight) in enumerate(zip(lines, weights, strict=True))
        for part in text(line, x, top + number * step, size, INK, "middle", weight)
    ]


def _legend(legend: Mapping[str, str], top: float) -> Parts:
    """Return the classes side by side below the map."""
    step, y = (WIDTH - 2 * EDGE) / max(len(legend), 1), top + 8
    return [
        part
        for number, (fill, label) in enumerate(legend.items())
        for part in (
            f'<rect x="{EDGE + number * step:.1f}" y="{y}" width="22" height="14" fill="{fill}" stroke="#5b6b7a"/>',
            *text(label, EDGE + number * step + 28, y + 12, 12, INK, "start"),
        )
    ]


def _wide(words: str, size: float) -> float:
    """Return about how wide words are: a Chinese letter is a square, another a good half of one."""
    return sum(size if letter > "\u2e7f" else 0.62 * size for letter in words)


def _plain(words: str) -> str:
    plain = CONTROL.sub(" ", words).strip()
    return plain if len(plain) <= 20 else plain[:19] + "…"
