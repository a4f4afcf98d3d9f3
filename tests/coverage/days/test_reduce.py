"""A day by hand: who was where, which visits there were, what each came to, which squares were seen, what came late."""

import math
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from shapely import Point

from gisgrid.coverage.days.find import microseconds
from gisgrid.coverage.days.reduce import NOBODY, NOWHERE, REASONS, no_day
from gisgrid.coverage.ground.levels import Ground
from gisgrid.coverage.ground.squares import Squares
from gisgrid.patrols.judge import Flag
from gisgrid.patrols.visits import Beats
from tests.coverage.worlds import NOON, ORIGIN, SETTINGS, box, on_earth, reduced, walk, world

GRID = world()
GROUND = Ground(GRID, None, SETTINGS.metric_crs)
DISC = math.pi * 2500


def at(minutes):
    return microseconds(NOON + timedelta(minutes=minutes))


def visits(day, level="substation"):
    """Return (code, start, end) of each visit in minutes after noon."""
    its = day.visits[day.visits["level"] == level]
    minutes = ((its[each] - at(0)) / 60e6 for each in ("start_us", "end_us"))
    return list(zip(its["code"], *minutes, strict=True))


def test_presence_is_counted_by_place_person_outing_and_hour():
    fixes = walk(
        *((0, 500, 500), (1, 510, 500), (61, 500, 500), (62, 500, 500), (63, -500, 500)),
        grid=GRID,
        patroller_id=[1, 1, 1, 2, 1],
        patrol_id=[7, 7, 7, None, None],
    )
    rows = reduced(GROUND, fixes).presence.to_records(index=False).tolist()
    assert rows == [  # noon is the thirteenth hour
        (NOWHERE, NOWHERE, NOWHERE, 1, NOBODY, 13, 1),
        ("X", "S", "SW", 1, 7, 12, 2),
        ("X", "S", "SW", 1, 7, 13, 1),
        ("X", "S", "SW", 2, NOBODY, 13, 1),
    ]


def test_visits_run_to_where_the_border_is_crossed():
    day = reduced(GROUND, walk((0, 900, 500), (4, 1100, 500), (8, 1100, 700), grid=GRID))
    assert visits(day) == [("SW", 0, pytest.approx(2, abs=1e-3)), ("SE", pytest.approx(2, abs=1e-3), 8)]
    assert visits(day, "community") == [("S", 0, 8)]
    assert visits(day, "street") == [("X", 0, 8)]


def test_a_silence_ends_a_visit_unless_a_heartbeat_bridges_it():
    fixes = walk((0, 500, 500), (40, 500, 500), grid=GRID)
    assert visits(reduced(GROUND, fixes)) == [("SW", 0, 0), ("SW", 40, 40)]
    for whose, bridged in ((1, [("SW", 0, 40)]), (2, [("SW", 0, 0), ("SW", 40, 40)])):
        beats = Beats(np.array([whose]), np.array([at(20)]))
        assert visits(reduced(GROUND, fixes, beats=beats)) == bridged


@pytest.mark.parametrize(
    ("x", "accuracy_m", "is_certain"), [(500, 30, True), (970, 27, True), (970, 30, False), (970, math.nan, False)]
)
def test_a_visit_is_certain_if_any_fix_of_it_is(x, accuracy_m, is_certain):
    # Φ(30 / (27 / 1.51)) = 0.953
    alone = reduced(GROUND, walk((0, x, 500), grid=GRID, accuracy_m=accuracy_m)).visits
    assert alone["is_certain"].tolist() == [True, True, is_certain]
    both = walk(
        (0, 990, 500), (1, 990, 510), (2, 990, 520), (3, x, 500), grid=GRID, accuracy_m=[40, 40, 40, accuracy_m]
    )
    assert reduced(GROUND, both).visits["is_certain"].tolist()[-1] == is_certain


def test_no_fix_across_the_border_makes_a_visit_certain():
    fixes = walk((0, 990, 500), (1, 1010, 500), (2, 990, 500), grid=GRID, accuracy_m=[40, 40, 40])
    day = reduced(GROUND, fixes)
    assert [code for code, *_ in visits(day)] == ["SW"]
    assert day.visits.set_index("level").loc["substation", "is_certain"] == np.False_


def effort(*fixes, ground=GROUND, level="substation", **given):
    found = reduced(ground, walk(*fixes, grid=GRID, **given)).visits
    its = found[found["level"] == level]
    return list(zip(its["code"], its["effort_m2"].tolist(), strict=True))


def test_the_effort_of_a_visit_is_its_own_union():
    straight = DISC + 200 * 100
    assert effort((0, 200, 500), (4, 400, 500)) == [("SW", pytest.approx(straight, rel=0.01))]
    often = [(minute, 200 + 20 * minute, 500) for minute in range(11)]
    assert effort(*often) == [("SW", pytest.approx(straight, rel=0.01))]
    there_and_back = [(0, 200, 500), (4, 400, 500), (8, 200, 500)]
    assert effort(*there_and_back) == [("SW", pytest.approx(straight, rel=0.01))]
    twice = [(0, 200, 500), (4, 400, 500), (40, 400, 500), (44, 200, 500)]
    assert effort(*twice) == [("SW", pytest.approx(straight, rel=0.01))] * 2


def test_effort_lies_on_the_ground_of_the_visits_own_cell():
    found = effort((0, 950, 500), (1, 1050, 500), (2, 1050, 500))
    assert [code for code, _ in found] == ["SW", "SE"]
    disc = Point(950, 500).buffer(50)
    assert found[0][1] == pytest.approx(disc.intersection(box(0, 0, 1000, 1000)).area, rel=0.02)
    assert found[1][1] == pytest.approx(disc.intersection(box(0, 0, 1000, 1000)).area, rel=0.02)
    masked = Ground(GRID, on_earth(box(0, 0, 500, 1000)), SETTINGS.metric_crs)
    assert effort((0, 500, 500), ground=masked) == [("SW", pytest.approx(DISC / 2, rel=0.02))]
    assert effort((0, 700, 500), ground=masked) == [("SW", 0)]


def test_what_is_left_out_of_areas_adds_no_effort_and_no_square():
    flags = [0, int(Flag.MOCK), 0, int(Flag.TELEPORT | Flag.FROZEN)]
    fixes = walk(
        *((0, 250, 250), (40, 250, 650), (80, 650, 650), (120, 750, 150)), grid=GRID, accuracy_m=[5, 5, 51, 5]
    ).assign(flags=flags)
    day = reduced(GROUND, fixes)
    its = day.visits[day.visits["level"] == "substation"]
    assert its["effort_m2"].tolist() == [pytest.approx(DISC, rel=0.02), 0, 0, 0]
    assert day.squares.tolist() == Squares.number(*np.array([[ORIGIN[0] + 250], [ORIGIN[1] + 250]])).tolist()
    assert dict(zip(REASONS, day.left_out.tolist(), strict=True)) == {
        **dict.fromkeys(REASONS, 0),
        **{"coarse": 1, "mock": 1, "teleport": 1},
    }


def test_squares_are_seen_once():
    day = reduced(GROUND, walk((0, 210, 210), (1, 290, 290), (2, 310, 290), (3, -10, 210), grid=GRID))
    x, y = np.array([[210, 310, -10], [210, 290, 210]]) + np.array(ORIGIN)[:, None]
    assert sorted(day.squares.tolist()) == sorted(Squares.number(x, y).tolist())


def test_late_is_what_came_after_the_day():
    fixes = walk((0, 500, 500), (1, 500, 500), (2, 500, 500), grid=GRID)
    midnight = NOON + timedelta(hours=12)
    received = [midnight + timedelta(hours=2), midnight - timedelta(microseconds=1), midnight]
    fixes = fixes.assign(received_at=pd.Series(received, dtype="datetime64[us, UTC]"))
    day = reduced(GROUND, fixes)
    assert day.late_us.tolist() == [microseconds(midnight), microseconds(midnight + timedelta(hours=2))]
    assert day.end_us == microseconds(midnight)


def test_a_day_without_fixes_is_one_on_which_nothing_was_sent():
    day, nothing = reduced(GROUND, walk(grid=GRID), date(2026, 11, 2)), no_day(GROUND, SETTINGS)
    for found in (day, nothing):
        assert (len(found.presence), len(found.visits), len(found.squares)) == (0, 0, 0)
        assert not found.left_out.any()
    assert list(day.presence) == list(nothing.presence)
    assert list(day.visits) == list(nothing.visits)
