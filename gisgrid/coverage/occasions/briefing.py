"""The pages of the morning briefing: for each community and station its rounds of today and its last 24 hours."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from gisgrid.coverage.schemas import CellFigures, CoverageReport
from gisgrid.coverage.told.handed import named
from gisgrid.coverage.told.headings import HEADINGS, NOTHING, written
from gisgrid.coverage.told.nested import LEVEL_NAMES, at_level
from gisgrid.coverage.told.periods import zone_of
from gisgrid.coverage.told.sections import Extras
from gisgrid.documents.paper import Both, Drawing, Prose, Section, Table
from gisgrid.patrols.plans.present import rounds_of_day
from gisgrid.patrols.plans.schemas import RoundEntry
from gisgrid.settings import Settings

SHOWN: Final = (
    *("check_ins", "patrollers", "patrols", "visits", "dwell_s", "coverage_ratio", "worst_idle_s", "seen_last_at"),
    *("rounds_done", "rounds_missed", "reported", "closed", "overdue", "open_gaps"),
)
ANYBODY: Final = "在岗人员"
SEALED: Final = "该日数据已封存,不再逐项列出巡查任务。"
NO_ROUNDS: Final = "今日没有安排巡查任务。"
FEW: Final = 6
"""With more lines a table is set small, for there is one page."""
MOST_ROUNDS: Final = 18
"""So many lines of rounds fit on the page of a cell; how many more there are is said."""

Part = Prose | Drawing | Table


class Briefing(NamedTuple):
    """The section on the rounds of today, and the pages of the cells."""

    today: Section
    pages: list[Section]


def briefing_of(
    session: Session, settings: Settings, report: CoverageReport, extras: Extras, now: datetime
) -> Briefing:
    """Return what a briefing has beside its report; rounds are those of the day that the paper bears.

    There is a page for each community, followed by its stations.
    """
    today = rounds_of_day(session, settings, extras.dated, now)
    by_cell: dict[str, list[RoundEntry]] | None = None if today.is_sealed else {}
    for each in today.rounds:
        if by_cell is not None:
            by_cell.setdefault(each.cell_code or "", []).append(each)
    names = {cell.code: cell.name for cell in report.cells}
    pages = [Section(_title(cell, names), _page(report, extras, cell, by_cell)) for cell in _in_turn(report)]
    return Briefing(Section(("今日任务", "Rounds of today"), _today(report, by_cell)), pages)


def _today(report: CoverageReport, by_cell: Mapping[str, Sequence[RoundEntry]] | None) -> list[Part]:
    """Return how many rounds there are in each cell; those of a whole street or community count there alone."""
    if by_cell is None:
        return [Prose([SEALED])]
    there = [(cell, its) for cell in report.cells if (its := by_cell.get(cell.code))]
    if not there:
        return [Prose([NO_ROUNDS])]
    count = sum(len(its) for _, its in there)
    heads: list[Both] = [("网格", "Cell"), ("任务(次)", "Rounds"), ("起止", "From, to"), ("计划", "Plans")]
    rows = [_counted(cell, its, zone_of(report)) for cell, its in there]
    return [
        Prose([f"今日安排巡查任务 {count} 次,各社区、工作分站的任务见后附各页。"]),
        Table("今日巡查任务", heads, rows, [36, 20, 34, 66], {0, 3}, is_small=True),
    ]


def _counted(cell: CellFigures, its: Sequence[RoundEntry], zone: ZoneInfo) -> list[str]:
    first, last = min(each.start_at for each in its), max(each.end_at for each in its)
    span = f"{first.astimezone(zone):%H:%M}–{last.astimezone(zone):%H:%M}"
    return [cell.name, f"{len(its)}", span, "、".join(sorted({each.plan.name for each in its}))]


def _in_turn(report: CoverageReport) -> Iterator[CellFigures]:
    """Yield each community and then its stations, last the stations of whose community nothing is told."""
    communities, stations = at_level(report.cells, "community"), at_level(report.cells, "substation")
    for community in communities:
        yield community
        yield from (station for station in stations if station.parent_code == community.code)
    known = {community.code for community in communities}
    yield from (station for station in stations if station.parent_code not in known)


def _title(cell: CellFigures, names: Mapping[str, str]) -> Both:
    above = names.get(cell.parent_code or "", "") if cell.level == "substation" else ""
    return f"{above} {cell.name}".strip(), f"{LEVEL_NAMES[cell.level].en}: {cell.code}"


def _page(
    report: CoverageReport, extras: Extras, cell: CellFigures, by_cell: Mapping[str, Sequence[RoundEntry]] | None
) -> list[Part]:
    parts = _parts_of(report, cell)
    rounds = [each for code in (cell.code, *(part.code for part in parts)) for each in (by_cell or {}).get(code, ())]
    told: list[Part] = list(_rounds(rounds, zone_of(report))) if by_cell is not None else [Prose([SEALED])]
    told.append(_figures(report, extras, cell))
    if parts:
        told.append(_stations(report, parts))
    told += _open(extras, {cell.name, *(part.name for part in parts)})
    return told


def _parts_of(report: CoverageReport, cell: CellFigures) -> list[CellFigures]:
    return [each for each in report.cells if each.parent_code == cell.code]


# --- today -----------------------------------------------------------------------------------------


def _rounds(rounds: Sequence[RoundEntry], zone: ZoneInfo) -> Iterator[Part]:
    """Yield the rounds of today, a line for a place of a plan with all its times."""
    lines: dict[tuple[str, str, str], list[str]] = {}
    for each in rounds:
        who = ANYBODY if each.people is None else "、".join(person.full_name or person.name for person in each.people)
        start, end = (moment.astimezone(zone) for moment in (each.start_at, each.end_at))
        lines.setdefault((each.place.name, each.plan.name, who), []).append(f"{start:%H:%M}–{end:%H:%M}")
    if not lines:
        yield Prose([NO_ROUNDS])
        return
    rows = [[place, plan, "、".join(times), who] for (place, plan, who), times in lines.items()]
    heads: list[Both] = [("地点", "Place"), ("计划", "Plan"), ("时间", "Time"), ("人员", "People")]
    caption = f"今日巡查任务({len(rounds)} 次)"
    yield Table(caption, heads, rows[:MOST_ROUNDS], [36, 36, 52, 32], {0, 1, 2, 3}, is_small=len(rows) > FEW)
    if len(rows) > MOST_ROUNDS:
        yield Prose([f"另有 {len(rows) - MOST_ROUNDS} 处,见各工作分站。"], is_small=True)


# --- the last 24 hours -----------------------------------------------------------------------------


def _figures(report: CoverageReport, extras: Extras, cell: CellFigures) -> Table:
    """Return the main figures of a cell beside those of the 24 hours before, two to a line."""
    zone = zone_of(report)
    before = next((each for each in report.cells_before if each.code == cell.code), None)
    told = [
        [
            HEADINGS[name].shown[0],
            written(name, getattr(cell, name), zone),
            NOTHING if before is None else written(name, getattr(before, name), zone),
        ]
        for name in SHOWN
    ]
    rows = [left + right for left, right in zip(told[::2], told[1::2], strict=True)]
    heads: list[Both] = [("指标", "Figure"), ("本期", "Now"), ("前一天", "Before")] * 2
    caption = f"过去一天({extras.period_of(report).zh})"
    return Table(caption, heads, rows, [28, 25, 25, 28, 25, 25], {0, 3})


def _stations(report: CoverageReport, parts: Sequence[CellFigures]) -> Table:
    names = ("check_ins", "visits", "coverage_ratio", "rounds_done", "rounds_missed", "reported", "closed")
    zone = zone_of(report)
    rows = [[each.name, *(written(name, getattr(each, name), zone) for name in names)] for each in parts]
    heads = [("网格", "Cell"), *(HEADINGS[name].shown for name in names)]
    return Table("所属网格", heads, rows, [36, *(17 for _ in names)], {0}, is_small=len(rows) > FEW)


def _open(extras: Extras, names: set[str]) -> Iterator[Prose]:
    gaps = [each.place for each in extras.handed.gaps if each.cell in names]
    silent = [each.name for each in extras.handed.silent if each.cell in names]
    overdue = [f"{each.number} {each.kind}" for each in extras.handed.overdue if each.cell in names]
    kinds = ((gaps, "未关闭漏巡", "处"), (silent, "静默设备", "台"), (overdue, "超期事件", "件"))
    told = [f"{what} {len(its)} {unit}:{named(its).zh}。" for its, what, unit in kinds if its]
    if told:
        yield Prose(told, is_small=True)
