"""The one report of the figures as a table to take away: numbers, what they were made of, and what they mean."""

from collections.abc import Iterator

from gisgrid.documents.csv_table import csv_bytes
from gisgrid.incidents.figures import definitions
from gisgrid.incidents.figures.schemas import FiguresEntry, IncidentFigures

NOTHING = "n/a"


def as_csv(report: IncidentFigures) -> bytes:
    """Return the report in UTF-8 with a byte order mark: a row for the total and each group, definitions below."""
    entries = [report.total, *report.groups]
    return csv_bytes([_heads(), *(_row(each) for each in entries)], _words(report))


def _heads() -> list[str]:
    counts = [f"{each.name_zh} {name}" for name, each in (*definitions.COUNTS.items(), *_settled())]
    shares = [
        f"{each.name_zh}{part} {name}{suffix}"
        for name, each in definitions.SHARES.items()
        for part, suffix in (("", ""), (":分子", " numerator"), (":分母", " denominator"))
    ]
    return ["编码 code", "名称 name", *counts, *shares]


def _settled() -> list[tuple[str, definitions.Meaning]]:
    return [(f"{name}_settled", each) for name, each in definitions.AS_REPORTED.items()]


def _row(entry: FiguresEntry) -> list[str]:
    counts = [*entry.counts.model_dump().values(), *entry.settled.model_dump().values()]
    shares = [part for each in entry.shares for part in (percent(each.ratio), each.numerator, each.denominator)]
    name = entry.zh if entry.zh == entry.en else f"{entry.zh} {entry.en}"
    return [entry.key or "", name, *(NOTHING if each is None else str(each) for each in (*counts, *shares))]


def percent(ratio: float | None) -> str:
    """Write a share in per cent with two decimals; n/a for none."""
    return NOTHING if ratio is None else f"{100 * ratio:.2f}%"


def points(change: float | None) -> str:
    """Write a change in percentage points with one decimal and its sign; n/a for none."""
    return NOTHING if change is None else f"{change:+.1f}"


def _words(report: IncidentFigures) -> Iterator[list[str]]:
    yield ["时段 period", f"{report.period.start.isoformat()}/{report.period.end.isoformat()}"]
    if report.operation is not None:
        yield ["专项行动 operation", report.operation]
    yield ["统计时间 known at", report.known_at.isoformat(timespec="seconds")]
    for name, value in (("网格 cell", report.cell), ("部门 department", report.department), ("类别 kind", report.kind)):
        if value is not None:
            yield [name, value]
    yield from _satisfaction(report)
    for note in report.notes:
        yield ["说明 note", f"{note.zh} / {note.en}"]
    for each in report.definitions:
        yield [f"{each.name_zh} {each.name}", f"{each.zh} / {each.en}"]


def _satisfaction(report: IncidentFigures) -> Iterator[list[str]]:
    shown = report.satisfaction
    if shown is not None:
        asked = NOTHING if shown.asked is None else str(shown.asked)
        told = (
            f"{percent(shown.ratio)} (n = {asked}),比上月 {points(shown.change_points)} 个百分点 / on the month before"
        )
        yield ["满意度 satisfaction", told]
