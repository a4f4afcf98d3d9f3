"""The product's figures against those computed by brute force, in small invented worlds of several days."""

from datetime import date, timedelta
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gisgrid.coverage.ground.levels import Ground
from gisgrid.coverage.measure import Figures
from gisgrid.coverage.report import coverage_report
from gisgrid.database import session_scope
from gisgrid.geometry import to_metric
from gisgrid.grid.locate import Grid
from gisgrid.grid.tables import LEVELS
from gisgrid.parameters import Period
from gisgrid.patrols.fixes import fixes_frame
from gisgrid.patrols.judge import NOT_REACHED, Flag, names_of
from gisgrid.patrols.visits import Beats
from gisgrid.sample.cells import sample_cells
from gisgrid.sample.checkpoints import sample_checkpoints
from gisgrid.sample.patrollable import sample_mask
from gisgrid.sample.simulate import simulate
from gisgrid.sample.ways import sample_ways
from tests.coverage.brute.figures import all_figures, counts, of_children
from tests.coverage.brute.world import World, days_from
from tests.coverage.invented import BEATS, DAYS, GRID, MASK, NIGHT, START, WALKS, invented
from tests.coverage.worlds import NOON, SETTINGS, cells, measure_all, settle, stay
from tests.doses import dose

GROUND, MASKED = (Ground(GRID, mask, SETTINGS.metric_crs) for mask in (None, MASK))
SQUARE_METRES = 1e6
OFF = {
    "check_ins": {"abs": 0},
    "patrollers": {"abs": 0},
    "patrols": {"abs": 0},
    "visits": {"abs": 0},
    "certain_visits": {"abs": 0},
    "seen_squares": {"abs": 0},
    "patrollable_squares": {"abs": 0},
    "dwell_s": {"abs": 1.0},
    "idleness_s": {"abs": 3.0},
    "worst_idle_s": {"abs": 1.0},
    "coverage_ratio": {"abs": 2e-3},
    "coverage_low": {"abs": 4e-3},
    "coverage_high": {"abs": 4e-3},
    "covered_area_m2": {"abs": 2e-3 * 4 * SQUARE_METRES},
    "patrollable_area_m2": {"abs": 1.0},
    "effort_m2": {"abs": 200.0, "rel": 2e-2},
}
"""How far a figure may be off: counts not at all, times by what a crossing is known to, areas by 0.2 percentage points
(the limits, which are ruled more coarsely, by twice that)."""

COMPARED = (*OFF, "redundancy", "square_ratio", "share_in_band")
"""The figures that `measure` has: one that it gains must be added here, a test sees to that."""
RATIOS = {
    "redundancy": ("effort_m2", "covered_area_m2"),
    "square_ratio": ("seen_squares", "patrollable_squares"),
}
"""Figures that are held against what the product itself says of their parts: of slivers an area may be off by half."""
SHARES = ("evenness", "demand_match")
"""In the same way: these are held against what the brute force makes of the product's figures of the level below."""


def by_brute_force(fixes, beats=(), mask=None, known=None, period=DAYS):
    """Return the same world for the brute force; cells and mask are in WGS 84."""
    known = cells() if known is None else known
    reasons = [frozenset(names_of(NOT_REACHED & Flag(flags))) for flags in fixes["flags"]]
    moments = fixes["fix_at"].dt.to_pydatetime().tolist() if len(fixes) else []
    frame = fixes.assign(reasons=reasons, fix_at=pd.Series(moments, dtype=object, index=fixes.index))
    shapes = to_metric(known.geometry.to_numpy(), SETTINGS.metric_crs)
    whole = gpd.GeoDataFrame(known.drop(columns="geometry"), geometry=shapes, crs=SETTINGS.metric_crs)
    return World(
        frame,
        {level: whole[whole["level"] == level] for level in LEVELS},
        period,
        beats=tuple((whose, START + timedelta(seconds=passed)) for whose, passed in beats),
        mask=None if mask is None else to_metric(mask, SETTINGS.metric_crs),
    )


def by_the_product(fixes, beats=(), on=GROUND, period=DAYS):
    """Return what the product says of each level."""
    whose, passed = np.array(beats, dtype=np.int64).reshape(-1, 2).T
    begun = round(START.timestamp() * 1e6)
    return measure_all((on, fixes), beats=Beats(whose, begun + passed * 1_000_000), period=Period(*period))


def compare(found, world):
    """Hold every figure of every cell of all levels against the brute force."""
    cells = {level: found[level].cells.set_index("code") for level in LEVELS}
    expected = all_figures(world)
    for level, said in cells.items():
        assert found[level].outside == counts(world, level, None)
        for name in set(COMPARED) & set(OFF):
            agree(said[name], expected[level][name], level, name, **{"rel": 0, **OFF[name]})
        for name in set(COMPARED) & set(RATIOS):
            part, whole = RATIOS[name]
            agree(said[name], said[part] / said[whole], level, name, rel=1e-3)
        if "share_in_band" in COMPARED:
            least, most = expected[level]["share_least"], expected[level]["share_most"]
            assert said["share_in_band"].fillna(-1).between(least.fillna(-1) - 1e-6, most.fillna(-1) + 1e-6).all()
    for level, below in pairwise(LEVELS):
        of_each = of_children(world, level, cells[below].drop(columns="parent_code"))
        for name in set(COMPARED) & set(SHARES):
            agree(cells[level][name], of_each[name], level, name, abs=1e-3)


def agree(said, true, level, name, **tolerance):
    """Hold one figure of all cells of a level against what it should be; n/a against n/a."""
    wanted = pytest.approx(true.astype(float).to_dict(), nan_ok=True, **tolerance)
    assert said.astype(float).to_dict() == wanted, f"{name}, {level}"


# --- what must hold ------------------------------------------------------------------------------


@settings(max_examples=dose(5))
@given(WALKS, BEATS, st.booleans())
@example([NIGHT], [], False)
def test_every_figure_agrees_with_brute_force(walks, beats, is_masked):
    fixes, mask = invented(walks), MASK if is_masked else None
    found = by_the_product(fixes, beats, MASKED if is_masked else GROUND)
    for figures in found.values():
        assert set(figures.cells) & {*OFF, *RATIOS, *SHARES, "share_in_band"} == set(COMPARED)
    compare(found, by_brute_force(fixes, beats, mask))


def test_what_is_reported_from_a_database_agrees_with_brute_force(engine):
    with session_scope(engine, write=True) as session:
        settle(session)
        stay(session, (0, 900, 500), (5, 1100, 500), (10, 1100, -100), (12, 1100, 40))
        stay(session, (0, 310, 1310), (4, 480, 1330), (60, 310, 1310), (71, 990, 1310), patroller="P2", accuracy_m=40)
        stay(session, (0, 1510, 1510), (12, 1510, 1520), (20, 1210, 1010), start=NOON + timedelta(days=1), patrol="2")
        stay(session, (0, 700, 700), (12, 740, 700), patroller="P3", accuracy_m=99)
    period = Period(*DAYS)
    with session_scope(engine) as session:
        fixes = fixes_frame(session, period)
        reports = {level: coverage_report(session, SETTINGS, level=level, period=period) for level in LEVELS}
    told = {
        level: Figures(
            as_frame(report),
            report.outside.model_dump(exclude={"quarantined"}),
            report.excluded.model_dump(),
            np.zeros(0, int),
        )
        for level, report in reports.items()
    }
    assert len(fixes) == 13
    compare(told, by_brute_force(fixes))


def as_frame(report):
    """Return the cells of a report."""
    return pd.DataFrame([cell.model_dump() for cell in report.cells]).astype({"share_in_band": float})


@pytest.mark.long
def test_two_days_of_the_sample_agree_with_brute_force():
    made = simulate(
        sample_cells(),
        sample_mask(),
        sample_checkpoints(),
        sample_ways(),
        until=date(2026, 11, 3),
        days=2,
        patrollers=24,
    ).fixes.drop_duplicates("client_id")
    grid = Grid(sample_cells())
    codes = grid.locate(made["longitude"].to_numpy(), made["latitude"].to_numpy()).codes
    located = made.assign(
        patroller_id=made["patroller_ref"].factorize()[0],
        patrol_id=pd.array(made["patrol_ref"].factorize()[0], dtype="Int64"),
        flags=0,
        **{f"{level}_code": codes[:, column] for column, level in enumerate(LEVELS)},
    )
    ground = Ground(grid, sample_mask(), SETTINGS.metric_crs)
    world = by_brute_force(located, mask=sample_mask(), known=sample_cells(), period=days_from("2026-11-02", 2))
    assert len(world.placed()) == len(located) > 500
    compare(by_the_product(located, on=ground), world)


@settings(max_examples=dose(6))
@given(WALKS, BEATS, st.randoms(use_true_random=False))
def test_the_order_of_arrival_changes_nothing(walks, beats, random):
    fixes = invented(walks)
    order, again = list(range(len(fixes))), list(beats)
    random.shuffle(order)
    random.shuffle(again)
    once, twice = by_the_product(fixes, beats, MASKED), by_the_product(fixes.iloc[order], again, MASKED)
    for level in LEVELS:
        pd.testing.assert_frame_equal(once[level].cells, twice[level].cells, check_exact=True)
        assert once[level].outside == twice[level].outside


@settings(max_examples=dose(6))
@given(WALKS, st.booleans())
def test_sums_agree_across_levels(walks, is_masked):
    fixes = invented(walks)
    found = by_the_product(fixes, on=MASKED if is_masked else GROUND)
    street, community, substation = (found[level].cells.set_index("code") for level in LEVELS)
    for level, whole in zip(LEVELS, (street, community, substation), strict=True):
        assert whole["check_ins"].sum() + found[level].outside["check_ins"] == len(fixes)
    for parents, children in ((street, community), (community, substation)):
        assert children.groupby("parent_code")["check_ins"].sum().to_dict() == parents["check_ins"].to_dict()
    for name in ("covered_area_m2", "patrollable_area_m2"):
        sums = [whole[name].sum() for whole in (street, community, substation)]
        assert sums == pytest.approx([sums[0]] * 3, abs=4 * SQUARE_METRES * 1e-3)
