import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from gisgrid.coverage.days.packing import packed, unpacked
from gisgrid.coverage.days.reduce import no_day
from gisgrid.coverage.ground.levels import Ground
from gisgrid.coverage.ground.strips import Runs
from gisgrid.coverage.measure import measure
from tests.coverage.invented import WALKS, invented
from tests.coverage.worlds import NOON, SETTINGS, reduced, walk, world
from tests.doses import dose

GRID = world()
GROUND = Ground(GRID, None, SETTINGS.metric_crs)


def same(one, other):
    """Hold each part of two days against one another, bit for bit."""
    for name, value in one._asdict().items():
        told = getattr(other, name)
        if isinstance(value, pd.DataFrame):
            pd.testing.assert_frame_equal(value, told, check_exact=True)
        elif name == "reached":
            for its, others in zip(value, told, strict=True):
                assert all(a.dtype == b.dtype and np.array_equal(a, b) for a, b in zip(its, others, strict=True))
        elif isinstance(value, np.ndarray):
            assert value.dtype == told.dtype
            assert np.array_equal(value, told)
        else:
            assert value == told
            assert type(value) is type(told)


def a_day():
    fixes = walk((0, 500, 500), (4, 900, 500), (8, 1300, 500), (9, -300, 0), grid=GRID, accuracy_m=[5, 12, np.nan, 80])
    fixes = fixes.assign(received_at=NOON + pd.Timedelta(days=3))
    return reduced(GROUND, fixes.astype({"received_at": "datetime64[us, UTC]"}))


def test_a_day_comes_back_bit_for_bit():
    day = a_day()
    assert len(day.visits)
    assert len(day.late_us) == 4
    same(day, unpacked(packed(day)))
    assert packed(day) == packed(a_day())


@settings(max_examples=dose(6))
@given(WALKS)
def test_any_day_comes_back_bit_for_bit(walks):
    fixes = invented(walks)
    day = reduced(GROUND, fixes)
    same(day, unpacked(packed(day)))


def test_a_day_on_which_nothing_was_sent():
    day = no_day(GROUND, SETTINGS)
    back = unpacked(packed(day))
    assert (len(back.presence), len(back.visits), len(back.squares), len(back.reached.measured.start)) == (0, 0, 0, 0)
    span = (day.start_us, day.start_us + 86_400_000_000)
    for level, found in measure([back], [GROUND], *span).items():
        expected = measure([day], [GROUND], *span)[level]
        pd.testing.assert_frame_equal(found.cells, expected.cells)
        assert (found.outside, found.excluded) == (expected.outside, expected.excluded)


@pytest.mark.parametrize("start", [0, 2**31 - 2, 2**31 + 5, 2**40])
def test_places_far_along_the_lines_fit(start):
    begins = np.array([start, start + 2**33], dtype=np.int64)
    runs = Runs(begins, begins + 3, np.array([0, 3]))
    day = a_day()
    day = day._replace(reached=day.reached._replace(measured=runs), late_us=np.array([2**60], dtype=np.int64))
    same(day, unpacked(packed(day)))
