"""What the figures of rounds and incidents mean, and those of how time was spread, in words: printed with reports."""

from typing import Final

from gisgrid.incidents.figures import definitions as of_incidents
from gisgrid.incidents.figures.dispatched import WITHIN
from gisgrid.incidents.figures.responses import REACH_M
from gisgrid.settings import Settings

SAME: Final = {
    **{
        name: name
        for name in ("reported", "filed", "closed", "in_time", "overdue", "suspended", "extended", "returned")
    },
    "closing_ratio": "closing",
    "in_time_ratio": "closed_in_time",
}
"""Which figures of incidents are the same there, and by what name."""


def definitions_of_work(settings: Settings) -> dict[str, tuple[str, str]]:
    """Return what each figure of rounds, incidents and spread means, in Chinese and English, by its name."""
    return {**_rounds(settings), **_incidents(), **_times(), **_spread()}


def _rounds(settings: Settings) -> dict[str, tuple[str, str]]:
    grace = settings.upload_grace_hours
    return {
        "rounds_done": (
            "按时完成的任务:时段内开始、在规定时间内完成的巡查任务;任务计入其地点所在的网格,整个街道的任务只计入街道,"
            "跨午夜的算前一日",
            "rounds done in time, of those that begin in the period; a round counts in the cells of its place, one of "
            "a whole street there alone, and one that begins past midnight is of the day before",
        ),
        "rounds_done_late": (
            "迟到完成的任务:规定时间已过、宽限时间内完成",
            "rounds done after their time, within the grace",
        ),
        "rounds_missed": (
            f"漏巡任务:规定时间与宽限时间已过仍未完成,且应巡人员的设备已报到此时;设备未报的,满 {grace} 小时才算",
            f"rounds not done when their time and grace were over, and the devices of whoever was to do them have told "
            f"of that time; {grace} hours later even if they have not",
        ),
        "rounds_unconfirmed": (
            f"待补传任务:已过时间、未见完成,但设备尚未补传;{grace} 小时内不算漏巡",
            f"rounds over and not known to be done, whose devices have not told yet: not missed for {grace} hours",
        ),
        "rounds_ratio": (
            "任务完成率:(按时 + 迟到完成)÷(按时 + 迟到完成 + 漏巡);待补传的不计;没有到期任务时为 n/a",
            "rounds done, late ones included ÷ those done and missed; without the unconfirmed; n/a where none is over",
        ),
        "open_gaps": (
            "未关闭的漏巡:时段内的任务漏巡后,至今没有补巡、更正,也没有书面说明的",
            "gaps of the period's rounds that no visit, correction or written reason has closed so far",
        ),
    }


def _incidents() -> dict[str, tuple[str, str]]:
    meanings = {**of_incidents.COUNTS, **of_incidents.SHARES}
    kept = ("按案发网格;保密事件与投诉不计", "by the cell in which it lies; without confidential ones and complaints")
    told = {name: meanings[there] for name, there in SAME.items()}
    return {name: (f"{its.name_zh}:{its.zh};{kept[0]}", f"{its.en}; {kept[1]}") for name, its in told.items()}


def _times() -> dict[str, tuple[str, str]]:
    metres, days = f"{REACH_M:g}", WITHIN.days
    return {
        "responses": (
            f"到场件数:时段内上报的案件中,上报后 {days} 天内有被派遣人员到过现场 {metres} 米以内的;"
            f"指定经办人的只看经办人,否则看被派遣部门的人员,路过的他人不计;只有所在网格而没有位置的、派遣日已封存的不计",
            f"of the incidents reported in the period, those to which somebody who was dispatched came within {metres} "
            f"m and {days} days of the report: the handler if one is named, else the staff of the departments; "
            f"passers-by do not count, nor do incidents without a place of their own or sent out on sealed days",
        ),
        "response_s": (
            "到场用时(秒):上述案件从上报到首次到场的中位数;没有时为 n/a",
            "median seconds from the report of these to the first fix there; n/a where there is none",
        ),
        "closing_s": (
            "结案用时(秒):时段内结案的案件(不论何时上报)从上报到结案的中位数,按自然时间,含挂账;没有时为 n/a",
            "median seconds from report to closing of the incidents closed in the period, whenever they were reported, "
            "by the calendar and with suspensions; n/a where there is none",
        ),
    }


def _spread() -> dict[str, tuple[str, str]]:
    return {
        "evenness": (
            "均衡度(基尼系数):下一级各网格单位应巡面积的停留时长,G = Σ(2i − n − 1)x₍ᵢ₎ ⁄ (nΣx) × n ⁄ (n − 1),"
            "x 从小到大;0 为均匀,1 为全在一处;无停留或不足两个网格时为 n/a。供分析用,不作排名",
            "Gini coefficient of the dwell per patrollable area of the cells one level below, G = Σ(2i − n − 1)x₍ᵢ₎ ⁄ "
            "(nΣx) × n ⁄ (n − 1), x ascending: 0 is even, 1 all in one place; n/a without dwell or with less than two "
            "cells. For analysts, never a ranking",
        ),
        "demand_match": (
            "需求匹配度:1 − ½ Σ|eᵢ − qᵢ|,e 为下一级各网格停留时长的占比,q 为上报案件的占比;任一为零时为 n/a。"
            "巡查本身会发现案件,故只看变化,不说明因果。供分析用,不作排名",
            "1 − ½ Σ|eᵢ − qᵢ| over the cells one level below, e their shares of dwell, q of the incidents reported; "
            "n/a where there is none of either. Patrols find incidents: look at changes, it is no cause. For analysts, "
            "never a ranking",
        ),
    }
