"""The one report object in the forms people take away: GeoJSON, CSV, a table for the screen."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from rich.console import Group
from rich.table import Table
from rich.text import Text
from shapely.geometry.base import BaseGeometry

from gisgrid.coverage.schemas import CellFigures, CoverageReport
from gisgrid.geometry import feature
from gisgrid.parameters import Period

NOTHING: Final = "n/a"
HEADINGS: Final = {
    "code": "编码",
    "name": "名称",
    "level": "层级",
    "parent_code": "上级编码",
    "check_ins": "打卡数",
    "patrollers": "人员数",
    "patrols": "巡查次数",
    "visits": "到访次数",
    "dwell_s": "停留时长(秒)",
    "covered_area_m2": "到达面积(平方米)",
    "patrollable_area_m2": "应巡面积(平方米)",
    "area_m2": "网格面积(平方米)",
    "coverage_ratio": "到达率",
    "coverage_low": "到达率下限",
    "coverage_high": "到达率上限",
}
LABELS: Final = {
    **HEADINGS,
    "outside": "网格之外",
    "coarse": "精度过低",
    "teleport": "速度不可能",
    "frozen": "位置不动",
    "mock": "模拟定位",
    "gcj02": "疑为火星坐标",
    "sealed": "已封存",
}
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
"""With these a spreadsheet takes a text for a formula, or skips to one."""


def as_geojson(report: CoverageReport, shapes: Mapping[str, BaseGeometry]) -> bytes:
    """Return the cells as a FeatureCollection with the figures as properties, and beside it all else of the report.

    `shapes` are WGS 84 geometries by code; a cell that is gone has none.
    """
    content = report.model_dump(mode="json")
    cells = content.pop("cells")
    features = [feature(shapes.get(cell["code"]), cell, cell["code"]) for cell in cells]
    return json.dumps({"type": "FeatureCollection", "features": features, **content}, ensure_ascii=False).encode()


def as_csv(report: CoverageReport) -> bytes:
    """Return the table in UTF-8 with a byte order mark: a row a cell, then what is in none; definitions below."""
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow([f"{zh} {name}" for name, zh in HEADINGS.items()])
    for row in _rows(report):
        writer.writerow([harmless(value) for value in row])
    writer.writerow([])
    for words in _words(report):
        writer.writerow([harmless(value) for value in words])
    return sheet.getvalue().encode("utf-8-sig")


def _rows(report: CoverageReport) -> Iterator[list[str | int | float]]:
    for cell in report.cells:
        values = {**cell.model_dump(), "parent_code": cell.parent_code or ""}
        yield [_told(values[name]) for name in HEADINGS]
    if report.outside is not None:
        counts = {"name": "网格之外 outside", "level": report.level, **report.outside.model_dump()}
        yield [_told(counts.get(name, "")) for name in HEADINGS]


def _told(value: str | float | None) -> str | float:
    return NOTHING if value is None else value


def _words(report: CoverageReport) -> Iterator[tuple[str, ...]]:
    yield "时段 period", _days(report), _period(report).text
    yield from _remarks(report)
    for each in report.definitions:
        yield f"{LABELS[each.name]} {each.name}", f"{each.zh} / {each.en}"


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


def harmless(value: str | float) -> str | float:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


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
        table.add_row("", "网格之外 outside", *(_number(each) for each in counts.model_dump().values()))
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
