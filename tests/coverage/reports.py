"""Reports with defaults, made by hand: one street X, communities N and S in it, substations NW, NE, SW in those."""

from datetime import UTC, date, datetime, timedelta

import shapely

from gisgrid.coverage.schemas import (
    CellFigures,
    CoverageReport,
    Definition,
    GridInForce,
    Interval,
    Note,
    Received,
    Rules,
)

START = datetime(2026, 10, 31, 16, tzinfo=UTC)
"""The first of November, where it is told."""
PERIOD = Interval(start=START, end=START + timedelta(days=30))
BEFORE = Interval(start=datetime(2026, 9, 30, 16, tzinfo=UTC), end=START)
LATE = Received(days=3, of_days=31, since=START + timedelta(days=27, hours=8), unheard_s=(27 * 24 + 8) * 3600)
"""Of which the last three days alone have data."""
RULES = Rules(timezone="Asia/Shanghai", metric_crs="m", reach_m=50, visit_gap_s=1, band_gap_s=2, band_length_m=3)
FIGURES = {"check_ins": 3, "patrollers": 1, "patrols": 2, "visits": 1, "dwell_s": 600.5}
AREAS = {"covered_area_m2": 7853.9, "patrollable_area_m2": 1e6, "area_m2": 2e6}
RATIOS = {"coverage_ratio": 0.007854, "coverage_low": 0.0049, "coverage_high": 0.0123}
GONE = dict.fromkeys([*AREAS, *RATIOS])
SHAPES = {
    "X": shapely.box(114.40, 22.60, 114.44, 22.64),
    "N": shapely.box(114.40, 22.62, 114.44, 22.64),
    "S": shapely.box(114.40, 22.60, 114.44, 22.62),
    "NW": shapely.box(114.40, 22.62, 114.42, 22.64),
    "NE": shapely.box(114.42, 22.62, 114.44, 22.64),
    "SW": shapely.box(114.40, 22.60, 114.44, 22.62),
}


def a_cell(code="001", name="石下", **changes):
    """Return one cell."""
    given = {"level": "community", "parent_code": "0", **FIGURES, **AREAS, **RATIOS, **changes}
    return CellFigures(code=code, name=name, **given)


def cover(ratio, half=0.01):
    """Return the changes that give a cell a coverage and its band."""
    return {"coverage_ratio": ratio, "coverage_low": max(ratio - half, 0), "coverage_high": ratio + half}


def cells(**changes):
    """Return the cells of all levels; `changes` by code."""
    all_of = (
        ("X", "葵涌街道", "street", None, 0.5),
        ("N", "北社区", "community", "X", 0.8),
        ("S", "南社区", "community", "X", 0.2),
        ("NE", "东北站", "substation", "N", 0.9),
        ("NW", "西北站", "substation", "N", 0.7),
        ("SW", "西南站", "substation", "S", 0.2),
    )
    return [
        a_cell(code, name, level=level, parent_code=parent, **{**cover(ratio), **changes.get(code, {})})
        for code, name, level, parent, ratio in all_of
    ]


def a_report(*its, **changes):
    """Return a report of cells, of all levels if none are given."""
    given = {
        "grid": GridInForce(id=1, name="=网格", source="t", first_day=date(2026, 1, 1), note=""),
        "period": PERIOD,
        "level": "community" if its else "all",
        "parent": None,
        "cells": list(its) or cells(),
        "outside": {"check_ins": 7, "patrollers": 5, "patrols": 6, "quarantined": 9},
        "excluded": {"coarse": 4},
        "settings": RULES,
        "definitions": [Definition(name="visits", zh="到访", en="stays")],
        "notes": [Note(zh="备注", en="remark")],
        **changes,
    }
    return CoverageReport(**given)
