"""A report as a workbook: a sheet a level, ranking, change on the period before, the annex, and what it all means."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from gisgrid.coverage.notes import note_on_days
from gisgrid.coverage.schemas import CellFigures, CoverageReport, Note
from gisgrid.coverage.told.annexes import settings_told
from gisgrid.coverage.told.changes import Change, changes
from gisgrid.coverage.told.headings import ANNEX, HEADINGS, LABELS, NOTHING, PERCENT, number
from gisgrid.coverage.told.nested import LEVEL_NAMES, at_level, levels_in, whole_of
from gisgrid.coverage.told.periods import in_period_words, zone_of
from gisgrid.coverage.told.ranking import RULE, Ranked, ranking
from gisgrid.documents.workbook import Cell, Sheet, workbook

KEYS: Final = ("code", "name", "parent_code")
FIGURES: Final = tuple(name for name in HEADINGS if name not in (*KEYS, "level", *ANNEX))
COMPARED: Final = (
    *("check_ins", "patrollers", "patrols", "visits", "dwell_s", "covered_area_m2", "coverage_ratio", "square_ratio"),
    *("rounds_missed", "rounds_ratio", "open_gaps", "reported", "closed", "closing_ratio", "overdue"),
)
BANDS: Final = ("coverage_ratio", "coverage_low", "coverage_high")
POINTS: Final = "+0.0;-0.0;0.0"
SIGNED: Final = "+#,##0;-#,##0;0"
FINE: Final = "+#,##0.0##;-#,##0.0##;0"


def as_workbook(report: CoverageReport, period: Note | None = None) -> bytes:
    """Return the report as a workbook (.xlsx); `period`: how its time is told, if not by its days.

    Numbers are numbers, in the units of the heads; what is n/a is the text n/a. Below the cells of a level stand what
    lies in none of them, and the whole as it was measured itself: parts do not add up to it.
    """
    sheets = {_name(level): _level(report, level) for level in levels_in(report)}
    sheets["排名 Ranking"] = _ranking(report)
    if report.before is not None:
        sheets["变化 Change"] = _changes(report)
    sheets["附表 Annex"] = _annex(report)
    sheets["说明 Definitions"] = Sheet(list(_words(report, period)), is_prose=True)
    return workbook(sheets)


def _name(level: str) -> str:
    return f"{LEVEL_NAMES[level].zh} {LEVEL_NAMES[level].en}"


def _level(report: CoverageReport, level: str) -> Sheet:
    names, below = (*KEYS, *FIGURES), list(_below(report, level))
    rows = [_row(report, cell, names) for cell in at_level(report.cells, level)]
    return _sheet(names, rows + below, totals=len(below))


def _below(report: CoverageReport, level: str) -> Iterator[list[Cell]]:
    names, whole = (*KEYS, *FIGURES), whole_of(report)
    if report.outside is not None:
        outside: Mapping[str, Cell] = {"name": "网格之外 outside", **report.outside.model_dump()}
        known = [number(name, outside[name], zone_of(report)) if name in outside else None for name in names]
        yield known
    if whole is not None and whole.level != level:
        yield _row(report, whole, names)


def _row(report: CoverageReport, cell: CellFigures, names: Sequence[str]) -> list[Cell]:
    parent = cell.parent_code or ""
    values = {name: parent if name == "parent_code" else getattr(cell, name) for name in names}
    return [number(name, value, zone_of(report)) for name, value in values.items()]


def _sheet(names: Sequence[str], rows: Sequence[Sequence[Cell]], totals: int = 0) -> Sheet:
    forms = {at: HEADINGS[name].form.excel for at, name in enumerate(names)}
    shares = [at for at, name in enumerate(names) if HEADINGS[name].form == PERCENT and name not in BANDS[1:]]
    heads = ["\n".join(HEADINGS[name].shown) for name in names]
    shown = {at: form for at, form in forms.items() if form}
    return Sheet([heads, *rows], shown, shares, totals, fixed=2)


def _annex(report: CoverageReport) -> Sheet:
    names = (*KEYS, "level", *ANNEX)
    return _sheet(names, [_row(report, cell, names) for cell in report.cells])


# --- ranking and change --------------------------------------------------------------------------


def _ranking(report: CoverageReport) -> Sheet:
    levels = levels_in(report)[1:] if whole_of(report) else levels_in(report)
    rows = [_ranked(each) for level in levels for each in ranking(at_level(report.cells, level))]
    heads = ["层级\nLevel", "名次\nRank", "最后可能\nAt worst", "编码\nCode", "名称\nName"]
    bands = ["\n".join(HEADINGS[name].shown) for name in BANDS]
    return Sheet([[*heads, *bands], *rows], {5: PERCENT.excel, 6: PERCENT.excel, 7: PERCENT.excel}, [5])


def _ranked(each: Ranked) -> list[Cell]:
    cell = each.cell
    bands = [NOTHING if (ratio := getattr(cell, name)) is None else ratio for name in BANDS]
    ranks = [NOTHING if rank is None else rank for rank in (each.rank, each.at_worst)]
    return [LEVEL_NAMES[cell.level].zh, *ranks, cell.code, cell.name, *bands]


def _changes(report: CoverageReport) -> Sheet:
    heads = ["层级\nLevel", "编码\nCode", "名称\nName", "到达率变化明显\nClear change", *map(_change_head, COMPARED)]
    rows = [_change(report, each) for each in changes(report)]
    forms = {at: _signed(name) for at, name in enumerate(COMPARED, 4)}
    return Sheet([heads, *rows], forms, fixed=3)


def _change_head(name: str) -> str:
    zh, en = HEADINGS[name].shown
    unit_zh, unit_en = ("(百分点)", " (points)") if HEADINGS[name].form == PERCENT else ("", "")
    return f"{zh}变化{unit_zh}\nChange: {en}{unit_en}"


def _signed(name: str) -> str:
    form = HEADINGS[name].form
    return POINTS if form == PERCENT else FINE if form.raw else SIGNED


def _change(report: CoverageReport, change: Change) -> list[Cell]:
    cell = change.cell
    is_clear = NOTHING if change.of("coverage_ratio") is None else "是 yes" if change.is_clear else "否 no"
    grown = [_grown(report, change, name) for name in COMPARED]
    return [LEVEL_NAMES[cell.level].zh, cell.code, cell.name, is_clear, *grown]


def _grown(report: CoverageReport, change: Change, name: str) -> Cell:
    value = change.of(name)
    if value is not None and HEADINGS[name].form == PERCENT:
        return value * 100
    return number(name, value, zone_of(report))


# --- words ---------------------------------------------------------------------------------------


def _words(report: CoverageReport, period: Note | None) -> Iterator[list[Cell]]:
    zone = zone_of(report)
    told = period or in_period_words(report.period, zone)
    yield ["项目 Item", "中文", "English"]
    yield ["时段 Period", told.zh, told.en]
    for note in note_on_days(report.received, zone):
        yield ["有数据 Data", note.zh, note.en]
    if report.before is not None:
        before = in_period_words(report.before, zone)
        yield ["上期 Period before", before.zh, before.en]
    if report.group is not None:
        yield ["范围 Of", report.group.name, report.group.kind]
    yield ["网格 Grid", report.grid.name, f"since {report.grid.first_day}"]
    for (zh, en), value in settings_told(report):
        yield [f"{zh} {en}", value, value]
    yield from _data(report)
    yield ["排名 Ranking", RULE.zh, RULE.en]
    for note in report.notes:
        yield ["说明 Note", note.zh, note.en]
    for each in report.definitions:
        yield [f"{LABELS.get(each.name, each.name)} {each.name}", each.zh, each.en]


def _data(report: CoverageReport) -> Iterator[list[Cell]]:
    counts = {**(report.excluded.model_dump() if report.excluded else {}), "quarantined": report.quarantined}
    for name, count in {**counts, "delivered_late": report.delivered_late}.items():
        if count is not None:
            yield [f"{LABELS.get(name, name)} {name}", count, count]
    if report.revision is not None:
        first = report.revision.first_made_at.astimezone(zone_of(report)).replace(tzinfo=None)
        yield ["版次 Revision", report.revision.number, f"first made at {first:%Y-%m-%d %H:%M}"]
