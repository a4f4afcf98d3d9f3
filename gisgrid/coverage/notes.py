"""What is to be borne in mind with the figures of a report, in words: their ground, and days that are sealed."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final

from gisgrid.coverage.figures import Basis, Measured
from gisgrid.coverage.schemas import Note
from gisgrid.coverage.sealed import FEW, Sealed

NOTHING_BEFORE: Final = Note(
    zh="上一时段没有打卡,不作比较", en="nobody checked in in the period before: there is nothing to compare with"
)


def notes_on(measured: Measured) -> list[Note]:
    """Return the remarks on a measurement."""
    basis = measured.basis
    return [*_ground(measured), *_sealed(basis.sealed), *_files(measured.without_file), *_told_of(basis)]


def _told_of(basis: Basis) -> Iterator[Note]:
    if basis.period.start >= basis.until:
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
