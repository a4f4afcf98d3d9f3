from zoneinfo import ZoneInfo

import pandas as pd
import pytest
import shapely

from gisgrid.maps.layers import Features
from gisgrid.maps.points import COLOURS, OTHERS, faults, fixes_of, incident_classes, local_time, marks_of, track
from tests.maps.builders import Fault, fixes

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("seconds", "lines"),
    [
        ((0, 60, 120), {"track": 0.002}),
        ((0, 300, 601), {"track": 0.001, "silence": 0.001}),
        ((0, 1000), {"silence": 0.001}),
    ],
)
def test_a_track_is_dotted_over_silences(seconds: tuple[float, ...], lines: dict[str, float]) -> None:
    drawn = {made["properties"]["css"].split()[0]: made for made in drawn_track(fixes(*seconds)).features}
    assert {css: round(shapely.geometry.shape(made["geometry"]).length, 6) for css, made in drawn.items()} == lines


def drawn_track(frame: pd.DataFrame, colour: int = 0, length_m: float = 1000) -> Features:
    return track(frame, colour, gap_s=300, length_m=length_m)


@pytest.mark.parametrize(("length_m", "css"), [(101, "silence p0 patrol-0"), (104, "track p0 patrol-0")])
def test_a_track_is_dotted_over_leaps(length_m: float, css: str) -> None:
    # a thousandth of a degree of longitude is 102.8 m at 22.6° N
    (made,) = drawn_track(fixes(0, 60), length_m=length_m).features
    assert made["properties"]["css"] == css


def test_colours_go_round() -> None:
    assert drawn_track(fixes(0, 60), COLOURS + 1).features[0]["properties"]["css"] == f"track p1 patrol-{COLOURS + 1}"


def test_a_fix_tells_its_local_time_and_accuracy() -> None:
    frame = fixes(0, 60).assign(accuracy_m=[8.4, float("nan")])
    told = [made["properties"] for made in fixes_of(frame, 0, ZONE).features]
    assert [item["title"] for item in told] == ["2026-11-01 08:00:00", "2026-11-01 08:01:00"]
    assert [item["rows"][0][1] for item in told] == ["±8 m", "未知 unknown"]


def test_marks_are_the_ends_and_the_number_on_the_way() -> None:
    start, number, end = marks_of(fixes(0, 60, 120), 6, 0.5, ZONE).features
    assert [made["properties"]["css"] for made in (start, number, end)] == [
        f"{css} p0 patrol-6" for css in ("start", "number", "end")
    ]
    assert [made["properties"]["sign"] for made in (start, number, end)] == ["起", "7", "7"]
    assert [made["geometry"]["coordinates"][0] for made in (start, number, end)] == [114.4, 114.401, 114.402]


def test_incident_classes_have_letters_of_their_own_and_the_rare_share_a_colour() -> None:
    names = ["公共治安"] * 3 + ["公用设施"] * 2 + ["消防", "信访", "纠纷", "卫生", "其他", "其他类", *"甲乙丙丁"]
    made = incident_classes(pd.Series(names))
    assert [made[name].sign for name in ("公共治安", "公用设施", "消防")] == ["公", "用", "消"]
    assert len({item.sign for item in made.values()}) == len(made) == 12
    assert [made[name].css for name in ("公共治安", "公用设施")] == ["p0", "p1"]
    assert made["公共治安"].count == 3
    forms = [item.css for item in made.values()]
    assert forms[5:] == [*(f"p{number} round" for number in range(5)), OTHERS, OTHERS]
    assert len(set(forms[:10])) == 10


def test_faults_without_a_place_keep_their_number() -> None:
    shapes, marks = faults(
        [Fault("缺"), Fault("叠", geometry=shapely.box(0, 0, 1, 1)), Fault("空", geometry=shapely.Point())]
    )
    assert [made["properties"]["sign"] for made in marks.features] == ["2"]
    assert len(shapes.features) == 1


def test_local_time_of_nothing_is_empty() -> None:
    assert local_time(pd.NaT, ZONE) == ""
