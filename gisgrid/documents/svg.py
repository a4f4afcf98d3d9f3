"""Parts of a map drawn as SVG: letters with a rim, outlines, a bar of metres, the arrow to the north. Pure."""

import math
from html import escape
from typing import Final

import shapely
from shapely.geometry.base import BaseGeometry

METRES_A_DEGREE: Final = 111_320  # of latitude, and of longitude at the equator: near enough for an illustration
FONTS: Final = "'Noto Sans CJK SC', 'WenQuanYi Micro Hei', sans-serif"
EDGE: Final = 14
STEPS: Final = (1, 2, 5)

Parts = list[str]


def text(words: str, x: float, y: float, size: int, colour: str, anchor: str, weight: str = "normal") -> Parts:
    """Return words with a white rim, drawn before them: not every program knows paint-order."""
    form = f'x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" text-anchor="{anchor}"'
    rim = 'fill="none" stroke="#ffffff" stroke-width="3.4" stroke-linejoin="round"'
    return [f"<text {form} {rim}>{escape(words)}</text>", f'<text {form} fill="{colour}">{escape(words)}</text>']


def path(shape: BaseGeometry) -> str:
    """Return the outline of polygons in pixels, holes included."""
    rings = [ring for part in shapely.get_parts(shape) for ring in (part.exterior, *part.interiors)]
    return "".join(
        "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in shapely.get_coordinates(ring)[:-1]) + "Z" for ring in rings
    )


def sunk(shape: BaseGeometry, x: float, y: float) -> BaseGeometry:
    """Return where the middle of a box of half that width and height may lie, roughly."""
    for shift in ((x, 0), (-x, 0), (0, y), (0, -y)):
        shape = shape.intersection(shapely.transform(shape, lambda xy, by=shift: xy + by))
    return shape


def scale_bar(scale: float, width: float, height: float) -> Parts:
    """Return a bar of a round number of metres, as long as fits into a quarter of the width; `scale`: pixels a m."""
    most = width / 4 / scale * 1.001
    powers = [10.0 ** (math.floor(math.log10(most)) + more) for more in (-1, 0)]  # a logarithm may be rounded up
    metres = max(step * power for power in powers for step in STEPS if step * power <= most)
    length, x, y = metres * scale, EDGE, height - EDGE
    words = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"
    bar = f"M{x} {y - 7}V{y}H{x + length:.1f}V{y - 7}"
    return [
        f'<path d="{bar}" fill="none" stroke="#ffffff" stroke-width="4.5"/>',
        f'<path d="{bar}" fill="none" stroke="#222" stroke-width="1.8"/>',
        *text(words, x + length / 2, y - 9, 12, "#222", "middle"),
    ]


def north(width: float) -> Parts:
    """Return the arrow to the north, in the upper right corner."""
    x, y = width - 24, 14
    return [
        f'<path d="M{x} {y}l-8 26l8 -6l8 6Z" fill="#222" stroke="#ffffff" stroke-width="1.2"/>',
        *text("北 N", x, y + 41, 12, "#222", "middle"),
    ]
