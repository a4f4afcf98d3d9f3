import itertools
import math
import re

import numpy as np
import pytest

from gisgrid.maps.assets import STATIC
from gisgrid.maps.classes import COVERAGE, class_of

CSS = (STATIC / "map.css").read_text(encoding="utf-8")

# Machado, Oliveira, Fernandes (2009), severity 1: linear RGB as seen with each kind of colour blindness.
SEEN = {
    "everyone": np.eye(3),
    "protanopia": np.array([[0.1523, 1.0526, -0.2049], [0.1145, 0.7863, 0.0992], [-0.0039, -0.0481, 1.0520]]),
    "deuteranopia": np.array([[0.3673, 0.8606, -0.2280], [0.2801, 0.6725, 0.0474], [-0.0118, 0.0429, 0.9689]]),
    "tritanopia": np.array([[1.2555, -0.0767, -0.1788], [-0.0784, 0.9308, 0.1476], [0.0047, 0.6914, 0.3039]]),
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = np.array([0.9505, 1.0, 1.089])


@pytest.mark.parametrize(
    ("ratio", "css"),
    [
        (0, "c0"),
        (0.19999, "c0"),
        (0.2, "c1"),
        (0.4, "c2"),
        (0.59999, "c2"),
        (0.6, "c3"),
        (0.7, "c4"),
        (0.79999, "c4"),
        (0.8, "c5"),
        (1, "c5"),
        (1.0000001, "c5"),
        (None, "na"),
        (math.nan, "na"),
    ],
)
def test_class_of(ratio: float | None, css: str) -> None:
    assert class_of(ratio) == css


def test_the_communities_of_a_month_are_not_all_of_one_class() -> None:
    month = [0.706, 0.680, 0.707, 0.6996, 0.633, 0.728, 0.689, 0.810, 0.775]  # of the sample
    assert len({class_of(ratio) for ratio in month}) == 3


def test_classes_meet_without_gap() -> None:
    assert [item.upper for item in COVERAGE[:-1]] == [item.lower for item in COVERAGE[1:]]
    assert COVERAGE[0].lower == 0
    assert COVERAGE[-1].upper == 1


def lab(colour: str, seen: np.ndarray) -> np.ndarray:
    red_green_blue = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    linear = np.where(red_green_blue <= 0.04045, red_green_blue / 12.92, ((red_green_blue + 0.055) / 1.055) ** 2.4)
    x, y, z = (
        part ** (1 / 3) if part > 216 / 24389 else (24389 / 27 * part + 16) / 116
        for part in TO_XYZ @ np.clip(seen @ linear, 0, 1) / WHITE
    )
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


LIGHT, DARK = CSS.split(':root[data-theme="dark"] {')[:2]


def colours(palette: str) -> list[str]:
    found = dict(re.findall(r"--(c\d): (#[0-9a-f]{6});", palette))
    return [found[item.css] for item in COVERAGE]


@pytest.mark.parametrize("seen", SEEN)
@pytest.mark.parametrize(("palette", "lighter"), [(LIGHT, -1), (DARK, 1)], ids=["light", "dark"])
def test_coverage_colours_differ_for_everyone_and_stand_out_evenly(palette: str, lighter: int, seen: str) -> None:
    """The more is seen, the darker on a light sheet, and the lighter on a dark one."""
    points = [lab(colour, SEEN[seen]) for colour in colours(palette)]
    for one, other in itertools.combinations(points, 2):
        assert np.linalg.norm(one - other) > 12  # ΔE of 2 is just noticeable
    steps = lighter * np.diff([point[0] for point in points])
    assert steps.min() > 6
