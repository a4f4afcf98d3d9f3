from datetime import date

import pytest

from gisgrid.coverage.schemas import Note
from gisgrid.coverage.told.handed import Handed
from gisgrid.coverage.told.sections import SECTIONS, section
from tests.coverage.papers import extras
from tests.coverage.reports import BEFORE, GONE, START, a_cell, a_report, cells, cover


def test_the_sections_of_a_report():
    made = [section(name, a_report(), extras()) for name in SECTIONS]
    assert [each.title[0] for each in made] == ["总体情况", "分布图", "排名表", "存在问题", "下步工作"]
    assert made[0].parts[0].paragraphs[0].startswith("2026年11月,葵涌街道打卡 3 次")
    assert made[1].parts[0].caption == "葵涌街道各工作分站到达率(50 米估算)"
    assert [each.partition(":")[0] for each in made[3].parts[0].paragraphs] == [
        "未关闭漏巡(含以往)1 次,其中 1 处已超期",
        "静默设备 1 台",
        "超期事件 1 件",
    ]
    assert len(made[4].parts[0].paragraphs) == 3


def test_the_period_may_be_worded_by_whoever_asks():
    words = section("summary", a_report(), extras(period=Note(zh="本月", en="this month"))).parts[0].paragraphs
    assert words[0].startswith("本月,")


def test_the_ranking_has_a_table_a_level_below_the_whole():
    report = a_report(
        *cells(S=GONE, N={"rounds_missed": 2}),
        level="all",
        before=BEFORE,
        cells_before=cells(N=cover(0.9), NE=cover(0.9)),
    )
    communities, substations, note = section("ranking", report, extras()).parts
    assert [zh for zh, _ in communities.heads] == [
        *("名次", "网格", "到达率", "区间(%)", "较上期(百分点)", "打卡", "到访", "漏巡"),
    ]
    assert communities.rows == [
        ["1", "北社区", "80.0%", "79.0–81.0", "−10.0", "3", "1", "2"],
        ["—", "南社区", "n/a", "n/a", "n/a", "3", "1", "n/a"],
    ]
    assert [row[:2] for row in substations.rows] == [["1", "东北站"], ["2", "西北站"], ["3", "西南站"]]
    assert len(communities.heads) == len(communities.widths) == len(communities.rows[0])
    assert "名次并列" in note.paragraphs[0]


def test_ties_are_told():
    rows = section("ranking", a_report(a_cell("1"), a_cell("2")), extras()).parts[0].rows
    assert [row[0] for row in rows] == ["1–2", "1–2"]
    assert len(rows[0]) == 6


def test_one_cell_alone_is_not_ranked():
    (note,) = section("ranking", a_report(a_cell("1")), extras()).parts
    assert note.paragraphs == ["只有一个网格,不排名。"]


@pytest.mark.parametrize("name", SECTIONS)
def test_an_empty_report_is_no_error(name):
    assert section(name, a_report(cells=[]), extras(handed=Handed())).title[0]


def test_a_period_that_is_not_over_is_judged_up_to_its_day():
    report = a_report(*cells(NW={"seen_last_at": START}), level="all")
    for day, kinds in ((2, []), (3, ["unseen"])):
        asked = extras(handed=Handed(), dated=date(2026, 11, day))
        assert [each.kind for each in asked.problems_of(report)] == kinds
