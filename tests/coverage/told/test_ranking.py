from hypothesis import given
from hypothesis import strategies as st

from gisgrid.coverage.told.changes import band_of
from gisgrid.coverage.told.ranking import ranking
from tests.coverage.reports import GONE, a_cell, cover


def ranks(*bands):
    cells = [a_cell(str(number), **(GONE if band is None else cover(*band))) for number, band in enumerate(bands)]
    return [(each.cell.code, each.rank, each.is_tied) for each in ranking(cells)]


def test_the_highest_is_first_and_na_is_not_ranked():
    assert ranks(None, (0.2,), (0.8,), (0.5,)) == [
        ("2", 1, False),
        ("3", 2, False),
        ("1", 3, False),
        ("0", None, False),
    ]


def test_bands_that_overlap_tie_and_the_next_is_ranked_by_how_many_are_above():
    assert ranks((0.80,), (0.79,), (0.50,)) == [("0", 1, True), ("1", 1, True), ("2", 3, False)]


def test_small_steps_do_not_lead_from_the_best_to_the_worst():
    """Each overlaps with its neighbour, but the third not with the first."""
    assert ranks((0.80, 0.02), (0.77, 0.02), (0.74, 0.02)) == [("0", 1, True), ("1", 1, True), ("2", 3, False)]


def test_equal_ones_go_by_code_and_none_are_no_error():
    assert ranks((0.5, 0), (0.5, 0)) == [("0", 1, True), ("1", 1, True)]
    assert ranking([]) == []


@given(st.lists(st.none() | st.tuples(st.floats(0, 1), st.floats(0, 0.3)), max_size=12))
def test_whoever_shares_a_rank_overlaps_with_its_first_and_nobody_else(bands):
    cells = [a_cell(str(number), **(GONE if band is None else cover(*band))) for number, band in enumerate(bands)]
    found = ranking(cells)
    assert sorted(each.cell.code for each in found) == sorted(cell.code for cell in cells)
    known = [each for each in found if each.rank is not None]
    assert [each.cell.coverage_ratio for each in known] == sorted(
        (cell.coverage_ratio for cell in cells if cell.coverage_ratio is not None), reverse=True
    )
    first = None
    for place, each in enumerate(known, 1):
        if each.rank == place:
            assert first is None or not band_of(first.cell).overlaps(band_of(each.cell))
            first = each
        else:
            assert each.rank == first.rank
            assert band_of(first.cell).overlaps(band_of(each.cell))
    assert ranking(cells[::-1]) == found
