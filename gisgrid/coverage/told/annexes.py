"""The annexes of a report on paper: lists of what is open, the main figures, definitions and settings, in English."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from gisgrid.coverage.schemas import CoverageReport, Definition
from gisgrid.coverage.told.headings import HEADINGS, LABELS, written
from gisgrid.coverage.told.nested import LEVEL_NAMES, at_level, levels_in
from gisgrid.coverage.told.next_steps import next_steps
from gisgrid.coverage.told.periods import zone_of
from gisgrid.coverage.told.sections import NO_STEPS, NONE_FOUND, AnnexName, Extras
from gisgrid.coverage.told.words import in_words
from gisgrid.documents.chinese import as_set
from gisgrid.documents.paper import Both, Prose, Section, Table
from gisgrid.grid.schemas import Level

PRESENCE: Final = ("check_ins", "patrollers", "patrols", "visits", "dwell_s", "covered_area_m2", "patrollable_area_m2")
REST: Final = (
    *("square_ratio", "idleness_s", "worst_idle_s", "rounds_done", "rounds_done_late", "rounds_missed", "rounds_ratio"),
    *("closed", "closing_ratio", "overdue"),
)
NEVER: Final = "从未"
RULES: Final = {
    "timezone": ("时区", "Time zone"),
    "metric_crs": ("量算坐标系", "Measured in"),
    "reach_m": ("到达半径(米)", "Reach (m)"),
    "visit_gap_s": ("到访间断(秒)", "Visits end after (s)"),
    "band_gap_s": ("连线最长间隔(秒)", "Bands at most (s)"),
    "band_length_m": ("连线最长距离(米)", "Bands at most (m)"),
}


def annex(name: AnnexName, report: CoverageReport, extras: Extras) -> Section | None:
    """Return one annex, None if it would be empty."""
    return MADE[name](report, extras)


# --- what is open --------------------------------------------------------------------------------


def _lists(report: CoverageReport, extras: Extras) -> Section | None:
    tables = list(_open(extras, zone_of(report)))
    return Section(("问题清单", "Lists of problems"), tables) if tables else None


def _open(extras: Extras, zone: ZoneInfo) -> Iterator[Table]:
    cell: Both = ("网格", "Cell")
    gaps, silent, overdue = extras.handed
    if gaps:
        rows = [[each.place, each.cell, each.plan, _at(each.missed_at, zone), _yes(each.is_overdue)] for each in gaps]
        heads: list[Both] = [("地点", "Place"), cell, ("计划", "Plan"), ("漏巡时间", "Missed"), ("超期", "Overdue")]
        yield Table("未关闭漏巡", heads, rows, [36, 32, 36, 36, 14], {0, 1, 2}, is_small=True)
    if silent:
        rows = [[each.name, each.cell, _at(each.alive_at, zone)] for each in silent]
        heads = [("设备", "Device"), cell, ("最后联系", "Heard last")]
        yield Table("静默设备", heads, rows, [50, 50, 40], {0, 1}, is_small=True)
    if overdue:
        rows = [[each.number, each.kind, each.cell, _at(each.due_at, zone)] for each in overdue]
        heads = [("案号", "Number"), ("类别", "Kind"), cell, ("期限", "Due")]
        yield Table("超期事件", heads, rows, [52, 34, 32, 36], {0, 1, 2}, is_small=True)


def _at(moment: datetime | None, zone: ZoneInfo) -> str:
    return NEVER if moment is None else f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def _yes(is_so: bool) -> str:
    return "是" if is_so else ""


# --- figures -------------------------------------------------------------------------------------


def _figures(report: CoverageReport, _extras: Extras) -> Section | None:
    tables = [each for level in levels_in(report) for each in _main(report, level)]
    return Section(("主要指标表", "Main figures"), tables) if tables else None


def _main(report: CoverageReport, level: Level) -> Iterator[Table]:
    """Two tables of one level: a page is not wide enough for one; figures that are n/a everywhere are left out."""
    cells, zone = at_level(report.cells, level), zone_of(report)
    for names, of in ((PRESENCE, "到访与到达"), (REST, "单元、空闲、任务与事件")):
        there = [name for name in names if any(getattr(cell, name) is not None for cell in cells)]
        if there:
            rows = [[cell.name, *(written(name, getattr(cell, name), zone) for name in there)] for cell in cells]
            heads = [("网格", "Cell"), *(HEADINGS[name].shown for name in there)]
            widths = [24.5, *(13 for _ in there)]
            yield Table(f"{LEVEL_NAMES[level].zh}:{of}", heads, rows, widths, {0}, is_small=True)


# --- words ---------------------------------------------------------------------------------------


def _definitions(report: CoverageReport, _extras: Extras) -> Section:
    settings = [[f"{zh} {en}", value] for (zh, en), value in settings_told(report)]
    meanings = [_meaning(each) for each in report.definitions]
    ground = f"网格:{report.grid.name}({report.grid.first_day} 起施行)。"
    notes = Prose([ground, *(f"{each.zh}。" for each in report.notes)], is_small=True)
    heads: Sequence[Both] = [("指标", "Figure"), ("口径", "Meaning"), ("英文口径", "Meaning in English")]
    return Section(
        ("指标口径与统计设置", "Definitions and settings"),
        [
            notes,
            Table("统计设置", [("设置", "Setting"), ("取值", "Value")], settings, [90, 60], {0, 1}, is_small=True),
            Table("指标口径", heads, meanings, [26, 62, 68], {0, 1, 2}, is_small=True),
        ],
    )


def _meaning(each: Definition) -> list[str]:
    """A definition begins with its figure's name, which stands beside it."""
    label = LABELS.get(each.name, each.name)
    return [as_set(label), as_set(each.zh.removeprefix(f"{label}:")), each.en]


def settings_told(report: CoverageReport) -> Iterator[tuple[Both, str]]:
    """Yield the settings that the figures depend on, by their names."""
    for name, value in report.settings.model_dump().items():
        yield RULES.get(name, (name, name)), f"{value:g}" if isinstance(value, float) else str(value)


def _english(report: CoverageReport, extras: Extras) -> Section:
    found = extras.problems_of(report)
    told = in_words(report, extras.place, extras.period_of(report))
    problems = [each.told for each in found] or [NONE_FOUND]
    steps = next_steps(found) or [NO_STEPS]
    parts = ((told, "Summary"), (problems, "Problems"), (steps, "Next steps"))
    words = [words for notes, title in parts for words in (f"{title}:", *(each.en for each in notes))]
    return Section(
        ("英文摘要", "Summary in English"), [Prose([extras.title[1], *words], is_small=True, is_english=True)]
    )


MADE: Final[dict[AnnexName, Callable[[CoverageReport, Extras], Section | None]]] = {
    "lists": _lists,
    "figures": _figures,
    "definitions": _definitions,
    "english": _english,
}
