import io
from datetime import UTC, datetime

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gisgrid.coverage.schemas import Definition, Note
from gisgrid.coverage.told.headings import ANNEX, HEADINGS
from gisgrid.coverage.told.workbook import as_workbook
from tests.coverage.reports import BEFORE, GONE, LATE, START, a_cell, a_report, cells, cover

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported")


def opened(report, **given):
    return openpyxl.load_workbook(io.BytesIO(as_workbook(report, **given)))


def column(sheet, heading):
    (found,) = [each for each in sheet.iter_cols() if each[0].value == heading]
    return [cell.value for cell in found[1:]]


def test_a_sheet_a_level_then_ranking_change_annex_and_words():
    report = a_report(before=BEFORE, cells_before=cells())
    assert opened(report).sheetnames == [
        *("街道 Street", "社区 Communities", "工作分站 Substations"),
        *("排名 Ranking", "变化 Change", "附表 Annex", "说明 Definitions"),
    ]
    assert "变化 Change" not in opened(a_report()).sheetnames
    assert opened(a_report(cells=[])).sheetnames == ["排名 Ranking", "附表 Annex", "说明 Definitions"]


def test_all_figures_are_there_and_the_annex_apart():
    book = opened(a_report())
    heads = {cell.value for cell in book["社区 Communities"][1]}
    expected = {"\n".join(HEADINGS[name].shown) for name in HEADINGS if name not in (*ANNEX, "level")}
    assert heads == expected
    annex = {cell.value for cell in book["附表 Annex"][1]}
    assert {"\n".join(HEADINGS[name].shown) for name in ANNEX} <= annex


def test_numbers_are_numbers_na_is_text_and_the_whole_stands_below():
    seen = datetime(2026, 11, 2, 4, tzinfo=UTC)
    sheet = opened(a_report(*cells(S={**GONE, "seen_last_at": seen}), level="all"))["社区 Communities"]
    assert column(sheet, "名称\nName") == ["北社区", "南社区", "网格之外 outside", "葵涌街道"]
    assert column(sheet, "到达率\nCoverage") == [0.8, "n/a", None, 0.5]
    assert column(sheet, "打卡数\nCheck-ins") == [3, 3, 7, 3]
    assert column(sheet, "待核定位\nQuarantined") == ["n/a", "n/a", 9, "n/a"]
    assert column(sheet, "停留时长(h)\nDwell (h)")[0] == pytest.approx(600.5 / 3600)
    assert column(sheet, "最近到访\nSeen last") == ["n/a", datetime(2026, 11, 2, 12), None, "n/a"]  # noqa: DTZ001
    (share,) = [each for each in sheet.iter_cols() if each[0].value == "到达率\nCoverage"]
    assert [cell.number_format for cell in share[1:3]] == ["0.0%", "0.0%"]
    assert sheet.freeze_panes == "C2"
    assert f"{share[1].coordinate}:{share[2].coordinate}" in [str(each.sqref) for each in sheet.conditional_formatting]
    assert sheet["B5"].font.bold
    assert not sheet["B2"].font.bold


def test_change_is_in_points_and_counts():
    report = a_report(before=BEFORE, cells_before=cells(N={"check_ins": 1, **cover(0.6)})[1:])
    sheet = opened(report)["变化 Change"]
    assert column(sheet, "到达率变化(百分点)\nChange: Coverage (points)")[:3] == ["n/a", pytest.approx(20), 0]
    assert column(sheet, "打卡数变化\nChange: Check-ins")[:3] == ["n/a", 2, 0]
    assert column(sheet, "到达率变化明显\nClear change")[:3] == ["n/a", "是 yes", "否 no"]


def test_the_ranking_is_of_each_level():
    sheet = opened(a_report(*cells(S=GONE), level="all"))["排名 Ranking"]
    assert column(sheet, "名次\nRank") == [1, "n/a", 1, 2, 3]
    assert column(sheet, "名称\nName") == ["北社区", "南社区", "东北站", "西北站", "西南站"]
    tied = opened(a_report(a_cell("1"), a_cell("2")))["排名 Ranking"]
    assert [column(tied, head) for head in ("名次\nRank", "最后可能\nAt worst")] == [[1, 1], [2, 2]]


def test_words_settings_and_definitions_stand_at_the_end():
    report = a_report(
        before=BEFORE,
        quarantined=3,
        received=LATE,
        revision={"number": 2, "first_made_at": START},
        group={"kind": "people", "name": "甲班"},
    )
    sheet = opened(report, period=Note(zh="本月", en="this month"))["说明 Definitions"]
    rows = {row[0]: row[1:] for row in sheet.iter_rows(values_only=True)}
    assert rows["时段 Period"] == ("本月", "this month")
    assert list(rows)[2] == "有数据 Data"
    assert rows["有数据 Data"][0].startswith("31 天中有 3 天有数据,自 2026-11-28 起")
    assert rows["上期 Period before"] == ("2026年10月", "2026-10")
    assert rows["范围 Of"][0] == "甲班"
    assert rows["到达半径(米) Reach (m)"] == ("50", "50")
    assert rows["精度过低 coarse"] == (4, 4)
    assert rows["待核定位 quarantined"] == (3, 3)
    assert rows["版次 Revision"] == (2, "first made at 2026-11-01 00:00")
    assert rows["到访次数 visits"] == ("到访", "stays")
    assert rows["说明 Note"] == ("备注", "remark")


@settings(max_examples=15)
@given(st.sampled_from(["=", "+", "-", "@", "\t", "＝", "{=", "http://", "<r>"]), st.text('A1()!"&', max_size=8))
def test_no_text_is_a_formula_or_an_address(sign, rest):
    nasty = sign + rest
    report = a_report(
        a_cell(nasty, nasty, parent_code=nasty),
        notes=[Note(zh=nasty, en=nasty)],
        definitions=[Definition(name=nasty, zh=nasty, en=nasty)],
    )
    book = opened(report)
    found = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert all(cell.data_type != "f" and cell.hyperlink is None for cell in found)
    assert nasty in {cell.value for cell in found}
