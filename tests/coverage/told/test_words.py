import re

import pytest

from gisgrid.coverage.schemas import Note
from gisgrid.coverage.told.words import in_words
from tests.coverage.reports import BEFORE, GONE, LATE, START, a_cell, a_report, cells, cover

ROUNDS = {
    **{"rounds_done": 1200, "rounds_done_late": 2, "rounds_missed": 4, "rounds_unconfirmed": 1, "rounds_ratio": 0.9967},
    "open_gaps": 3,
}
INCIDENTS = {
    **{"reported": 10, "filed": 8, "closed": 17, "in_time": 9, "overdue": 1, "suspended": 0, "extended": 0},
    **{"returned": 1, "closing_ratio": 17 / 18, "in_time_ratio": 0.5},
}


def told(report, **given):
    found = in_words(report, "葵涌街道", **given)
    return "\n".join(each.zh for each in found), "\n".join(each.en for each in found)


def test_all_that_is_known_is_told():
    report = a_report(
        *cells(X={"check_ins": 1500, **ROUNDS, **INCIDENTS, "square_ratio": 0.4}),
        level="all",
        before=BEFORE,
        cells_before=cells(X={"check_ins": 1000, **cover(0.3)}),
        quarantined=5,
        delivered_late=2,
        revision={"number": 2, "first_made_at": START},
        group={"kind": "plan", "name": "护校"},
    )
    zh, en = told(report)
    for part in (
        "2026年11月,葵涌街道专项“护校”的打卡 1,500 次(较上期增加 50.0%);参与巡查 1 人,巡查 2 次,到访网格 1 次",
        "到达率 50.0%(50 米估算,区间 49.0%–51.0%),较上期提高 20.0 个百分点,到达 0.01 平方公里,应巡 1.00 平方公里",
        "百米单元到达率 40.0%",
        "2 个社区中,到达率最高的是北社区(80.0%),最低的是南社区(20.0%)。",
        "按时完成 1,200 次,迟到完成 2 次,漏巡 4 次,待补传 1 次,任务完成率 99.7%;本期未关闭漏巡 3 次",
        "上报事件 10 件,立案 8 件;结案 17 件,应结案 18 件,结案率 94.4%;其中按期结案 9 件,按期结案率(占应结案)50.0%;"
        "超期未结 1 件",
        "数据情况:网格之外打卡 7 次,不计入面积的打卡 4 次,待核定位 5 条,首次出报后补到 2 条。",
        "本报告于 2026-11-01 00:00 首次发出,此后第 2 次修订。",
    ):
        assert part in zh
    for part in (
        "2026-11, 葵涌街道 for the plan “护校”: 1,500 check-ins (+50.0% on the period before)",
        "Coverage 50.0% (50 m estimate, between 49.0% and 51.0%), +20.0 percentage points on the period before",
        "4 missed, 1 unconfirmed",
        "17 closed of 18 due to close, closing rate 94.4%; 9 of them in time, 50.0% of those due; 1 overdue",
        "Revision 2",
    ):
        assert part in en


@pytest.mark.parametrize(
    ("before", "zh"),
    [
        (0.505, "较上期下降 0.5 个百分点(两期区间重叠,变化不明显)"),
        (0.7, "较上期下降 20.0 个百分点,到达"),
        (0.50002, "与上期持平"),
    ],
)
def test_a_change_that_is_within_the_bands_is_said_to_be_unclear(before, zh):
    assert zh in told(a_report(before=BEFORE, cells_before=cells(X=cover(before))))[0]


@pytest.mark.parametrize(
    ("changes", "zh"),
    [
        ({"check_ins": 3}, "(与上期持平)"),
        ({"check_ins": 4}, "(较上期减少 25.0%)"),
        ({"check_ins": 0}, "(上期为 0,无从比较)"),
        ({"check_ins": None}, "(上期为 n/a,无从比较)"),
        ({"coverage_ratio": None}, "较上期变化 n/a"),
    ],
)
def test_how_counts_have_grown(changes, zh):
    assert zh in told(a_report(before=BEFORE, cells_before=cells(X=changes)))[0]


def test_what_is_not_known_is_told_as_such():
    zh, en = told(a_report(*cells(X={**GONE, "patrollers": None}, N=GONE), level="all"))
    assert "参与巡查 n/a 人" in zh
    assert "到达率为 n/a:没有应巡面积" in zh
    assert "1 个无到达率(n/a)" in zh
    assert "巡查任务:n/a" in zh
    assert "事件处置:n/a" in zh
    assert en.count("n/a") == zh.count("n/a")
    assert "均无到达率(n/a)" in told(a_report(a_cell(**GONE), a_cell("2", **GONE)))[0]


@pytest.mark.parametrize(
    ("ratios", "zh", "en"),
    [
        ((0.8, 0.5, 0.2), "最高的是1(80.0%),最低的是3(20.0%)。", "coverage: 1 (80.0%); the lowest: 3 (20.0%)."),
        (
            (0.8, 0.79, 0.2), "最高的是1(80.0%)、2(79.0%)(区间重叠,分不出先后),最低的是3(20.0%)。",
            "coverage: 1 (80.0%) or 2 (79.0%) (their bands overlap: not to be told apart); the lowest: 3 (20.0%).",
        ),
        (
            (0.8, 0.3, 0.3, 0.3, 0.3), "最高的是1(80.0%),最低的分不出先后(4 个区间重叠)。",
            "coverage: 1 (80.0%); the lowest: not to be told apart (the bands of 4 overlap).",
        ),
    ],
)  # fmt: skip
def test_no_single_cell_is_named_that_cannot_be_told_from_the_next(ratios, zh, en):
    found = told(a_report(*(a_cell(str(place), str(place), **cover(each)) for place, each in enumerate(ratios, 1))))
    assert f"{len(ratios)} 个社区中,到达率{zh}" in found[0]
    assert f"the highest {en}" in found[1]


def test_where_all_bands_overlap_none_is_called_high_or_low():
    zh, en = told(a_report(*(a_cell(str(place), str(place), **cover(0.5)) for place in range(1, 5))))
    assert "4 个社区的到达率区间互相重叠,分不出高低。" in zh
    assert "4; the bands of their coverage overlap: not to be told apart." in en
    assert "最高" not in zh


@pytest.mark.parametrize("its", [cells(), []])
def test_the_days_without_data_come_first(its):
    (zh, en), whole = told(a_report(received=LATE, cells=its)), LATE.model_copy(update={"days": 31})
    assert zh.startswith("31 天中有 3 天有数据,自 2026-11-28 起;没有数据的日子不计入“连续无人到访”。\n2026年11月")
    assert en.startswith("Data on 3 of 31 days, from 2026-11-28 on; days without any do not count")
    assert told(a_report(received=whole, cells=its))[0].startswith("2026年11月")
    gaps = LATE.model_copy(update={"unheard_s": 0, "days": 30})
    assert told(a_report(received=gaps, cells=its))[0].startswith("31 天中有 30 天有数据;没有")


def test_below_a_parent_counts_add_up_and_people_do_not():
    zh, _ = told(a_report(a_cell("1"), a_cell("2")))
    assert "打卡 6 次;参与巡查 n/a 人,巡查 n/a 次,到访网格 2 次" in zh


def test_an_empty_report_is_no_error():
    zh, _ = told(a_report(cells=[], outside=None, excluded=None))
    assert "没有打卡记录" in zh
    assert "数据情况" not in zh


def test_the_period_may_be_worded_otherwise():
    zh, en = told(a_report(), period=Note(zh="本周", en="This week"))
    assert zh.startswith("本周,葵涌街道打卡")
    assert en.startswith("This week, 葵涌街道: 3")
    assert not re.search("None|nan", zh + en)
