import pytest

from gisgrid.patrols.plans.verdict import Shown, judge
from tests.patrols.plans.builders import a_spot


def shown(distance_m: float = 12.0, **changes: object) -> Shown:
    return Shown(**{"distance_m": distance_m, "accuracy_m": 5.0, "has_code": None, "stayed_s": 0.0, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asks", "its", "counts", "zh", "en"),
    [
        ({}, shown(), True, "有效,距离 12 米", "counts, 12 m away"),
        ({}, shown(50.0), True, "有效,距离 50 米", "counts, 50 m away"),
        ({}, shown(49.99), True, "有效,距离 49 米", "counts, 49 m away"),
        ({}, shown(87.0), False, "距离 87 米,应在 50 米以内", "87 m away, radius 50 m"),
        ({}, shown(50.2, accuracy_m=0), False, "距离 51 米,应在 50 米以内", "51 m away, radius 50 m"),
        (
            {},
            shown(87.0, accuracy_m=40.0),
            False,
            "距离 87 米,误差 40 米,应在 50 米以内,无法确认到位;请走近些再打卡",
            "87 ± 40 m away, radius 50 m: it cannot be told; go closer and check in again",
        ),
        ({}, shown(80.0, accuracy_m=None), False, "误差 30 米", "80 ± 30 m away"),  # which tells nothing of itself
        ({}, shown(80.1, accuracy_m=None), False, "距离 81 米,应在", "81 m away, radius"),
        ({}, shown(12.0, accuracy_m=900.0), True, "有效", "counts"),
        ({"needs_code": True}, shown(), False, "请输入或扫描现场的打卡码", "type or scan the code"),
        ({"needs_code": True}, shown(has_code=False), False, "打卡码不对或已过期", "wrong or outdated code"),
        ({"needs_code": True}, shown(has_code=True), True, "有效", "counts"),
        ({"needs_code": True}, shown(87.0, has_code=False), False, "距离 87 米", "87 m away"),  # first of all there
        ({}, shown(has_code=False), True, "有效", "counts"),  # nobody asked for one
        ({"dwell_s": 600}, shown(), False, "请再停留 10 分钟后打卡", "stay 10 more minutes"),
        ({"dwell_s": 600}, shown(stayed_s=539.0), False, "请再停留 2 分钟", "stay 2 more minutes"),
        ({"dwell_s": 600}, shown(stayed_s=540.0), False, "请再停留 1 分钟", "stay 1 more minute and"),
        ({"dwell_s": 600}, shown(stayed_s=600.0), True, "有效", "counts"),
        ({"dwell_s": 600, "needs_code": True}, shown(), False, "请输入或扫描", "type or scan"),
    ],
)  # fmt: skip
def test_it_says_whether_it_counts_and_why_not(
    asks: dict[str, object], its: Shown, counts: bool, zh: str, en: str
) -> None:
    verdict = judge(a_spot(**asks), its)
    assert (verdict.counts, zh in verdict.zh, en in verdict.en) == (counts, True, True), verdict
    assert (verdict.distance_m, verdict.radius_m) == (its.distance_m, 50.0)
