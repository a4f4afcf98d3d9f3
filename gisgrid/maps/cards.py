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
        ("打卡 Check-ins", f"{row.check_ins:,}"),
        ("人员 Patrollers", "n/a" if pd.isna(row.patrollers) else f"{int(row.patrollers):,}"),
        ("到访 Visits", f"{row.visits:,}"),
    ]
