"""The brute force itself, in worlds where every figure can be worked out in the head: four squares of 1 km.

NW | NE      community N
SW | SE      community S; the street is all four, and (0, 0) its south-western corner
"""

import math
from datetime import timedelta

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from pyproj import Transformer

from tests.coverage.brute.figures import all_figures, counts, figures
from tests.coverage.brute.shares import demand_match, evenness, gaps, idleness
from tests.coverage.brute.visits import Visit, is_certain, visits_of
from tests.coverage.brute.world import METRIC, World, days_from, local

CORNER = (545_000.0, 2_502_000.0)
SQUARES = {"SW": (0, 0), "SE": (1000, 0), "NW": (0, 1000), "NE": (1000, 1000)}
TO_DEGREES = Transformer.from_crs(METRIC, "EPSG:4326", always_xy=True)
DISC = math.pi * 2500
NOON = local("2026-11-02", "12:00:00")
DAY = days_from("2026-11-02", 1)


def level(**boxes):
    parents = {code: (None if code == "X" else "X" if len(code) == 1 else code[0]) for code in boxes}
    shapes = [shapely.transform(shapely.box(*box), lambda xy: xy + CORNER) for box in boxes.values()]
    frame = pd.DataFrame({"code": list(boxes), "parent_code": list(parents.values())})
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=METRIC)


CELLS = {
    "street": level(X=(0, 0, 2000, 2000)),
    "community": level(N=(0, 1000, 2000, 2000), S=(0, 0, 2000, 1000)),
    "substation": level(**{code: (x, y, x + 1000, y + 1000) for code, (x, y) in SQUARES.items()}),
}


def fix(minute, x, y, who=1, patrol=None, accuracy=5.0, reasons=(), start=NOON):
    """Return a fix of (minute, x, y), metres from the corner."""
    at = [code for code, (west, south) in SQUARES.items() if 0 <= x - west < 1000 and 0 <= y - south < 1000]
    codes = ("X", at[0][0], at[0]) if at else (None, None, None)
    longitude, latitude = TO_DEGREES.transform(x + CORNER[0], y + CORNER[1])
    return {
        "patroller_id": who,
        "patrol_id": patrol,
        "fix_at": start + timedelta(minutes=minute),
        "longitude": longitude,
        "latitude": latitude,
        "accuracy_m": accuracy,
        "reasons": frozenset(reasons),
        **dict(zip(("street_code", "community_code", "substation_code"), codes, strict=True)),
    }


def world(*fixes, period=DAY, **given):
    columns = list(fix(0, 0, 0))
    return World(pd.DataFrame(list(fixes), columns=columns), CELLS, period, **given)


def of(name, *fixes, at="substation", **given):
    """Return one figure of the cells where it is neither 0 nor n/a."""
    found = figures(world(*fixes, **given), at)[name]
    return found[found.fillna(0) != 0].to_dict()


def test_a_stay_of_ten_minutes_in_one_place():
    found = figures(world(fix(0, 550, 550), fix(10, 550, 550)), "substation").loc["SW"]
    assert found[["check_ins", "patrollers", "patrols", "visits", "certain_visits"]].tolist() == [2, 1, 0, 1, 1]
    assert found["dwell_s"] == 600
    assert found["covered_area_m2"] == pytest.approx(DISC, rel=2e-4)
    assert found["coverage_ratio"] == pytest.approx(DISC / 1e6, rel=2e-4)
    assert found["coverage_low"] == pytest.approx(math.pi * 45**2 / 1e6, rel=2e-4)
    assert found["coverage_high"] == pytest.approx(math.pi * 55**2 / 1e6, rel=2e-4)
    assert found["effort_m2"] == pytest.approx(DISC, rel=2e-4)
    assert found["redundancy"] == pytest.approx(1)
    assert found[["seen_squares", "patrollable_squares"]].tolist() == [1, 100]
    assert found["share_in_band"] == 1
    assert found["worst_idle_s"] == 43_200
    assert found["idleness_s"] == pytest.approx((43_200**2 + 42_600**2) / (2 * 86_400))


def test_a_straight_walk():
    """900 m along y = 500 in 9 fixes, 3 minutes apart: one sausage of 800 m."""
    walk = [fix(3 * number, 100.5 + 100 * number, 500.5) for number in range(9)]
    found = figures(world(*walk), "substation").loc["SW"]
    assert found["covered_area_m2"] == pytest.approx(800 * 100 + DISC, rel=1e-4)
    assert found["effort_m2"] == pytest.approx(found["covered_area_m2"])
    assert found["seen_squares"] == 9
    assert found["square_ratio"] == 0.09
    assert found["dwell_s"] == 24 * 60
    assert found["share_in_band"] == 0


def test_a_band_is_neither_too_late_nor_too_long():
    assert of("covered_area_m2", fix(0, 200, 500), fix(5, 400, 500))["SW"] == pytest.approx(DISC + 20_000, rel=1e-4)
    assert of("covered_area_m2", fix(0, 200, 500), fix(5.1, 400, 500))["SW"] == pytest.approx(2 * DISC, rel=2e-4)
    far = of("covered_area_m2", fix(0, 500, 200), fix(5, 500, 1201))
    assert far == pytest.approx({"SW": DISC, "NW": DISC}, rel=2e-4)


def test_a_band_joins_fixes_of_one_outing_only():
    apart = of("covered_area_m2", fix(0, 200, 500, patrol=1), fix(2, 400, 500, patrol=2))
    assert apart["SW"] == pytest.approx(2 * DISC, rel=2e-4)


def test_a_band_over_a_fix_that_is_left_out_joins_its_neighbours():
    for doubt in ({"accuracy": 99.0}, {"reasons": {"mock"}}):
        found = of("covered_area_m2", fix(0, 200, 500), fix(2, 300, 800, **doubt), fix(4, 400, 500))
        assert found["SW"] == pytest.approx(DISC + 20_000, rel=1e-4)


def test_a_band_is_as_vague_as_its_coarser_end():
    found = figures(world(fix(0, 200, 500, accuracy=5), fix(1, 400, 500, accuracy=20)), "substation").loc["SW"]
    wide = 200 * 140 + math.pi * 70**2
    assert found["coverage_high"] * 1e6 == pytest.approx(wide, rel=1e-4)
    narrow = 200 * 60 + math.pi * 30**2
    bulge = 0.5 * math.pi * 45**2 + 45**2 * math.asin(30 / 45) + 30 * math.sqrt(45**2 - 30**2)
    overlap = 0.5 * math.pi * 30**2 + 45**2 * math.asin(30 / 45) + 30 * math.sqrt(45**2 - 30**2)
    assert bulge > overlap
    assert found["coverage_low"] * 1e6 == pytest.approx(narrow + math.pi * 45**2 - overlap, rel=1e-3)


def test_a_walk_over_the_border_is_cut_where_it_crosses():
    walk = (fix(0, 900, 500), fix(5, 1100, 500), fix(10, 1100, -100))
    assert of("visits", *walk) == {"SW": 1, "SE": 1}
    assert of("dwell_s", *walk) == pytest.approx({"SW": 150, "SE": 150 + 250}, abs=1e-3)
    assert of("dwell_s", *walk, at="community") == pytest.approx({"S": 550}, abs=1e-3)
    assert counts(world(*walk), "street", None) == {"check_ins": 1, "patrollers": 1, "patrols": 0}
    assert of("covered_area_m2", fix(0, 999, 1001)) == pytest.approx(dict.fromkeys(SQUARES, DISC / 4), abs=110)


def test_a_neighbour_too_long_ago_crosses_nowhere():
    assert of("dwell_s", fix(0, 900, 500), fix(31, 1100, 500), fix(33, 1100, 500)) == {"SE": 120}
    beats = tuple((1, NOON + timedelta(minutes=minute)) for minute in (10, 20))
    bridged = (fix(0, 900, 500), fix(31, 800, 500))
    assert of("visits", *bridged) == {"SW": 2}
    assert of("visits", *bridged, beats=beats) == {"SW": 1}
    assert of("dwell_s", *bridged, beats=beats) == {"SW": 31 * 60}
    assert of("visits", *bridged, beats=((2, beats[0][1]),)) == {"SW": 2}


@pytest.mark.parametrize(
    ("there", "visits"),
    [
        ([{"accuracy": 30.0}], {"SW": 1}),
        ([{"accuracy": math.nan}], {"SW": 1}),
        ([{"accuracy": 27.0}], {"SW": 2, "SE": 1}),
        ([{"accuracy": 99.0}, {"accuracy": 99.0}], {"SW": 2, "SE": 1}),
    ],
)
def test_a_visit_ends_at_a_sure_fix_elsewhere_or_at_the_second_one(there, visits):
    """30 m over the border: Φ(30 / (30 / 1.51)) = 0.934, Φ(30 / (27 / 1.51)) = 0.953."""
    doubted = [fix(2 + number, 1030, 500, **given) for number, given in enumerate(there)]
    assert of("visits", fix(0, 950, 500), *doubted, fix(8, 950, 500)) == visits


def test_vague_fixes_in_two_cells_in_turn_are_not_two_in_a_row():
    doubted = [fix(2, 1010, 980, accuracy=40), fix(3, 990, 1010, accuracy=40)]
    assert of("visits", fix(0, 950, 950), *doubted, fix(5, 950, 950)) == {"SW": 1}


def test_a_visit_is_certain_when_one_of_its_fixes_is():
    assert of("certain_visits", fix(0, 990, 500, accuracy=20), fix(1, 985, 500, accuracy=20)) == {}
    assert of("certain_visits", fix(0, 990, 500, accuracy=20), fix(1, 960, 500, accuracy=20)) == {"SW": 1}
    here = {"x": 10.0, "y": 500.0, "accuracy_m": 0.0}
    assert is_certain(here, shapely.box(0, 0, 1000, 1000))
    assert not is_certain({**here, "x": 0.0}, shapely.box(0, 0, 1000, 1000))


def test_a_night_is_two_days():
    """From 23:50 to 0:10 by the local clock: what is in between belongs to neither day."""
    night = local("2026-11-02", "23:50:00")
    walk = [fix(4 * number, 300 + 20 * number, 500, start=night) for number in range(6)]
    two = days_from("2026-11-02", 2)
    assert of("visits", *walk, period=two) == {"SW": 2}
    assert of("dwell_s", *walk, period=two) == {"SW": (8 + 8) * 60}
    found = figures(world(*walk, period=two), "substation").loc["SW"]
    sausages = shapely.union_all(
        [shapely.LineString([(300 + 60 * part, 0), (340 + 60 * part, 0)]).buffer(50, 64) for part in (0, 1)]
    )
    assert found["covered_area_m2"] == pytest.approx(sausages.area, rel=1e-4)
    assert found["redundancy"] == pytest.approx(2 * (40 * 100 + DISC) / sausages.area, rel=1e-3)
    each = [of("dwell_s", *walk, period=days_from(day, 1))["SW"] for day in ("2026-11-02", "2026-11-03")]
    assert each == [480, 480]


def test_the_mask_is_what_counts():
    mask = shapely.transform(shapely.box(0, 0, 550, 1000), lambda xy: xy + CORNER)
    found = figures(world(fix(0, 550, 510), fix(0, 950, 510), mask=mask), "substation")
    assert found.loc["SW", "covered_area_m2"] == pytest.approx(DISC / 2, rel=1e-3)
    assert found.loc["SW", "patrollable_area_m2"] == pytest.approx(550_000)
    assert found.loc["SW", ["seen_squares", "patrollable_squares"]].tolist() == [1, 60]
    assert found.loc["NE", ["coverage_ratio", "square_ratio", "redundancy"]].isna().all()
    assert found.loc["NE", "check_ins"] == 0


def test_an_empty_period():
    found = figures(world(), "community")
    zero = ["check_ins", "patrollers", "patrols", "visits", "dwell_s", "covered_area_m2", "coverage_high", "effort_m2"]
    assert (found[zero] == 0).all(axis=None)
    nothing = ["redundancy", "idleness_s", "worst_idle_s", "share_in_band"]
    assert found[nothing].isna().all(axis=None)
    assert all_figures(world())["street"][["evenness", "demand_match"]].isna().all(axis=None)


def stayed(*minutes):
    return [Visit("A", 1, [], NOON + timedelta(minutes=begin), NOON + timedelta(minutes=end)) for begin, end in minutes]


def test_idleness():
    end = NOON + timedelta(minutes=60)
    assert gaps(stayed((10, 20), (30, 30)), NOON, end) == [600, 600, 1800]
    assert gaps(stayed((0, 40), (10, 20)), NOON, end) == [1200]
    assert idleness(stayed((30, 30)), NOON, end) == (900, 1800)
    assert idleness(stayed((0, 60)), NOON, end) == (0, 0)
    assert all(map(math.isnan, idleness([], NOON, end)))


def test_a_period_that_is_not_over_ends_now():
    half = {"now": NOON + timedelta(hours=1)}
    assert of("worst_idle_s", fix(0, 500, 500), **half)["SW"] == 43_200
    assert of("idleness_s", fix(0, 500, 500), **half)["SW"] == pytest.approx((43_200**2 + 3600**2) / (2 * 46_800))


def test_shares():
    assert evenness([1, 1, 1]) == 0
    assert evenness([0, 0, 5]) == pytest.approx(1)
    assert evenness([1, 3]) == pytest.approx(0.5)
    assert math.isnan(evenness([3]))
    assert math.isnan(evenness([0, 0]))
    assert demand_match([1, 1], [2, 2]) == 1
    assert demand_match([1, 0], [0, 1]) == 0
    assert demand_match([3, 1], [1, 1]) == pytest.approx(0.75)
    assert math.isnan(demand_match([0, 0], [1, 1]))


def test_a_parent_is_as_even_as_its_children():
    stays = (fix(0, 500, 500), fix(10, 500, 500), fix(0, 1500, 500, who=2), fix(30, 1500, 500, who=2))
    found = all_figures(world(*stays, incidents={"SW": 1, "SE": 1}))
    shares = {level: cells[["evenness", "demand_match"]] for level, cells in found.items()}
    assert shares["community"].loc["S"].tolist() == pytest.approx([0.5, 0.75])
    assert shares["community"].loc["N"].isna().all()
    assert shares["street"].loc["X", "evenness"] == 1
    assert shares["substation"].isna().all(axis=None)


def test_visits_know_whose_they_are():
    both = world(fix(0, 500, 500), fix(0, 1500, 500, who=2), fix(5, 500, 500))
    assert [(visit.patroller_id, visit.code, len(visit.fixes)) for visit in visits_of(both, "substation")] == [
        (1, "SW", 2),
        (2, "SE", 1),
    ]
