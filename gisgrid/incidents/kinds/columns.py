"""The columns of the two tables of an edition: what heads them, and which words stand for which values. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `name` heads it in English, `zh` in Chinese, `others` too. A cell of one with `words` is one of them.

    `words` gives, for each value, the Chinese word and others that are read. `is_needed`: no cell of it is blank.
    """

    name: str
    zh: str
    others: tuple[str, ...] = ()
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    is_needed: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One of the two tables, and how its sheet is called."""

    name: str
    zh: str
    columns: tuple[Column, ...]


YES: Final = {"yes": ("是", "true", "y", "1"), "": ("否", "no", "false", "n", "0")}
CONFIDENTIALITY: Final = {"": ("公开", "无"), "handlers": ("仅经办人", "保密"), "impartial": ("回避被投诉单位", "回避")}
COUNTS: Final = {"": ("无",), "case": ("治安案件",), "dispute": ("矛盾纠纷",), "petition": ("信访",)}
UNITS: Final = {"hours": ("小时", "时", "hour", "h"), "days": ("天", "日", "工作日", "day", "d")}
CLOCKS: Final = {"normal": ("工作时间", "普通", "正常"), "urgent": ("紧急", "连续")}

KINDS: Final = Table(
    "kinds",
    "类别",
    (
        Column("code", "编码", ("类别编码",), is_needed=True),
        Column("class_zh", "大类", ("大类中文",), is_needed=True),
        Column("class_en", "大类英文", is_needed=True),
        Column("name_zh", "名称", ("小类", "名称中文"), is_needed=True),
        Column("name_en", "名称英文", ("小类英文",), is_needed=True),
        Column("confidentiality", "知悉范围", words=CONFIDENTIALITY),
        Column("default_department", "默认部门"),
        Column("needs_photo", "结案要照片", words=YES),
        Column("needs_within_m", "结案距离米"),
        Column("needs_document", "结案要文书", words=YES),
        Column("counted_as", "统计为", words=COUNTS),
        Column("is_emergency", "启动预案", words=YES),
        Column("is_patrolled", "巡查应发现", words=YES),
    ),
)
CONDITIONS: Final = Table(
    "conditions",
    "条件",
    (
        Column("kind", "类别编码", ("类别",), is_needed=True),
        Column("code", "条件编码", ("编码", "序号"), is_needed=True),
        Column("name_zh", "立案条件", ("名称", "条件"), is_needed=True),
        Column("name_en", "立案条件英文", ("名称英文",), is_needed=True),
        Column("limit", "时限", is_needed=True),
        Column("unit", "单位", words=UNITS, is_needed=True),
        Column("clock", "计时", ("时钟",), words=CLOCKS, is_needed=True),
    ),
)
