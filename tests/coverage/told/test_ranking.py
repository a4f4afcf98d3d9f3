import pytest
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.coverage.told.changes import band_of
from gisgrid.coverage.told.ranking import best, ranking, worst
from tests.coverage.reports import GONE, a_cell, cover


def some(*bands):
    return [a_cell(str(number), **(GONE if band is None else cover(*band))) for number, band in enumerate(bands)]


def ranks(*bands):
    return [(each.cell.code, each.rank, each.at_worst) for each in ranking(some(*bands))]


def test_the_highest_is_first_and_na_is_not_ranked():
    assert ranks(None, (0.2,), (0.8,), (0.5,)) == [("2", 1, 1), ("3", 2, 2), ("1", 3, 3), ("0", None, None)]


@pytest.mark.parametrize(
    ("bands", "told"),
    [
        (((0.80,), (0.79,), (0.50,)), [("0", 1, 2), ("1", 1, 2), ("2", 3, 3)]),
        # each overlaps with its neighbour, but the third not with the first
        (((0.80, 0.02), (0.77, 0.02), (0.74, 0.02)), [("0", 1, 2), ("1", 1, 3), ("2", 2, 3)]),
        # what is known least of stands with the best that it may be
        (((0.80, 0.01), (0.70, 0.01), (0.50, 0.40)), [("0", 1, 2), ("2", 1, 3), ("1", 2, 3)]),
        # 土洋 and 三溪 of a month: neither is last for certain
        (((0.44, 0.08), (0.30, 0.06), (0.24, 0.05)), [("0", 1, 2), ("1", 1, 3), ("2", 2, 3)]),
        (((0.5, 0), (0.5, 0)), [("0", 1, 2), ("1", 1, 2)]),
        ((), []),
    ],
)
def test_a_rank_counts_those_that_are_surely_better_and_tells_how_far_down_it_may_be(bands, told):
    assert ranks(*bands) == told


@given(st.lists(st.none() | st.tuples(st.floats(0, 1), st.floats(0, 0.3)), max_size=12))
def test_ranks_are_tied_where_bands_overlap_and_nowhere_else(bands):
    cells = some(*bands)
    found = ranking(cells)
    assert sorted(each.cell.code for each in found) == sorted(cell.code for cell in cells)
    known = [each for each in found if each.rank is not None]
    assert [each.rank for each in known] == sorted(each.rank for each in known)
    for each in known:
        others = [other for other in known if other is not each]
        surely = [other for other in others if not band_of(other.cell).overlaps(band_of(each.cell))]
        better = [other for other in surely if other.cell.coverage_ratio > each.cell.coverage_ratio]
        assert each.rank == 1 + len(better)
        assert each.at_worst - each.rank == len(others) - len(surely)
    assert ranking(cells[::-1]) == found


@given(st.lists(st.none() | st.tuples(st.floats(0, 1), st.floats(0, 0.3)), max_size=12))
def test_those_that_may_be_best_or_worst_cannot_be_told_apart(bands):
    cells = some(*bands)
    for found, pick in ((best(cells), max), (worst(cells), min)):
        known = [cell.coverage_ratio for cell in cells if cell.coverage_ratio is not None]
        assert [cell.coverage_ratio for cell in found][:1] == ([pick(known)] if known else [])
        assert all(band_of(one).overlaps(band_of(other)) for one in found for other in found)
