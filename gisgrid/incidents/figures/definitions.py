"""What each figure of merit is called and what it means, in words: printed with every report."""

from typing import Final, NamedTuple

from gisgrid.incidents.figures.measure import NEAR_M, REPEAT_DAYS


class Meaning(NamedTuple):
    """A figure's name and definition in both languages."""

    name_zh: str
    name_en: str
    zh: str
    en: str


SHARES: Final[dict[str, Meaning]] = {
    "closing": Meaning(
        "结案率",
        "closing rate",
        "时段内结案 ÷ 应结案;应结案 = 时段内结案 + 时段末已超期而未结案",
        "closed in the period ÷ due to close; due = closed in the period + overdue and not closed at its end",
    ),
    "closed_in_time": Meaning(
        "按期结案率",
        "closed in time",
        "时段内结案且计时停止时没有超期 ÷ 应结案",
        "closed in the period with a clock that stopped before its limit was used up ÷ due to close",
    ),
    "filing": Meaning(
        "立案率",
        "filing rate",
        "时段内上报的案件中已立案的 ÷ 时段内上报(即办除外;并案的计入分母)",
        "filed, whenever, of those reported in the period ÷ reported in the period; without what was settled on the "
        "spot, with what was merged",
    ),
    "dispatch": Meaning(
        "准确派遣率",
        "dispatched right",
        "(时段内派遣次数 − 其中后来被退回重派的)÷ 时段内派遣次数",
        "(dispatches of the period − those of them that were sent back) ÷ dispatches of the period",
    ),
    "rework": Meaning(
        "返工率",
        "rework",
        "时段内处置完成后核查不通过的次数 ÷ 时段内处置完成次数",
        "times of the period that work was reported done and then failed its check ÷ times that it was reported done",
    ),
    "missed_by_patrols": Meaning(
        "漏报率",
        "missed by patrols",
        "时段内立案中,公众上报、经核实而类别属巡查应发现的 ÷ 时段内立案",
        "confirmed public reports, of kinds that a patrol should have found, among those filed in the period ÷ filed",
    ),
    "repeats": Meaning(
        "重复发案率",
        "repeats",
        f"时段内结案后 {REPEAT_DAYS} 天内、{NEAR_M} 米内又有同类上报的 ÷ 时段内结案(本系统的定义)",
        f"closed in the period, with the same kind reported within {NEAR_M} m and {REPEAT_DAYS} days after ÷ closed in "
        "the period (a definition of our own)",
    ),
    "found_by_patrols": Meaning(
        "源头发现率",
        "found by patrols themselves",
        "时段内由巡查发现上报的 ÷ 时段内上报",
        "reported by patrols in the period ÷ reported in the period",
    ),
    **{
        f"settled_at_{level}": Meaning(
            f"{zh}办结占比",
            f"settled at the {en}",
            f"时段内办结(结案与即办)时由{zh}负责的 ÷ 时段内办结",
            f"brought to an end in the period, closed or on the spot, while the {en} answered for it ÷ all brought to "
            "an end",
        )
        for level, zh, en in (
            ("street", "街道", "street"),
            ("community", "社区", "community"),
            ("substation", "工作分站", "substation"),
        )
    },
}
COUNTS: Final[dict[str, Meaning]] = {
    "reported": Meaning("上报", "reported", "时段内上报的案件", "incidents reported in the period"),
    "filed": Meaning("立案", "filed", "时段内首次立案的案件", "incidents filed for the first time in the period"),
    "closed": Meaning(
        "结案",
        "closed",
        "时段内核查通过而结案、此后没有重新办理的案件;即办除外",
        "incidents that passed their check in the period and were not reopened since; not those settled on the spot",
    ),
    "in_time": Meaning(
        "按期结案", "closed in time", "结案中没有超期的", "those closed of which the limit was not used up"
    ),
    "overdue": Meaning(
        "超期未结",
        "overdue, not closed",
        "时段末已超期而未结案的案件;结案后又重新办理的,计时视为没有停过",
        "incidents overdue and not closed at the end of the period; of one reopened later the clock is held to have "
        "gone on",
    ),
    "on_the_spot": Meaning(
        "即办",
        "settled on the spot",
        "时段内即办办结的案件,另行计数,不计入结案",
        "incidents settled on the spot in the period, counted apart and not among those closed",
    ),
    "dispatched": Meaning("派遣", "dispatches", "时段内派遣次数", "dispatches in the period"),
    "handled": Meaning("处置完成", "times handled", "时段内处置完成次数", "times that work was reported done"),
    "suspended": Meaning("挂账", "suspended", "时段内挂账次数", "suspensions in the period"),
    "extended": Meaning("延期", "extended", "时段内延期次数", "extensions in the period"),
    "returned": Meaning(
        "退回重派", "sent back", "时段内的派遣中被退回的次数", "dispatches of the period that were sent back"
    ),
    "failed": Meaning("核查不通过", "failed checks", "时段内处置完成后核查不通过的次数", "checks failed"),
}
AS_REPORTED: Final[dict[str, Meaning]] = {
    "case": Meaning(
        "破获治安案件",
        "public-security cases solved",
        "时段内办结(结案与即办)、类别统计为治安案件的",
        "incidents brought to an end in the period whose kind counts as a public-security case",
    ),
    "dispute": Meaning(
        "化解矛盾纠纷",
        "disputes settled",
        "时段内办结、类别统计为矛盾纠纷的",
        "incidents brought to an end in the period whose kind counts as a dispute",
    ),
    "petition": Meaning(
        "办结信访",
        "petitions settled",
        "时段内办结、类别统计为信访的;保密类别只在街道一级、按整月计数",
        "incidents brought to an end in the period whose kind counts as a petition; of confidential kinds only at the "
        "street, by whole months",
    ),
}
SATISFACTION: Final = Meaning(
    "满意度",
    "satisfaction",
    "当月满意人数 ÷ 调查人数(n),与上月相比的变化以百分点计;缺任一月的调查为 n/a",
    "satisfied ÷ asked (n) in the month; its change on the month before in percentage points; n/a without either",
)
KEPT: Final = (
    "保密事件与投诉不计入各项比率;其中按 2007 年口径统计的只在街道一级、整月、不分类别和部门时计数",
    "confidential incidents and complaints are in no rate; what of them counts as the system of 2007 reported is told "
    "for a street, whole months and all kinds and departments alone",
)
"""A rate of a small cell or a short time would tell whoever can see the others that there was one more."""
LEVELS: Final = {
    "street": ("街道", "street"),
    "community": ("社区", "community"),
    "substation": ("工作分站", "substation"),
}
