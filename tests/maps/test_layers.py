import json

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.maps.assets import script_json
from gisgrid.maps.layers import borders, feature, labels, land, short_name
from tests.maps.builders import HOSTILE, cells


@given(st.text() | st.sampled_from(HOSTILE))
def test_script_json_reads_back_and_cannot_leave_its_element(text: str) -> None:
    written = script_json({"text": text})
    assert "<" not in written
    assert json.loads(written) == {"text": text}


def test_script_json_refuses_what_is_no_json() -> None:
    with pytest.raises(ValueError, match="JSON"):
        script_json(float("nan"))


def test_a_feature_is_rounded_and_leaves_out_what_is_missing() -> None:
    made = feature(shapely.Point(114.123456789, 22.987654321), css="x", title="t", text=None)
    assert made["geometry"]["coordinates"] == (114.123457, 22.987654)
    assert made["properties"] == {"css": "x", "title": "t"}


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("石下工作分站", "石下"),
        ("葵涌社区居委会", "葵涌社区"),
        ("坝光社区", "坝光社区"),
        ("工作分站", "工作分站"),
        ("", ""),
    ],
)
def test_short_name(name: str, short: str) -> None:
    assert short_name(name) == short


def test_cells_without_geometry_are_left_out() -> None:
    frame = cells()
    frame.loc[frame["code"] == "1A", "geometry"] = None
    frame.loc[frame["code"] == "1B", "geometry"] = shapely.Polygon()
    assert len(labels(frame).features) == len(frame) - 2


def test_land_is_the_uppermost_level_there_is() -> None:
    frame = cells()
    assert len(land(frame).features) == 1
    assert len(land(frame[frame["level"] == "substation"]).features) == 4


def test_a_shared_border_is_drawn_once() -> None:
    (made,) = borders(cells(), "community").features
    # round both, 0.04 wide and 0.02 high, and once between them
    assert shapely.geometry.shape(made["geometry"]).length == pytest.approx(2 * 0.04 + 3 * 0.02)


def test_borders_of_a_level_that_is_not_there() -> None:
    assert borders(cells().query("level == 'street'"), "community").features == []
