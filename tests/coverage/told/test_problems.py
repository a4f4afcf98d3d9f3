from datetime import timedelta

import pytest

from gisgrid.coverage.told.handed import Handed, OpenGap, OverdueIncident, SilentDevice, named
from gisgrid.coverage.told.next_steps import STEPS, next_steps
from gisgrid.coverage.told.problems import problems
from tests.coverage.reports import BEFORE, LATE, PERIOD, START, a_report, cells, cover

END = PERIOD.end
LATER = END + timedelta(days=9)
NONE = Handed()
HANDED = Handed(
    gaps=[OpenGap("码头", "东北站", "日巡", START, is_overdue=True), OpenGap("学校", "西南站", "日巡", START)],
    silent=[SilentDevice("D-1", "东北站", None)],
    overdue=[OverdueIncident("7", "垃圾", "西南站", START)],
)


def found(handed=NONE, until=LATER, received=None, **changes):
    report = a_report(*cells(**changes), level="all", received=received) if changes else a_report()
    return {each.kind: each.told.zh for each in problems(report, handed, until)}


def test_nothing_wrong_is_no_problem():
    assert found() == {}
    assert next_steps([]) == []


def test_what_is_handed_in_is_told():
    assert found(HANDED) == {
        "gaps": "未关闭漏巡(含以往)2 次,其中 1 处已超期:码头、学校。",
        "silent": "静默设备 1 台:D-1;其时段内的漏巡未必属实。",
        "overdue": "超期事件 1 件:西南站。",
    }


@pytest.mark.parametrize(
    ("kind", "changes", "zh"),
    [
        (
            "unseen", {"NW": {"check_ins": 0}, "SW": {"seen_last_at": END - timedelta(days=4)}},
            "2 个网格已 3 天以上未见打卡:西北站、西南站(11-27)。",
        ),
        ("missed", {"NW": {"rounds_missed": 1}, "SW": {"rounds_missed": 5}}, "漏巡 6 次:西南站 5 次、西北站 1 次。"),
        ("missed", {"X": {"rounds_missed": 9}, "SW": {"rounds_missed": 5}}, "漏巡 9 次:西南站 5 次。"),
        (
            "idle", {"NW": {"worst_idle_s": 72 * 3600}, "SW": {"worst_idle_s": 100.4 * 3600}},
            "2 个网格曾连续 72 小时以上无人到访,最长的是西南站,100 小时。",
        ),
        (
            "closing", {"NW": {"closing_ratio": 0.5}, "SW": {"closing_ratio": 0.9}},
            "1 个网格结案率低于 90%:西北站(50.0%)。",
        ),
        (
            "closing", {"NW": {"closing_ratio": 0.5, "closed": 2, "overdue": 2}, "X": {"overdue": 0}},
            "1 个网格结案率低于 90%:西北站(50.0%,2/4)。",
        ),
        ("overdue", {"X": {"overdue": 2}, "SW": {"overdue": 2}}, "超期事件 2 件:西南站。"),
    ],
)  # fmt: skip
def test_what_the_figures_show(kind, changes, zh):
    assert found(**changes) == {kind: zh}


def test_only_a_clear_fall_is_told():
    before = cells(NE=cover(0.91), SW=cover(0.5), N=cover(0.99))
    report = a_report(before=BEFORE, cells_before=before)
    (problem,) = problems(report, Handed(), LATER)
    assert problem.told.zh == "1 个网格到达率较上期明显下降:西南站(−30.0 个百分点)。"


def test_a_period_that_is_not_over_is_judged_up_to_now():
    seen = {code: {"seen_last_at": START + timedelta(days=5)} for code in ("NE", "NW", "SW")}
    assert found(until=START + timedelta(days=6), **seen) == {}
    assert found(until=START + timedelta(days=2), NW={"check_ins": 0}) == {}
    assert "unseen" in found(until=START + timedelta(days=8), **seen)


HOURS = LATE.unheard_s / 3600


@pytest.mark.parametrize(
    ("changes", "zh"),
    [
        ({"NW": {"worst_idle_s": 719 * 3600, "check_ins": 0}}, {}),
        (
            {"NW": {"worst_idle_s": (HOURS + 72) * 3600}, "SW": {"worst_idle_s": (HOURS + 71.9) * 3600}},
            {"idle": "1 个网格曾连续 72 小时以上无人到访(没有数据的日子不计),最长的是西北站,72 小时。"},
        ),
    ],
)
def test_nobody_is_missing_while_nothing_was_received(changes, zh):
    assert found(received=LATE, **changes) == zh
    assert found(received=LATE.model_copy(update={"since": None}), NW={"check_ins": 0}) == {}
    early = LATE.model_copy(update={"since": END - timedelta(days=3)})
    assert found(received=early, NW={"check_ins": 0}) == {"unseen": "1 个网格已 3 天以上未见打卡:西北站。"}


@pytest.mark.parametrize(("held", "is_told"), [(0, False), (None, False), (1, True)])
def test_too_large_a_share_in_quarantine(held, is_told):
    told = problems(a_report(quarantined=held), Handed(), LATER)
    assert [each.kind for each in told] == ["quarantined"] * is_told
    if told:
        assert told[0].told.zh == "待核定位 1 条,占全部来数的 9.1%,尚未计入。"


def test_each_problem_has_a_step():
    report = a_report(
        *cells(
            NW={"check_ins": 0, "rounds_missed": 1, "worst_idle_s": 1e6, "closing_ratio": 0.1},
        ),
        level="all",
        before=BEFORE,
        cells_before=cells(SW=cover(0.5)),
        quarantined=9,
    )
    told = problems(report, HANDED, LATER)
    assert {each.kind for each in told} == set(STEPS)
    steps = next_steps(told)
    assert len(steps) == len(told)
    assert steps[0].zh == "逐处到访或书面说明未关闭漏巡:码头、学校。"
    assert all("{" not in step.zh + step.en for step in steps)


def test_few_are_named_and_the_rest_counted():
    assert named(["甲", "乙", "甲"]).zh == "甲、乙"
    told = named(str(number) for number in range(9))
    assert (told.zh, told.en) == ("0、1、2、3、4、5等 9 处", "0, 1, 2, 3, 4, 5 and 3 more")
    assert named(["{}"]).zh == "{}"
