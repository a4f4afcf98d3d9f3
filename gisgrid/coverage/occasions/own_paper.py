"""One's own month on paper. Pure."""

from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from gisgrid.coverage.occasions.own import OwnMonth
from gisgrid.coverage.schemas import CellFigures, Interval
from gisgrid.coverage.told.headings import HEADINGS, written
from gisgrid.coverage.told.periods import in_period_words
from gisgrid.documents.paper import Both, Paper, Prose, Section, Table
from gisgrid.patrols.plans.rounds import State

SHOWN: Final = ("check_ins", "visits", "dwell_s")
STATES: Final[dict[State, Both]] = {
    "done": ("按时完成", "done in time"),
    "done_late": ("迟到完成", "done late"),
    "missed": ("漏巡", "missed"),
    "unconfirmed": ("待补传", "not confirmed yet"),
    "due": ("进行中", "due now"),
    "ahead": ("未开始", "still to come"),
}
ALONE: Final = "本表只提供给本人,不与任何人比较,也不排名。"
NOBODY: Final = "这个月没有人查看过本人轨迹。"


def own_paper(own: OwnMonth, name: str, dated: date, zone: ZoneInfo) -> Paper:
    """Return the paper of somebody's month, which bears their name."""
    told = in_period_words(Interval(start=own.period.start, end=own.period.end), zone)
    return Paper(
        title=f"{name}当月巡查情况",
        title_en=f"Patrols of the month: {name}",
        subtitle=told.zh,
        sections=[
            Section(("巡查", "Patrols"), [Prose([_walked(own, zone)]), *_cells(own, zone)]),
            Section(("点名任务", "Rounds by name"), [Prose([_rounds(own)])]),
            Section(("谁看过本人轨迹", "Who looked"), _looks(own, zone)),
        ],
        annexes=[],
        signed="",
        dated=dated,
    )


def _walked(own: OwnMonth, zone: ZoneInfo) -> str:
    if own.street is None:
        return f"这个月没有打卡。{ALONE}"

    def of(name: str) -> str:
        return written(name, getattr(own.street, name), zone)

    outside = f",另在网格之外 {own.outside.check_ins} 次" if own.outside else ""
    return (
        f"打卡 {of('check_ins')} 次{outside};巡查 {of('patrols')} 次,到访 {of('visits')} 次,停留 {of('dwell_s')} 小时,"
        f"到过 {len(own.cells)} 个工作分站。{ALONE}"
    )


def _cells(own: OwnMonth, zone: ZoneInfo) -> list[Table]:
    if not own.cells:
        return []
    heads: list[Both] = [("工作分站", "Substation"), *(HEADINGS[name].shown for name in SHOWN)]
    rows = [_row(cell, zone) for cell in own.cells]
    return [Table("到过的工作分站", heads, rows, [60, *(32 for _ in SHOWN)], {0})]


def _row(cell: CellFigures, zone: ZoneInfo) -> list[str]:
    return [cell.name, *(written(name, getattr(cell, name), zone) for name in SHOWN)]


def _rounds(own: OwnMonth) -> str:
    counted = [f"{words[0]} {own.rounds[state]} 次" for state, words in STATES.items() if own.rounds[state]]
    return (",".join(counted) or "没有点名由本人完成的任务") + "。已封存的日期不再逐项列出。"


def _looks(own: OwnMonth, zone: ZoneInfo) -> list[Prose | Table]:
    if not own.looks:
        return [Prose([NOBODY])]
    heads: list[Both] = [("时间", "When"), ("查看人", "Who"), ("目的", "What for")]
    rows = [[f"{each['at'].astimezone(zone):%Y-%m-%d %H:%M}", each["reader"], each["purpose"]] for each in own.looks]
    return [Table("查看记录", heads, rows, [40, 40, 76], {0, 1, 2})]
