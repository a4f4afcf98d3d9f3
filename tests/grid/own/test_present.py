"""What is drawn of a layer at a place and a zoom."""

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from gisgrid.database import session_scope
from gisgrid.grid.own import present
from gisgrid.grid.own.present import drawn, fitted
from gisgrid.parameters import Box
from tests.grid.own.builders import X, Y, put, put_addresses

HERE = Box(X - 0.01, Y - 0.01, X + 0.01, Y + 0.01)


def test_what_lies_in_the_box(engine: Engine) -> None:
    far = shapely.LineString([(X + 1, Y + 1), (X + 2, Y + 1)])
    across = shapely.LineString([(X - 1, Y), (X + 1, Y)])
    put(engine, "roads", [across, far], ["甲路", "乙路"])
    with session_scope(engine) as session:
        found = drawn(session, "roads", HERE, 24)
        assert found.matched == 1
        (road,) = found.features
        assert road["properties"] == {"name": "甲路"}
        assert shapely.geometry.shape(road["geometry"]).bounds == pytest.approx((HERE.west, Y, HERE.east, Y), abs=1e-6)
        assert drawn(session, "roads", None, 24).matched == 2


def test_more_than_a_page_can_draw_is_counted_and_not_given(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    put_addresses(engine, *(f"甲路{number}号" for number in range(5)))
    monkeypatch.setattr(present, "MOST", 4)
    with session_scope(engine) as session:
        assert drawn(session, "addresses", HERE, 18) == ([], 5)
        assert len(drawn(session, "addresses", Box(X - 1e-5, Y - 1e-5, X + 3.5e-4, Y + 1e-5), 18).features) == 4


def test_a_line_is_as_fine_as_the_zoom_shows() -> None:
    wavy = shapely.LineString([(X + at * 1e-4, Y + (at % 2) * 1e-6) for at in range(101)])
    points = {zoom: len(fitted(np.array([wavy]), HERE, zoom)[0].coords) for zoom in (10, 14, 24)}
    assert (points[10], points[14], points[24]) == (2, 2, 101)


def test_areas_too_small_to_be_seen_are_left_out() -> None:
    houses = np.array([shapely.box(X, Y, X + side, Y + side) for side in (1e-4, 1e-3)])
    assert [[bool(house.is_empty) for house in fitted(houses, HERE, zoom)] for zoom in (10, 12, 24)] == [
        *([True, False], [True, False]),
        [False, False],
    ]
    assert len(fitted(np.array([], dtype=object), HERE, 10)) == 0


@example([(0.0, 0.0), (5e-324, 0.0), (1e-320, 5e-324)], (-0.5, -0.5), 3)
@given(
    st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=2, max_size=6),
    st.tuples(st.floats(-180, 179), st.floats(-90, 89)),
    st.integers(0, 24),
)
@settings(max_examples=60, deadline=None)
def test_nothing_reaches_out_of_the_box(
    line: list[tuple[float, float]], corner: tuple[float, float], zoom: int
) -> None:
    box = Box(*corner, corner[0] + 1, corner[1] + 1)
    (found,) = fitted(np.array([shapely.LineString(line)]), box, zoom)
    if not found.is_empty:
        west, south, east, north = found.bounds
        assert box.west - 1e-6 <= west <= east <= box.east + 1e-6
        assert box.south - 1e-6 <= south <= north <= box.north + 1e-6
