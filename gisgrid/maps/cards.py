"""What the card of a cell says: terms and values, as people read them."""

from typing import Any

import geopandas as gpd
import pandas as pd

from gisgrid.maps.layers import Rows, rows_of


def percent(ratio: float) -> str:
    """Write a ratio for people: one decimal, n/a where there is none."""
    return "n/a" if pd.isna(ratio) else f"{ratio:.1%}".replace("%", " %")


def area(square_metres: float) -> str:
    """Write an area for people, in km²."""
    return "n/a" if pd.isna(square_metres) else f"{square_metres / 1e6:.2f} km²"


def count(number: float | None) -> str:
    """Write a count for people; n/a where it is not known, or not told."""
    return "n/a" if pd.isna(number) else f"{int(number):,}"


def points(change: float) -> str:
    """Write a change of a ratio for people: percentage points with their sign, n/a where there is none."""
    return "n/a" if pd.isna(change) else f"{round(change * 100, 1) or 0.0:+.1f}".replace("-", "−")


def arrow(change: float) -> str:
    """Write a change of a ratio as it stands on a map."""
    told = points(change)
    return f"{'＝' if told == '+0.0' else {'+': '▲', '−': '▼'}.get(told[0], '')} {told.lstrip('+−')}".strip()


def grid_rows(finest: gpd.GeoDataFrame, cells: gpd.GeoDataFrame) -> dict[str, Rows]:
    """Code, parent and status of each cell, by code."""
    names = dict(zip(cells["code"], cells["name"], strict=True))
    return {
        cell.code: [
            ("编码 Code", cell.code),
            *([("上级 Parent", names[cell.parent_code])] if cell.parent_code in names else []),
            *([("性质 Status", "示意 illustrative")] if cell.is_illustrative else []),
        ]
        for cell in rows_of(finest)
    }


def coverage_rows(row: Any) -> Rows:
    """The figures of one cell, from a row of `draw_coverage`'s figures."""
    return [
        ("到达率 Coverage", percent(row.coverage_ratio)),
        ("到达面积 Covered", area(row.covered_area_m2)),
        ("应巡面积 Patrollable", area(row.patrollable_area_m2)),
        ("打卡 Check-ins", count(row.check_ins)),
        ("人员 Patrollers", count(row.patrollers)),
        ("到访 Visits", count(row.visits)),
    ]
