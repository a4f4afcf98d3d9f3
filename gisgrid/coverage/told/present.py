"""The one report object in the forms people take away: GeoJSON, CSV, a table for the screen."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import geopandas as gpd
import pandas as pd
from rich.console import Group
from rich.table import Table
from rich.text import Text
from shapely.geometry.base import BaseGeometry

from gisgrid.coverage.schemas import CellFigures, CoverageReport
from gisgrid.coverage.told.headings import COUNT, HEADINGS, LABELS, MOMENT, NOTHING, TEXT
from gisgrid.documents.csv_table import csv_bytes
from gisgrid.geometry import WGS84, feature
from gisgrid.parameters import Period

DTYPES: Final = {TEXT: "str", COUNT: "Int64", MOMENT: "datetime64[us, UTC]"}


def as_geojson(report: CoverageReport, shapes: Mapping[str, BaseGeometry]) -> bytes:
    """Return the cells as a FeatureCollection with the figures as properties, and beside it all else of the report.

    `shapes` are WGS 84 geometries by code; a cell that is gone has none.
    """
    content = report.model_dump(mode="json")
    cells = content.pop("cells")
    features = [feature(shapes.get(cell["code"]), cell, cell["code"]) for cell in cells]
    return json.dumps({"type": "FeatureCollection", "features": features, **content}, ensure_ascii=False).encode()


def as_frame(report: CoverageReport, shapes: Mapping[str, BaseGeometry]) -> gpd.GeoDataFrame:
    """Return the cells as a frame in WGS 84, a column a figure, whatever is n/a being empty; `shapes` by code."""
    rows = pd.DataFrame([[getattr(cell, name) for name in HEADINGS] for cell in report.cells], columns=list(HEADINGS))
    frame = rows.astype({name: DTYPES.get(heading.form, "float64") for name, heading in HEADINGS.items()})
    return gpd.GeoDataFrame(frame, geometry=[shapes.get(cell.code) for cell in report.cells], crs=WGS84)


def as_csv(report: CoverageReport) -> bytes:
    """Return the table in UTF-8 with a byte order mark: a row a cell, then what is in none; all words are comments."""
    heads = [f"{heading.raw} {name}" for name, heading in HEADINGS.items()]
    return csv_bytes([heads, *_rows(report)], _words(report))


def _rows(report: CoverageReport) -> Iterator[list[str | int | float]]:
    zone = ZoneInfo(report.settings.timezone)
    for cell in report.cells:
        values = {**cell.model_dump(), "parent_code": cell.parent_code or ""}
        yield [_told(_local(values[name], zone)) for name in HEADINGS]
    if report.outside is not None:
        counts = {"name": "网格之外 outside", "level": report.level, **report.outside.model_dump()}
        yield [_told(counts.get(name, "")) for name in HEADINGS]


def _local(value: Any, zone: ZoneInfo) -> Any:
    return value.astimezone(zone) if isinstance(value, datetime) else value


def _told(value: str | float | datetime | None) -> str | float:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return NOTHING if value is None else value


def _words(report: CoverageReport) -> Iterator[tuple[str, ...]]:
    yield "时段 period", _days(report), _period(report).text
    yield from _remarks(report)
    for each in report.definitions:
        yield f"{LABELS.get(each.name, each.name)} {each.name}", f"{each.zh} / {each.en}"


def _remarks(report: CoverageReport) -> Iterator[tuple[str, str]]:
    yield "网格 grid", f"{report.grid.name} ({report.grid.first_day.isoformat()})"
    if report.excluded is not None:
        for reason, count in report.excluded.model_dump().items():
            if count or reason == "coarse":
                yield f"{LABELS[reason]} {reason}", str(count)
    for note in report.notes:
        yield "说明 note", f"{note.zh} / {note.en}"


def _period(report: CoverageReport) -> Period:
    return Period(report.period.start, report.period.end)


def _days(report: CoverageReport) -> str:
    return _period(report).told(ZoneInfo(report.settings.timezone))


def as_table(report: CoverageReport, whole: Sequence[CellFigures] = ()) -> Group:
    """Return the report for a terminal: the main figures, and below them what they mean.

    `whole` are the streets, measured on their own ground: their rows stand below the parts, which do not add up.
    """
    table = Table(title=f"到达率 Coverage ({report.level})  {_days(report)}")
    table.add_column("编码\nCode", no_wrap=True)
    table.add_column("名称\nName")
    for heading in ("打卡\nCheck-ins", "人员\nPeople", "巡查\nPatrols", "到访\nVisits", "停留 h\nDwell"):
        table.add_column(heading, justify="right")
    for heading in ("到达 km²\nCovered", "应巡 km²\nPatrollable", "到达率\nCoverage", "介于\nBetween"):
        table.add_column(heading, justify="right")
    for cells in (report.cells, whole):
        for cell in cells:
            table.add_row(*(Text(value) for value in _shown(cell)))
        table.add_section()
    if report.outside is not None:
        counts = report.outside
        its = (counts.check_ins, counts.patrollers, counts.patrols)
        table.add_row("", "网格之外 outside", *(_number(each) for each in its))
    told = [Text(f"{name}: {text}") for name, text in _remarks(report)]
    return Group(table, *told, Text("\n口径 Definitions"), *_meanings(report))


def _meanings(report: CoverageReport) -> Iterator[Text]:
    """What each figure means: a line in Chinese, which begins with its label, and one in English."""
    for each in report.definitions:
        yield Text(f"· {each.zh}")
        yield Text(f"  {each.en}", style="dim")


def _shown(cell: CellFigures) -> list[str]:
    counts = (cell.check_ins, cell.patrollers, cell.patrols, cell.visits)
    areas = (cell.covered_area_m2, cell.patrollable_area_m2)
    return [
        cell.code,
        cell.name,
        *(_number(count) for count in counts),
        NOTHING if cell.dwell_s is None else f"{cell.dwell_s / 3600:,.1f}",
        *(NOTHING if area is None else f"{area / 1e6:,.2f}" for area in areas),
        _percent(cell.coverage_ratio),
        NOTHING if cell.coverage_low is None else f"{_percent(cell.coverage_low)}–{_percent(cell.coverage_high)}",
    ]


def _number(count: int | None) -> str:
    return NOTHING if count is None else f"{count:,}"


def _percent(ratio: float | None) -> str:
    return NOTHING if ratio is None else f"{ratio:.1%}"
