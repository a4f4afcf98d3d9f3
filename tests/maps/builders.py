"""Frames to draw: squares of a hundredth of a degree, for mental arithmetic."""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from playwright.sync_api import Locator, Page
from shapely.geometry.base import BaseGeometry

from gisgrid.maps.choropleths import draw_comparison, draw_coverage
from gisgrid.maps.drawings import draw_faults, draw_grid, draw_incidents
from gisgrid.maps.heat import draw_heat
from gisgrid.maps.pages import GridMap
from gisgrid.maps.tracks import draw_track

WEST, SOUTH = 114.40, 22.60

HOSTILE = [
    "<script>window.hacked = 1</script>",
    "</script><script>window.hacked = 1</script>",
    "<img src=x onerror='window.hacked = 1'>",
    '"><svg onload="window.hacked = 1">',
    "{{ 7 * 7 }} {% raw %} {# {{",
    "`${window.hacked = 1}`",
    "a\nb\u2028c\u2029d \\ ' \" -->",
    "<!--<script>",
]


def cells(*, name: str = "", is_illustrative: bool = False) -> gpd.GeoDataFrame:
    """One street of 4 × 2 squares, two communities of 2 × 2, four substations of 1 × 2."""
    rows: list[tuple[str, str, str, str | None, bool, BaseGeometry]] = [
        ("street", "1", name or "葵涌街道", None, is_illustrative, _box(0, 4))
    ]
    for number, community in enumerate("AB"):
        rows.append(
            ("community", f"1{community}", name or f"{community}社区", "1", is_illustrative, _box(2 * number, 2))
        )
        rows += [
            (
                "substation",
                f"1{community}{part}",
                name or f"{community}{part}工作分站",
                f"1{community}",
                is_illustrative,
                _box(2 * number + part, 1),
            )
            for part in range(2)
        ]
    columns = ["level", "code", "name", "parent_code", "is_illustrative", "geometry"]
    return gpd.GeoDataFrame(rows, columns=columns, crs="EPSG:4326").sort_values("code", ignore_index=True)


def _box(left: int, width: int) -> BaseGeometry:
    west = WEST + left / 100
    return shapely.box(west, SOUTH, west + width / 100, SOUTH + 0.02)


def figures(ratios: dict[str, float]) -> pd.DataFrame:
    """Figures of the cells named, every count 3."""
    return pd.DataFrame(
        {
            "code": list(ratios),
            "coverage_ratio": list(ratios.values()),
            "check_ins": 3,
            "patrollers": 3,
            "visits": 3,
            "covered_area_m2": 1e6,
            "patrollable_area_m2": 2e6,
        }
    )


def fixes(*seconds: float, patrol_id: int = 1, start: str = "2026-11-01T00:00:00Z") -> pd.DataFrame:
    """One patrol walking east, a fix at each of the seconds after `start`."""
    count = len(seconds)
    at = pd.Timestamp(start) + pd.to_timedelta(list(seconds), unit="s")
    return pd.DataFrame(
        {
            "patroller_id": 1,
            "patrol_id": patrol_id,
            "fix_at": pd.Series(at).astype("datetime64[us, UTC]"),
            "longitude": [WEST + 0.001 * number for number in range(count)],
            "latitude": SOUTH + 0.01,
            "accuracy_m": 8.0,
        }
    )


def incidents(*descriptions: str, **columns: Any) -> pd.DataFrame:
    """Incidents a thousandth of a degree apart."""
    count = len(descriptions)
    frame = pd.DataFrame(
        {
            "kind": "L0101",
            "description": list(descriptions),
            "reported_at": pd.date_range("2026-11-01", periods=count, freq="h", tz="UTC"),
            "longitude": [WEST + 0.002 * (number + 1) for number in range(count)],
            "latitude": SOUTH + 0.01,
        }
    )
    return frame.assign(**columns)


def checkpoints(*names: str) -> gpd.GeoDataFrame:
    """Checkpoints a thousandth of a degree apart."""
    return gpd.GeoDataFrame(
        {"code": [f"P{number}" for number in range(len(names))], "name": list(names), "radius_m": 50.0},
        geometry=[shapely.Point(WEST + 0.001 * (number + 1), SOUTH + 0.005) for number in range(len(names))],
        crs="EPSG:4326",
    )


@dataclass(frozen=True)
class Fault:
    """A fault as the checks hand it over."""

    zh: str
    en: str = "fault"
    geometry: BaseGeometry | None = None
    codes: tuple[str, ...] = ("1A",)


def squares(*days: int) -> pd.DataFrame:
    """Squares of a thousandth of a degree in a row from the south-western corner, each seen on so many days."""
    west = [WEST + 0.001 * number for number in range(len(days))]
    frame = pd.DataFrame({"west": west, "south": SOUTH, "days": days})
    return frame.assign(east=frame["west"] + 0.001, north=SOUTH + 0.001)


def squares_of(**seen: int) -> pd.DataFrame:
    """Figures of cells with ten patrollable squares each, of which so many were seen."""
    return pd.DataFrame({"code": list(seen), "seen_squares": list(seen.values()), "patrollable_squares": 10})


def drawn(page: Page, css: str) -> Locator:
    """Return the shapes of a class on a map."""
    return page.locator(f".leaflet-pane path.{css}")


def every_map(text: str, *, is_illustrative: bool = False) -> dict[str, GridMap]:
    """Return one map of each kind, with the text wherever people could have written it."""
    ground = cells(name=text, is_illustrative=is_illustrative)
    ratios = figures({"1": 0.5, "1A": 0.1, "1B": 0.95, "1A0": 0.05, "1A1": float("nan")})
    named = incidents(text, text, kind_name=text, class_name=text)
    found = [Fault(text, text, shapely.Point(WEST, SOUTH), (text,))]
    of_two = {"title": text, "period_texts": (text, text), "notes": [text]}
    of_days = {"side_m": 100, "of_days": 30, "title": text, "period_text": text, "notes": [text]}
    return {
        "grid": draw_grid(ground, checkpoints(text), title=text),
        "coverage": draw_coverage(
            ground, ratios, title=text, period_text=text, notes=[text], parts=[(text, ratios)], foreign=["1B"]
        ),
        "comparison": draw_comparison((ground, ground), (ratios, ratios), **of_two),
        "heat": draw_heat(ground, squares(1, 20), squares_of(**{"1A0": 3}), **of_days),
        "incidents": draw_incidents(ground, named, title=text, subtitle=text),
        "track": draw_track(ground, fixes(0, 60), title=text, subtitle=text),
        "faults": draw_faults(ground, found, title=text),
    }
