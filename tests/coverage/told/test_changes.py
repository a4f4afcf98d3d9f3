import pytest

from gisgrid.coverage.told.changes import Band, band_of, change_of, changes
from tests.coverage.reports import BEFORE, a_cell, a_report, cells, cover


def test_each_cell_with_itself_before():
    report = a_report(before=BEFORE, cells_before=cells(N={"check_ins": 1, **cover(0.6)})[1:])
    found = {change.cell.code: change for change in changes(report)}
    assert found["X"].before is None
    assert found["X"].of("check_ins") is None
    assert not found["X"].is_clear
    assert found["N"].of("check_ins") == 2
    assert found["N"].of("coverage_ratio") == pytest.approx(0.2)
    assert found["N"].is_clear
    assert found["S"].of("coverage_ratio") == 0
    assert not found["S"].is_clear
    assert change_of(report, report.cells[1]) == found["N"]


@pytest.mark.parametrize(
    ("first", "second", "is_same"),
    [((0.1, 0.2), (0.2, 0.3), True), ((0.1, 0.2), (0.21, 0.3), False), ((0.1, 0.9), (0.2, 0.3), True)],
)
def test_bands_that_touch_overlap(first, second, is_same):
    assert Band(*first).overlaps(Band(*second)) is Band(*second).overlaps(Band(*first)) is is_same


def test_a_coverage_without_a_band_is_its_own():
    assert band_of(a_cell(coverage_ratio=0.5, coverage_low=None, coverage_high=None)) == Band(0.5, 0.5)
    assert band_of(a_cell(coverage_ratio=None)) is None
