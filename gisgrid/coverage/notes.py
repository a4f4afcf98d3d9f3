"""What is to be borne in mind with the figures of a report, in words: their ground, and days that are sealed."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from gisgrid.coverage.figures import Basis, Measured
from gisgrid.coverage.schemas import Note, Received
from gisgrid.coverage.sealed import FEW, Sealed
from gisgrid.coverage.told.nested import LEVEL_NAMES
from gisgrid.grid.tables import LEVELS

NOTHING_BEFORE: Final = Note(
    zh="上一时段没有打卡,不作比较", en="nobody checked in in the period before: there is nothing to compare with"
)


def notes_on(measured: Measured) -> list[Note]:
    """Return the remarks on a measurement."""
    basis = measured.basis
    return [*_ground(measured), *_sealed(basis.sealed), *_files(measured.without_file), *_told_of(basis)]


def note_on_days(received: Received | None, zone: ZoneInfo) -> Iterator[Note]:
    """Yield on how many days anything was received, where that is not all of those that are over."""
    if received is None or received.days == received.of_days:
        return
    day = received.since and received.since.astimezone(zone).date()
    zh, en = (f",自 {day} 起", f", from {day} on") if received.since and received.unheard_s else ("", "")
    yield Note(
        zh=f"{received.of_days} 天中有 {received.days} 天有数据{zh};没有数据的日子不计入“连续无人到访”",
        en=f"data on {received.days} of {received.of_days} days{en}; days without any do not count as time in which "
        "nobody visited",
    )


def note_on_levels(levels: Collection[str]) -> Note:
    """Tell somebody to whom no cell is shown at which levels theirs are."""
    if not levels:
        return Note(zh="您没有负责的网格", en="there is no cell that you answer for")
    theirs = [level for level in LEVELS if level in levels]
    zh = "、".join(LEVEL_NAMES[level].zh for level in theirs)
    return Note(
        zh=f"此处没有您负责的网格;您负责的网格在{zh}一级,请用 level={theirs[0]},不加 parent",
        en=f"none of the cells that you answer for is here; they are at the level {', '.join(theirs)}: ask with "
        f"level={theirs[0]} and without a parent",
    )


def _told_of(basis: Basis) -> Iterator[Note]:
    if basis.until == basis.period.start < basis.period.end:
        yield Note(zh="时段尚未开始,还没有数字", en="the period has not begun: there are no figures yet")
    if basis.group is None:
        return
    yield Note(
        zh="事件按网格统计,不只是这些人员的;到达情况只计这些人员",
        en="incidents are those of the cells, not of these people alone; what was reached is theirs",
    )
    if basis.group.patrollers is None:
        yield Note(zh="此计划由当班的任何人执行:计入全部人员", en="anybody on duty does this plan: everybody counts")


def _ground(measured: Measured) -> Iterator[Note]:
    if measured.basis.mask is None:
        yield Note(
            zh="尚未设置应巡范围:按整个网格面积计算到达率",
            en="no patrollable mask is loaded: coverage is of the whole cell",
        )
    if measured.grids[-1].cells["is_illustrative"].any():
        yield Note(zh="网格含示意数据,非测绘成果", en="the grid is illustrative in part, not surveyed")
    if len(measured.layer_sets) > 1:
        days = ", ".join(each.first_day.isoformat() for each in measured.layer_sets[1:])
        yield Note(
            zh=f"时段内网格于 {days} 调整:打卡按当日网格计数,面积与到达率按时段最后一天的网格计算",
            en=f"the grid changed on {days}: check-ins count in the cell of their day, areas and coverage are "
            f"those of the grid in force on the last day",
        )


def _sealed(sealed: Sealed) -> Iterator[Note]:
    if sealed.whole:
        days = runs(sealed.whole)
        zh, en = _rest(sealed)
        yield Note(
            zh=f"已封存的日期:{days};其打卡记录已按保存期限清除,只留各网格每日的汇总。打卡、到访、停留由每日汇总相加,{zh}",
            en=f"sealed days: {days}; their fixes are gone, as retention asks, and daily sums of each cell remain. "
            f"Check-ins, visits and dwell are the sum of the days; {en}",
        )
    if sealed.cut:
        days = runs(sealed.cut)
        yield Note(
            zh=f"已封存的日期 {days} 只有一部分在时段内,无法拆分,未计入;请按整日查询",
            en=f"sealed days of which only a part lies in the period: {days}; they cannot be divided and are left out: "
            "ask for whole days",
        )


def _files(without: Sequence[date] | None) -> Iterator[Note]:
    if without is not None:
        yield Note(
            zh="到达数据取自各日的原始数据文件,不查数据库中的打卡;巡查任务和待核打卡不在文件中,故为空",
            en="what was seen is told from files of raw days and from no fix in the database; rounds and quarantined "
            "fixes are not in the files, and empty",
        )
    if without:
        yield Note(
            zh=f"以下日期没有文件,按无打卡计:{runs(without)}",
            en=f"days without a file, which count as days without check-ins: {runs(without)}",
        )


def _rest(sealed: Sealed) -> tuple[str, str]:
    if sealed.is_one:
        return (
            f"人员数、巡查次数少于 {FEW} 的不保留;到达面积和到达率为当日所测",
            f"people and outings were kept where they are {FEW} or more; areas and coverage are as measured on the day",
        )
    if sealed.is_all:
        return (
            "人员数、巡查次数、到达面积和到达率不能由每日汇总得出,故为空",
            "people, outings, covered areas and coverage cannot be told from daily sums, and are empty",
        )
    return (
        "人员数、巡查次数、到达面积和到达率只计未封存的日子",
        "people, outings, covered areas and coverage are those of the days that are not sealed",
    )


def runs(days: Sequence[date]) -> str:
    """Write days, which are in order, as runs of days in a row: 2026-08-01 – 2026-08-05, 2026-08-09."""
    found: list[list[date]] = []
    for day in days:
        if found and day - found[-1][-1] == timedelta(days=1):
            found[-1].append(day)
        else:
            found.append([day])
    return ", ".join(f"{run[0]} – {run[-1]}" if len(run) > 1 else str(run[0]) for run in found)
