"""What each figure is called, and in which unit people read it: the same in tables, workbooks and on paper."""

from datetime import datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

Value = str | int | float | datetime | None
NOTHING: Final = "n/a"


class Form(NamedTuple):
    """How figures of one kind are shown.

    `raw` is the unit that the figure is kept in, `unit_zh` and `unit_en` the one people read, `scale` times the first;
    `excel` the number format of a workbook, `spec` Python's.
    """

    raw: str = ""
    unit_zh: str = ""
    unit_en: str = ""
    scale: float = 1
    excel: str = ""
    spec: str = ""


TEXT: Final = Form()
MOMENT: Final = Form(excel="yyyy-mm-dd hh:mm")
COUNT: Final = Form(excel="#,##0", spec=",")
HOURS: Final = Form("秒", "h", "h", 1 / 3600, "#,##0.0", ",.1f")
AREA: Final = Form("平方米", "km²", "km²", 1e-6, "#,##0.000", ",.2f")
PERCENT: Final = Form(excel="0.0%", spec=".1%")
TIMES: Final = Form(excel="0.00", spec=".2f")


class Heading(NamedTuple):
    """A figure's names and form."""

    zh: str
    en: str
    form: Form

    @property
    def raw(self) -> str:
        """The Chinese name with the unit that the figure is kept in."""
        return f"{self.zh}({self.form.raw})" if self.form.raw else self.zh

    @property
    def shown(self) -> tuple[str, str]:
        """Both names with the unit that people read."""
        zh, en = self.form.unit_zh, self.form.unit_en
        return (f"{self.zh}({zh})" if zh else self.zh), (f"{self.en} ({en})" if en else self.en)


HEADINGS: Final[dict[str, Heading]] = {
    "code": Heading("编码", "Code", TEXT),
    "name": Heading("名称", "Name", TEXT),
    "level": Heading("层级", "Level", TEXT),
    "parent_code": Heading("上级编码", "Parent", TEXT),
    "check_ins": Heading("打卡数", "Check-ins", COUNT),
    "patrollers": Heading("人员数", "People", COUNT),
    "patrols": Heading("巡查次数", "Patrols", COUNT),
    "visits": Heading("到访次数", "Visits", COUNT),
    "dwell_s": Heading("停留时长", "Dwell", HOURS),
    "certain_visits": Heading("确定到访", "Certain visits", COUNT),
    "quarantined": Heading("待核定位", "Quarantined", COUNT),
    "covered_area_m2": Heading("到达面积", "Covered", AREA),
    "patrollable_area_m2": Heading("应巡面积", "Patrollable", AREA),
    "area_m2": Heading("网格面积", "Area", AREA),
    "coverage_ratio": Heading("到达率", "Coverage", PERCENT),
    "coverage_low": Heading("到达率下限", "Coverage, low", PERCENT),
    "coverage_high": Heading("到达率上限", "Coverage, high", PERCENT),
    "effort_m2": Heading("巡查投入", "Effort", AREA),
    "redundancy": Heading("重复度", "Redundancy", TIMES),
    "seen_squares": Heading("到达单元", "Squares seen", COUNT),
    "patrollable_squares": Heading("应巡单元", "Squares to patrol", COUNT),
    "square_ratio": Heading("单元到达率", "Share of squares", PERCENT),
    "idleness_s": Heading("空闲时长", "Idleness", HOURS),
    "worst_idle_s": Heading("最长空闲", "Longest idle", HOURS),
    "seen_last_at": Heading("最近到访", "Seen last", MOMENT),
    "rounds_done": Heading("按时完成", "Done in time", COUNT),
    "rounds_done_late": Heading("迟到完成", "Done late", COUNT),
    "rounds_missed": Heading("漏巡", "Missed", COUNT),
    "rounds_unconfirmed": Heading("待补传", "Unconfirmed", COUNT),
    "rounds_ratio": Heading("任务完成率", "Share of rounds", PERCENT),
    "open_gaps": Heading("未关闭漏巡", "Open gaps", COUNT),
    "reported": Heading("上报事件", "Reported", COUNT),
    "filed": Heading("立案", "Filed", COUNT),
    "closed": Heading("结案", "Closed", COUNT),
    "in_time": Heading("按期结案", "In time", COUNT),
    "overdue": Heading("超期未结", "Overdue", COUNT),
    "suspended": Heading("挂账", "Suspended", COUNT),
    "extended": Heading("延期", "Extended", COUNT),
    "returned": Heading("退回重派", "Sent back", COUNT),
    "closing_ratio": Heading("结案率", "Closing rate", PERCENT),
    "in_time_ratio": Heading("按期结案率", "In-time rate", PERCENT),
    "responses": Heading("到场件数", "Responses", COUNT),
    "response_s": Heading("到场用时", "Response", HOURS),
    "closing_s": Heading("结案用时", "Time to close", HOURS),
    "share_in_band": Heading("适时到访占比", "Share in band", PERCENT),
    "evenness": Heading("均衡度", "Evenness (Gini)", TIMES),
    "demand_match": Heading("需求匹配度", "Demand match", TIMES),
}
ANNEX: Final = ("share_in_band", "evenness", "demand_match")
"""For analysts: on a sheet of their own, never in a ranking."""
LABELS: Final = {
    **{name: heading.raw for name, heading in HEADINGS.items()},
    "outside": "网格之外",
    "coarse": "精度过低",
    "teleport": "速度不可能",
    "frozen": "位置不动",
    "mock": "模拟定位",
    "gcj02": "疑为火星坐标",
    "sealed": "已封存",
    "delivered_late": "迟到定位",
    "before": "上期",
}


def written(name: str, value: Value, zone: ZoneInfo) -> str:
    """Write a figure as people read it; n/a for none."""
    form = HEADINGS[name].form
    if value is None:
        return NOTHING
    if isinstance(value, datetime):
        return f"{value.astimezone(zone):%Y-%m-%d %H:%M}"
    return value if isinstance(value, str) else format(_scaled(value, form), form.spec)


def number(name: str, value: Value, zone: ZoneInfo) -> Value:
    """Return a figure as a workbook keeps it: a number in the unit that people read, a local time; n/a for none."""
    if value is None:
        return NOTHING
    if isinstance(value, datetime):
        return value.astimezone(zone).replace(tzinfo=None)
    return value if isinstance(value, str) else _scaled(value, HEADINGS[name].form)


def _scaled(value: float, form: Form) -> float:
    return value if form.scale == 1 else value * form.scale
