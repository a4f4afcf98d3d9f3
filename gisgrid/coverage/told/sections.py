"""The sections of a report on paper, each made of the figures alone: summary, map, ranking, problems, next steps."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final, Literal, NamedTuple

from shapely.geometry.base import BaseGeometry

from gisgrid.coverage.schemas import CoverageReport, Note
from gisgrid.coverage.told.changes import change_of
from gisgrid.coverage.told.drawn import drawn_map
from gisgrid.coverage.told.handed import Handed, Limits, Problem
from gisgrid.coverage.told.headings import NOTHING, written
from gisgrid.coverage.told.nested import LEVEL_NAMES, at_level, levels_in, whole_of
from gisgrid.coverage.told.next_steps import next_steps
from gisgrid.coverage.told.periods import in_period_words, zone_of
from gisgrid.coverage.told.problems import problems
from gisgrid.coverage.told.ranking import RULE, Ranked, ranking
from gisgrid.coverage.told.words import in_words, is_seen
from gisgrid.documents.paper import Both, Drawing, Prose, Section, Table
from gisgrid.grid.schemas import Level

SectionName = Literal["summary", "map", "ranking", "problems", "next_steps"]
AnnexName = Literal["lists", "figures", "definitions", "english"]
SECTIONS: Final[tuple[SectionName, ...]] = ("summary", "map", "ranking", "problems", "next_steps")
ANNEXES: Final[tuple[AnnexName, ...]] = ("lists", "figures", "definitions", "english")
NONE_FOUND: Final = Note(zh="本期未发现需要报告的问题。", en="Nothing was found that needs to be reported.")
ALONE: Final = Note(zh="只有一个网格,不排名。", en="There is one cell only, and nothing to rank.")
NOT_SEEN: Final = Note(zh="本期没有打卡记录,不排名。", en="Nobody checked in, and nothing is ranked.")
NO_STEPS: Final = Note(zh="按既定计划继续巡查。", en="Go on patrolling as planned.")


class Extras(NamedTuple):
    """What a document holds beside the report.

    `shapes`: cells in WGS 84 by code; `place`: what the whole is called; `title` in Chinese and English; `dated`: the
    day under it, and until when a period that is not over is judged; `office` hands it in; `period`: how the time is
    told, if not by its days; `sections` and `annexes`: which there are, in this order.
    """

    shapes: Mapping[str, BaseGeometry]
    place: str
    title: Both
    dated: date
    handed: Handed = Handed()
    office: str = ""
    period: Note | None = None
    limits: Limits = Limits()
    sections: Sequence[SectionName] = SECTIONS
    annexes: Sequence[AnnexName] = ANNEXES

    def problems_of(self, report: CoverageReport) -> list[Problem]:
        """Return the problems of a report up to the end of its day."""
        until = datetime.combine(self.dated + timedelta(days=1), time(), zone_of(report))
        return problems(report, self.handed, until, self.limits)

    def period_of(self, report: CoverageReport) -> Note:
        """Return how the time of a report is told."""
        return self.period or in_period_words(report.period, zone_of(report))


def section(name: SectionName, report: CoverageReport, extras: Extras) -> Section:
    """Return one section."""
    return MADE[name](report, extras)


def _summary(report: CoverageReport, extras: Extras) -> Section:
    told = in_words(report, extras.place, extras.period_of(report))
    return Section(("总体情况", "Summary"), [Prose([each.zh for each in told])])


def _map(report: CoverageReport, extras: Extras) -> Section:
    levels = levels_in(report)
    of = LEVEL_NAMES[levels[-1]].zh if levels else ""
    caption = f"{extras.place}各{of}到达率({report.settings.reach_m:g} 米估算)"
    return Section(("分布图", "Map"), [Drawing(drawn_map(report, extras.shapes), caption)])


def _problems(report: CoverageReport, extras: Extras) -> Section:
    return Section(("存在问题", "Problems"), [_listed([each.told for each in extras.problems_of(report)], NONE_FOUND)])


def _next_steps(report: CoverageReport, extras: Extras) -> Section:
    return Section(("下步工作", "Next steps"), [_listed(next_steps(extras.problems_of(report)), NO_STEPS)])


def _listed(told: Sequence[Note], none: Note) -> Prose:
    return Prose([each.zh for each in told] or [none.zh], is_numbered=len(told) > 1)


# --- ranking -------------------------------------------------------------------------------------


def _ranking(report: CoverageReport, extras: Extras) -> Section:
    levels = levels_in(report)[1:] if whole_of(report) else levels_in(report)
    tables = [_ranks(report, level) for level in levels]
    if not is_seen(report):
        return Section(("排名表", "Ranking"), [Prose([NOT_SEEN.zh])])
    note = Prose([f"注:{RULE.zh}。" if tables else ALONE.zh], is_small=bool(tables))
    return Section(("排名表", "Ranking"), [*tables, note])


def _ranks(report: CoverageReport, level: Level) -> Table:
    cells = at_level(report.cells, level)
    more = [name for name in OFTEN_NONE if any(getattr(cell, name) is not None for cell in cells)]
    change: list[Both] = [("较上期(百分点)", "Change (points)")] if report.before else []
    heads: list[Both] = [("名次", "Rank"), ("网格", "Cell"), ("到达率", "Coverage"), ("区间(%)", "Between"), *change]
    counted = ("check_ins", "visits", *more)
    return Table(
        caption=f"{LEVEL_NAMES[level].zh}到达率排名",
        heads=[*heads, *(HEADS[name] for name in counted)],
        rows=[_rank(report, each, counted) for each in ranking(cells)],
        widths=[16.5, 30, 14, 20.5, *(21 for _ in change), *(WIDTHS[name] for name in counted)],
        texts={1},
    )


WIDTHS: Final = {"check_ins": 14, "visits": 11.5, "rounds_missed": 11, "closing_ratio": 15.5}
"""In the official type area of 156 mm, nothing breaks in these."""
OFTEN_NONE: Final = ("rounds_missed", "closing_ratio")
HEADS: Final[dict[str, Both]] = {
    "check_ins": ("打卡", "Check-ins"),
    "visits": ("到访", "Visits"),
    "rounds_missed": ("漏巡", "Missed"),
    "closing_ratio": ("结案率", "Closing"),
}


def _rank(report: CoverageReport, ranked: Ranked, counted: Sequence[str]) -> list[str]:
    cell, zone = ranked.cell, zone_of(report)
    rank = "—" if ranked.rank is None else "–".join(dict.fromkeys((f"{ranked.rank}", f"{ranked.at_worst}")))
    points = change_of(report, cell).of("coverage_ratio")
    change = [NOTHING if points is None else f"{points * 100:+.1f}".replace("-", "−")] if report.before else []
    own = [written(name, getattr(cell, name), zone) for name in counted]
    low, high = cell.coverage_low, cell.coverage_high
    band = NOTHING if low is None or high is None else f"{low * 100:.1f}–{high * 100:.1f}"
    return [rank, cell.name, written("coverage_ratio", cell.coverage_ratio, zone), band, *change, *own]


MADE: Final[dict[SectionName, Callable[[CoverageReport, Extras], Section]]] = {
    "summary": _summary,
    "map": _map,
    "ranking": _ranking,
    "problems": _problems,
    "next_steps": _next_steps,
}
