import math
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gisgrid.coverage.days.reduce import REASONS
from gisgrid.coverage.ground.levels import Ground
from gisgrid.coverage.measure import COUNTS
from gisgrid.geometry import points_to_metric
from gisgrid.grid.tables import LEVELS
from tests.coverage.worlds import SETTINGS, SQUARES, box, measure_all, metric, on_earth, walk, world
from tests.doses import dose

GRID = world()
DISC = math.pi * 2500


def ground(mask=None, grid=GRID):
    return Ground(grid, None if mask is None else on_earth(mask), SETTINGS.metric_crs)


WHOLE = ground()


def figures(fixes, level="substation", on=WHOLE):
    return measure_all((on, fixes))[level]


def by_code(found, *names):
    """Return columns of the figures as {code: value} or {code: (value, …)}, without the rows that are all zero."""
    rows = found.cells.set_index("code")[list(names)]
    rows = rows[rows.any(axis=1)]
    if len(names) == 1:
        return rows[names[0]].to_dict()
    return dict(zip(rows.index, rows.itertuples(index=False, name=None), strict=True))


def test_a_stay_in_one_square():
    found = figures(walk((0, 500, 500), (10, 500, 500), grid=GRID, patrol_id=3))
    assert by_code(found, "check_ins", "patrollers", "patrols", "visits", "dwell_s") == {"SW": (2, 1, 1, 1, 600)}
    assert by_code(found, "covered_area_m2") == {"SW": pytest.approx(DISC, abs=50)}
    assert by_code(found, "coverage_ratio") == {"SW": pytest.approx(DISC / 1e6, abs=5e-5)}
    assert found.outside == {"check_ins": 0, "patrollers": 0, "patrols": 0}
    assert found.excluded == dict.fromkeys(REASONS, 0)
    assert found.cells["area_m2"].tolist() == pytest.approx([1e6] * 4, rel=1e-6)
    assert found.cells["patrollable_area_m2"].tolist() == found.cells["area_m2"].tolist()


def test_a_walk_from_one_square_to_the_next_and_out():
    fixes = walk((0, 900, 500), (5, 1100, 500), (10, 1100, -100), grid=GRID)
    found = figures(fixes)
    assert by_code(found, "check_ins") == {"SW": 1, "SE": 1}
    assert by_code(found, "visits", "dwell_s") == {"SW": (1, 150), "SE": (1, 150 + 250)}
    assert found.outside == {"check_ins": 1, "patrollers": 1, "patrols": 0}
    west = DISC / 2 + 100 * 100
    legs = shapely.MultiLineString([[(900, 500), (1100, 500)], [(1100, 500), (1100, -100)]]).buffer(50)
    east = (legs & shapely.box(1000, 0, 2000, 1000)).area
    assert by_code(found, "covered_area_m2") == {"SW": pytest.approx(west, abs=100), "SE": pytest.approx(east, abs=150)}


def test_each_level_is_measured_on_its_own_ground():
    fixes = walk((0, 900, 500), (5, 1100, 500), (10, 1100, 1100), grid=GRID, patroller_id=[1, 1, 1])
    assert by_code(figures(fixes, "substation"), "visits", "dwell_s", "patrollers") == {
        "SW": (1, 150, 1),
        "SE": (1, 400, 1),
        "NE": (1, 50, 1),
    }
    assert by_code(figures(fixes, "community"), "visits", "dwell_s", "patrollers") == {
        "S": (1, 550, 1),
        "N": (1, 50, 1),
    }
    assert by_code(figures(fixes, "street"), "visits", "dwell_s", "patrollers") == {"X": (1, 600, 1)}


def test_a_disc_on_a_corner_reaches_all_four_and_counts_in_one():
    found = figures(walk((0, 999, 1001), grid=GRID))
    assert by_code(found, "check_ins") == {"NW": 1}
    assert by_code(found, "covered_area_m2") == dict.fromkeys(sorted(SQUARES), pytest.approx(DISC / 4, abs=160))


def test_outside_counts_where_it_reaches():
    found = figures(walk((0, -10, 500), grid=GRID))
    assert found.outside["check_ins"] == 1
    assert by_code(found, "check_ins") == {}
    assert list(by_code(found, "covered_area_m2")) == ["SW"]


def test_coarse_fixes_count_as_check_ins_but_reach_nothing():
    fixes = walk((0, 500, 500), (1, 500, 500), (2, 1500, 500), grid=GRID, accuracy_m=[50, math.nan, 50.1])
    found = figures(fixes)
    assert found.excluded == {**dict.fromkeys(REASONS, 0), "coarse": 1}
    assert by_code(found, "check_ins") == {"SW": 2, "SE": 1}
    assert list(by_code(found, "covered_area_m2")) == ["SW"]


def test_no_band_over_a_coarse_fix_left_out_further_than_its_neighbours_allow():
    near = walk((0, 200, 500), (2, 300, 500), (4, 400, 500), grid=GRID, accuracy_m=[5, 99, 5])
    assert by_code(figures(near), "covered_area_m2") == {"SW": pytest.approx(DISC + 200 * 100, abs=100)}
    late = walk((0, 200, 500), (3, 300, 500), (6, 400, 500), grid=GRID, accuracy_m=[5, 99, 5])
    assert by_code(figures(late), "covered_area_m2") == {"SW": pytest.approx(2 * DISC, abs=100)}


def test_a_vague_fix_across_the_border_is_no_visit():
    steps = [(0, 950, 500), (2, 1030, 500), (4, 950, 500)]
    assert by_code(figures(walk(*steps, grid=GRID, accuracy_m=30)), "visits") == {"SW": 1}
    # 30 m inside with an accuracy of 27 m: Φ(30 / (27 / 1.51)) = 0.953
    assert by_code(figures(walk(*steps, grid=GRID, accuracy_m=27)), "visits") == {"SW": 2, "SE": 1}


def test_a_vague_fix_outside_all_is_judged_by_the_outer_border():
    steps = [(0, 50, 500), (2, -30, 500), (4, 50, 500)]
    assert by_code(figures(walk(*steps, grid=GRID, accuracy_m=30)), "visits") == {"SW": 1}
    assert by_code(figures(walk(*steps, grid=GRID, accuracy_m=27)), "visits") == {"SW": 2}


def test_a_fix_a_quarter_round_the_globe_is_outside_for_certain():
    fixes = walk((0, 500, 500), (2, 0, 0), (4, 500, 500), grid=GRID)
    fixes.loc[1, ["longitude", "latitude", *(f"{level}_code" for level in LEVELS)]] = [24.0, 0.0, None, None, None]
    assert not np.isfinite(points_to_metric(24.0, 0.0, SETTINGS.metric_crs)).all()
    found = figures(fixes)
    assert by_code(found, "visits") == {"SW": 2}
    assert found.outside["check_ins"] == 1


def test_the_mask_is_what_counts():
    mask = shapely.union_all([box(0, 0, 500, 1000), box(1000, 1000, 1100, 1100)])
    found = figures(walk((0, 500, 500), grid=GRID), on=ground(mask))
    patrollable = dict(zip(found.cells["code"], found.cells["patrollable_area_m2"], strict=True))
    assert patrollable == pytest.approx({"NE": 10_000, "NW": 0, "SE": 0, "SW": 500_000}, abs=1)
    assert by_code(found, "covered_area_m2") == {"SW": pytest.approx(DISC / 2, abs=50)}
    ratio = dict(zip(found.cells["code"], found.cells["coverage_ratio"], strict=True))
    assert ratio["SW"] == pytest.approx(DISC / 1e6, abs=1e-4)
    assert ratio["NE"] == 0
    assert math.isnan(ratio["NW"])
    assert math.isnan(ratio["SE"])


@pytest.mark.parametrize("level", LEVELS)
def test_an_empty_period_gives_zeros(level):
    found = figures(walk(grid=GRID), level)
    numbers = found.cells[[*COUNTS, "visits", "dwell_s", "covered_area_m2", "coverage_ratio", "coverage_high"]]
    assert (numbers == 0).all(axis=None)
    assert found.outside == {"check_ins": 0, "patrollers": 0, "patrols": 0}


def test_a_grid_that_changes_within_the_period():
    before = world()
    after = world(SE=box(1200, 0, 2000, 1000), SW=box(0, 0, 1200, 1000))
    after.cells.loc[after.cells["code"] == "SE", "code"] = "SE2"
    first = walk((0, 1100, 500), (5, 1100, 500), grid=before)
    second = walk((10, 1100, 500), (15, 1100, 500), grid=after)
    found = measure_all((ground(grid=before), first), (ground(grid=after), second))["substation"]
    assert found.cells["code"].tolist() == ["NE", "NW", "SE", "SE2", "SW"]
    assert by_code(found, "check_ins", "visits", "dwell_s") == {"SE": (2, 1, 300), "SW": (2, 1, 300)}
    gone = found.cells.set_index("code").loc["SE"]
    assert gone[["area_m2", "covered_area_m2", "coverage_ratio"]].isna().all()
    assert gone["name"] == "SE站"
    assert found.cells.set_index("code").loc["SW", "area_m2"] == pytest.approx(1_200_000, rel=1e-5)
    assert found.outside["check_ins"] == 0


def test_check_ins_in_cells_that_no_grid_of_the_period_has_are_not_lost():
    fixes = walk((0, 500, 500), (5, 500, 500), grid=GRID).assign(substation_code=["old", "SW"])
    found = figures(fixes)
    assert by_code(found, "check_ins") == {"SW": 1, "old": 1}
    assert by_code(found, "visits") == {"SW": 1}
    assert found.cells.set_index("code").loc["old", ["name", "level"]].tolist() == ["old", "substation"]


# --- independently, by brute force ---------------------------------------------------------------

STEPS = st.tuples(
    st.integers(0, 40),
    st.integers(-300, 2300),
    st.integers(-300, 2300),
    st.sampled_from([3.0, 12.0, 49.0, 80.0, math.nan]),
)
WALKS = st.lists(st.lists(STEPS, max_size=8), min_size=1, max_size=4)


def frames(walks):
    """Each list is the walk of a person; the odd ones have two patrols."""
    parts = []
    for person, steps in enumerate(walks):
        if steps:
            wait, x, y, accuracy = zip(*steps, strict=True)
            patrol = [person * 10 + (person % 2 and index > 3) for index in range(len(steps))] if person else None
            fixes = list(zip(np.cumsum(wait), x, y, strict=True))
            parts.append(walk(*fixes, grid=GRID, patroller_id=person, patrol_id=patrol, accuracy_m=accuracy))
    return pd.concat(parts, ignore_index=True) if parts else walk(grid=GRID)


def reach_by_shapely(fixes, mask):
    """Return the covered ratio of each substation, with round buffers and a union."""
    fixes = fixes[~(fixes["accuracy_m"] > 50)].copy()
    fixes["x"], fixes["y"] = points_to_metric(fixes["longitude"], fixes["latitude"], SETTINGS.metric_crs)
    drawn = []
    for _, outing in fixes.groupby([fixes["patroller_id"], fixes["patrol_id"].fillna(-1).astype(int)]):
        rows = outing.sort_values(["fix_at", "longitude", "latitude"]).to_dict("records")
        drawn += [shapely.Point(row["x"], row["y"]).buffer(50, 64) for row in rows]
        for a, b in pairwise(rows):
            line = shapely.LineString([(a["x"], a["y"]), (b["x"], b["y"])])
            if (b["fix_at"] - a["fix_at"]).total_seconds() <= 300 and line.length <= 1000:
                drawn.append(line.buffer(50, 64))
    union = shapely.union_all(drawn)
    grounds = {code: metric(box(x, y, x + 1000, y + 1000) & mask) for code, (x, y) in SQUARES.items()}
    return {code: (union & ground).area / ground.area for code, ground in grounds.items()}


MASK = shapely.Polygon([(-20, 150), (700, -40), (1900, 300), (2050, 1250), (1400, 1990), (330, 1800)]) - shapely.box(
    600, 700, 1300, 1250
)


MASKED = ground(MASK)


@settings(max_examples=dose(8))
@given(WALKS)
def test_areas_agree_with_a_union_of_buffers(walks):
    fixes = frames(walks)
    found = figures(fixes, on=MASKED)
    ratio = dict(zip(found.cells["code"], found.cells["coverage_ratio"], strict=True))
    assert ratio == pytest.approx(reach_by_shapely(fixes, MASK), abs=2e-3)


@settings(max_examples=dose(8))
@given(WALKS, st.sampled_from(LEVELS))
def test_counts_agree_with_counting(walks, level):
    fixes = frames(walks)
    found = figures(fixes, level)
    for row in found.cells.to_dict("records"):
        here = fixes[fixes[f"{level}_code"] == row["code"]]
        assert row["check_ins"] == len(here)
        assert row["patrollers"] == len(set(here["patroller_id"]))
        assert row["patrols"] == len(set(here["patrol_id"].dropna()))
    nowhere = fixes[fixes[f"{level}_code"].isna()]
    assert found.outside["check_ins"] == len(nowhere)
    assert found.outside["patrollers"] == len(set(nowhere["patroller_id"]))
    assert found.excluded["coarse"] == (fixes["accuracy_m"] > 50).sum()


@settings(max_examples=dose(8))
@given(WALKS, st.randoms(use_true_random=False))
def test_the_order_of_arrival_changes_nothing(walks, random):
    fixes = frames(walks)
    order = list(range(len(fixes)))
    random.shuffle(order)
    once, again = figures(fixes, on=MASKED), figures(fixes.iloc[order], on=MASKED)
    pd.testing.assert_frame_equal(once.cells, again.cells, check_exact=True)
    assert (once.outside, once.excluded) == (again.outside, again.excluded)


@settings(max_examples=dose(8))
@given(WALKS)
def test_sums_agree_across_levels(walks):
    fixes = frames(walks)
    street, community, substation = measure_all((WHOLE, fixes)).values()
    whole = {found.cells["check_ins"].sum() + found.outside["check_ins"] for found in (street, community, substation)}
    assert whole == {len(fixes)}
    parts = substation.cells.groupby("parent_code")["check_ins"].sum()
    assert parts.to_dict() == community.cells.set_index("code")["check_ins"].to_dict()
    areas = [found.cells["covered_area_m2"].sum() for found in (street, community, substation)]
    assert areas == pytest.approx([areas[0]] * 3, abs=4e6 * 1e-3)
