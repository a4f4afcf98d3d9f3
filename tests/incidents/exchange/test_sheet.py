import csv
import io
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings as dose
from hypothesis import strategies as st

from gisgrid.documents.sheets import Rows, read_rows
from gisgrid.documents.workbook import workbook
from gisgrid.errors import GisgridError
from gisgrid.incidents.exchange.orders import OrderCreate
from gisgrid.incidents.exchange.sheet import DETAIL, RESULT, Ledger, NoOrders, Told, read_ledger

ZONE = ZoneInfo("Asia/Shanghai")
HEAD = ["工单编号", "类别", "上报时间", "经度", "纬度", "描述"]
ONE = ["A1", "E0102", "2026/11/1 8:05", "114.4", "22.6", "垃圾"]


def told(rows: Rows, **sheets: Rows) -> Rows:
    """Return the sheet of some rows as it comes back, with numbers for what is told."""
    ledger = read_ledger(workbook({**sheets, "工单": rows}))
    return read_rows(ledger.answered([Told("r", str(number)) for number, _ in enumerate(ledger.numbers)]), "a.xlsx")[
        "工单"
    ]


def test_the_same_sheet_comes_back_with_two_columns_more_and_may_be_sent_again() -> None:
    rows = [["十一月工单"], [], HEAD, ONE, [], [*ONE, "", "另一列"], ["=1+1"]]
    answered = told(rows)
    assert answered == [
        ["十一月工单"],
        [],
        [*HEAD, "", "", RESULT, DETAIL],
        [*ONE, "", "", "r", "0"],
        [],
        [*ONE, "", "另一列", "r", "1"],
        ["=1+1", *[""] * 7, "r", "2"],
    ]
    assert told(answered) == answered
    assert told([*answered, [*[""] * 8, "r", "9"]])[-1] == [*[""] * 8, "r", "9"], "nothing stands there but an answer"


def test_other_sheets_come_back_too() -> None:
    ledger = Ledger({"说明": [["看这里"]], "a" * 40: [["x"]], "a" * 39: [["y"]], "工/单": [HEAD, ONE]}, "工/单", 0)
    sheets = read_rows(ledger.answered([Told("r", "1")]), "a.xlsx")
    assert list(sheets) == ["说明", "a" * 31, f"{'a' * 26}-3", "工_单"]
    assert sheets["说明"] == [["看这里"]]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, None),
        ({"上报时间": ""}, "上报时间:缺少"),
        ({"上报时间": "昨天"}, "上报时间:应为 ISO 8601 时间"),
        ({"工单编号": ""}, "工单编号:缺少"),
        ({"经度": "东"}, "经度:应为数字"),
        ({"描述": "x" * 4001}, "描述:太长"),
    ],
)
def test_a_row_is_read_or_refused_by_its_columns(change: dict[str, str], words: str | None) -> None:
    values = {**dict(zip(HEAD, ONE, strict=True)), **change}
    data = workbook({"x": [list(values), list(values.values())]})
    (order,) = read_ledger(data).orders(ZONE)
    if words is None:
        assert isinstance(order, OrderCreate)
        assert order.reported_at.isoformat() == "2026-11-01T00:05:00+00:00"
    else:
        assert isinstance(order, GisgridError)
        assert words in order.zh


@pytest.mark.parametrize(("source", "found"), [("12345 热线", "hotline"), ("上级交办", "superior"), ("", None)])
def test_the_source_of_a_row(source: str, found: str | None) -> None:
    (order,) = read_ledger(workbook({"x": [[*HEAD, "来源"], [*ONE, source]]})).orders(ZONE)
    assert isinstance(order, OrderCreate)
    assert order.source == found


def test_a_source_that_sends_no_sheets() -> None:
    (order,) = read_ledger(workbook({"x": [[*HEAD, "来源"], [*ONE, "微信"]]})).orders(ZONE)
    assert isinstance(order, GisgridError)
    assert "12345 热线 或 上级交办" in order.zh


@pytest.mark.parametrize("rows", [[], [["a", "b"]], [HEAD[1:]], [[""]] * 10 + [HEAD]])
def test_a_sheet_without_orders(rows: Rows) -> None:
    with pytest.raises(NoOrders, match="工单编号、类别、上报时间"):
        read_ledger(workbook({"x": rows or [["x"]]}))


@dose(max_examples=30)
@given(st.lists(st.lists(st.text(max_size=8), max_size=9), max_size=6))
def test_whatever_stands_in_it_each_order_is_answered(rows: Rows) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([HEAD, *rows])
    try:
        ledger = read_ledger(text.getvalue().encode("utf-8", "replace"))
    except GisgridError:
        return
    answers = [Told("r", "d")] * len(ledger.orders(ZONE))
    back = read_rows(ledger.answered(answers), "a.xlsx")
    assert sum(row[-2:] == ["r", "d"] for row in back["工单"]) == len(answers)
