"""What people write in the two tables, and what they are told of it."""

from datetime import date
from decimal import Decimal

import pytest

from gisgrid.incidents.kinds.edition import Condition, Kind
from gisgrid.incidents.kinds.read_edition import FaultyEdition, read_edition
from gisgrid.incidents.kinds.written import Rows
from tests.incidents.kinds.editions import CONDITION_HEADS, KIND_HEADS, a_condition, a_kind

DAY = date(2027, 1, 1)
THERE = {"water", "police"}
FEW = ["编码", "大类", "大类英文", "名称", "名称英文"]
CHINESE = [*FEW, "知悉范围", "默认部门", "结案要照片", "结案距离米", "结案要文书", "统计为", "启动预案", "巡查应发现"]


def faults(kinds: Rows, conditions: Rows) -> list[tuple[str, int, str, str]]:
    """Return what is told: table, row, column and the beginning of the words."""
    with pytest.raises(FaultyEdition) as error:
        read_edition(kinds, conditions, DAY, THERE)
    return [(fault.table.name, fault.row, fault.column, fault.zh) for fault in error.value.faults]


def test_words_of_offices_are_read() -> None:
    kinds = [
        CHINESE,
        ["Ｅ0102", " 市容 ", "city", "垃圾", "rubbish", "仅经办人", "water", "是", "５0", "否", "信访", "1", "Yes"],
        [],
    ]
    conditions = [
        ["时限", "单位", "计时", "类别编码", "条件编码", "立案条件", "立案条件英文"],
        ["1.50", "工作日", "工作时间", "E0102", "a", "一般", "ordinary"],
        ["２", "H", "紧急", "E0102", "b", "严重", "grave"],
    ]
    edition = read_edition(kinds, conditions, DAY, THERE)
    assert edition.first_day == DAY
    assert edition.kinds == {
        "E0102": Kind(
            *("E0102", "市容", "city", "垃圾", "rubbish", "handlers", "water", True, 50, False, "petition", True, True),
            conditions=(
                Condition("a", "一般", "ordinary", Decimal("1.5"), "days", "normal"),
                Condition("b", "严重", "grave", Decimal(2), "hours", "urgent"),
            ),
        )
    }


@pytest.mark.parametrize(
    ("change", "column", "told"),
    [
        ({"code": "E01"}, "code", "应为一个大写字母加四位数字,而不是“E01”"),
        ({"code": "e0102"}, "code", "应为一个大写字母"),
        ({"code": "E０１０２X"}, "code", "应为一个大写字母"),
        ({"code": ""}, "code", "不能为空"),
        ({"name_zh": " "}, "name_zh", "不能为空"),
        ({"name_en": "a\nb"}, "name_en", "应为一行,至多 100 字"),
        ({"class_en": "x" * 101}, "class_en", "应为一行"),
        (
            {"confidentiality": "secret"},
            "confidentiality",
            "应为 公开、仅经办人 handlers、回避被投诉单位 impartial 之一",
        ),
        ({"default_department": "水务所"}, "default_department", "没有这个部门编码"),
        ({"needs_photo": "也许"}, "needs_photo", "应为 是 yes、否 之一,而不是“也许”"),
        ({"needs_within_m": "0"}, "needs_within_m", "应为整数(米),1 至 99999"),
        ({"needs_within_m": "-5"}, "needs_within_m", "应为整数(米),1 至 99999"),
        ({"needs_within_m": "50.5"}, "needs_within_m", "应为整数(米),1 至 99999"),
        ({"counted_as": "案"}, "counted_as", "应为 无、治安案件 case、矛盾纠纷 dispute、信访 petition 之一"),
    ],
)
def test_a_cell_of_a_kind_that_is_wrong(change: dict[str, str], column: str, told: str) -> None:
    found = faults(
        [KIND_HEADS, a_kind("E0101"), a_kind(**change)], [CONDITION_HEADS, a_condition("E0101"), a_condition()]
    )
    table, row, head, words = found[0]
    assert (table, row, head) == ("kinds", 3, column)
    assert words.startswith(told)
    # of a kind without a code the conditions belong to none
    assert len(found) == (2 if column == "code" else 1)


@pytest.mark.parametrize(
    ("change", "column", "told"),
    [
        ({"kind": "E0999"}, "kind", "类别表中没有这个编码"),
        ({"kind": ""}, "kind", "不能为空"),
        ({"code": "1"}, "code", "E0102 已有这个条件编码"),
        ({"code": "一"}, "code", "应为字母或数字"),
        *[
            ({"limit": limit}, "limit", "应为大于 0 的数")
            for limit in ("0", "0.00", "-1", "1e3", "nan", "0.001", "两天")
        ],
        ({"limit": "10000"}, "limit", "应为大于 0 的数"),
        ({"limit": ""}, "limit", "不能为空"),
        ({"unit": "weeks"}, "unit", "应为 小时 hours、天 days 之一,而不是“weeks”"),
        ({"unit": ""}, "unit", "不能为空"),
        ({"clock": "slow\x1b" + "w" * 90}, "clock", "应为一行"),
        ({"clock": "slow" * 9}, "clock", "应为 工作时间 normal、紧急 urgent 之一,而不是“slowslowslowslowslow…”"),
    ],
)
def test_a_cell_of_a_condition_that_is_wrong(change: dict[str, str], column: str, told: str) -> None:
    wrong = a_condition(**{"code": "2", **change})
    ((table, row, head, words),) = faults([KIND_HEADS, a_kind()], [CONDITION_HEADS, a_condition(), [], wrong])
    assert (table, row, head) == ("conditions", 4, column)
    assert words.startswith(told)


@pytest.mark.parametrize("limit", ["1", "0.01", "9999.99", "2.000", "0010"])
def test_a_limit_that_is_one(limit: str) -> None:
    edition = read_edition([KIND_HEADS, a_kind()], [CONDITION_HEADS, a_condition(limit=limit)], DAY)
    assert edition.kinds["E0102"].conditions[0].limit == Decimal(limit)


def test_all_faults_are_told_at_once_in_their_order() -> None:
    kinds = [
        [*KIND_HEADS, "", "备注"],
        a_kind("E0101"),
        a_kind("E0101", name_zh="别的", default_department="moon"),
        a_kind("E0102", class_zh="另一类"),
        [*a_kind("E0103"), "", "见附件"],
        [*a_kind("E0104", is_emergency="x")],
    ]
    conditions = [CONDITION_HEADS, a_condition("E0101"), a_condition("E0101", limit="-1"), a_condition("E0777")]
    found = faults(kinds, conditions)
    assert [(table, row, column) for table, row, column, _ in found] == [
        ("kinds", 1, "备注"),
        ("kinds", 3, "default_department"),
        ("kinds", 3, "code"),
        ("kinds", 4, "class_zh"),
        ("kinds", 4, "code"),
        ("kinds", 5, ""),
        ("kinds", 5, "code"),
        ("kinds", 6, "is_emergency"),
        ("kinds", 6, "code"),
        ("conditions", 3, "limit"),
        ("conditions", 3, "code"),
        ("conditions", 4, "kind"),
    ]
    words = [zh for *_, zh in found]
    assert words[2:5] == ["E0101 在第 2 行已有", "E01 类在前面叫“市容 city”", "E0102 没有任何立案条件"]
    assert words[5] == "“见附件”不在任何一列之下"


def test_an_error_repeats_the_first_faults_in_both_languages() -> None:
    with pytest.raises(FaultyEdition) as error:
        read_edition([KIND_HEADS, *(a_kind(f"X{n}") for n in range(9))], [CONDITION_HEADS, a_condition("E1")], DAY)
    assert error.value.zh.startswith("类别表第 2 行“code”:应为一个大写字母加四位数字,而不是“X0”;类别表第 3 行")
    assert error.value.zh.endswith(";另有 5 处")
    assert error.value.en.startswith("table kinds, row 2, “code”: must be a capital letter and four digits, not “X0”; ")
    assert error.value.en.endswith("; and 5 more")


@pytest.mark.parametrize(
    ("kinds", "conditions", "told"),
    [
        ([], [CONDITION_HEADS], ("kinds", 0, "", "缺少列:编码 code、大类 class_zh")),
        ([FEW, ["E0102", "a", "a", "a", "a"]], [CONDITION_HEADS], ("kinds", 1, "", "缺少列:知悉范围 confidentiality")),
        ([KIND_HEADS], [CONDITION_HEADS], ("kinds", 0, "", "没有任何类别")),
        ([KIND_HEADS, a_kind()], [["编码"]], ("conditions", 1, "", "缺少列:类别编码 kind、立案条件 name_zh")),
        ([[*KIND_HEADS, "编码"], a_kind()], [CONDITION_HEADS, a_condition()], ("kinds", 1, "编码", "这一列有两次")),
        (
            [[*KIND_HEADS, "Note"], a_kind()],
            [CONDITION_HEADS, a_condition()],
            ("kinds", 1, "Note", "没有这一列;各列为"),
        ),
    ],
)
def test_tables_that_lack_their_heads(kinds: Rows, conditions: Rows, told: tuple[str, int, str, str]) -> None:
    ((*where, words),) = faults(kinds, conditions)
    assert tuple(where) == told[:3]
    assert words.startswith(told[3])
