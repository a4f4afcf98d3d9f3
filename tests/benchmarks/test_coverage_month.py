"""A small dose of the month: what is laid is what is counted, by whichever way, and what differs is told."""

from pathlib import Path

import pytest

from gisgrid.coverage.report import coverage_report
from gisgrid.grid.tables import LEVELS
from gisgrid.migrations import open_session
from gisgrid.settings import Settings
from tests.benchmarks.coverage_month import INTRODUCTION, Dose, Wrong, compare, require_agreement
from tests.benchmarks.coverage_stores import by_duckdb, lay_file, lay_parquet
from tests.benchmarks.coverage_text import write
from tests.benchmarks.month import Walked
from tests.benchmarks.report import machine

SMALL = Walked(people=4, days=2, fixes=100)


def test_the_file_holds_what_the_parquet_files_hold(tmp_path: Path) -> None:
    address = lay_file(tmp_path / "one.sqlite", [SMALL.before(), SMALL])
    found = {}
    with open_session(address) as session:
        for level in LEVELS:
            report = coverage_report(session, Settings(), level=level, period=SMALL.period)
            found |= {cell.code: (cell.check_ins, cell.patrollers, cell.patrols) for cell in report.cells}
    counted = {code: numbers for code, numbers in found.items() if numbers[0]}
    assert len(counted) > 5
    assert max(numbers[0] for numbers in counted.values()) <= SMALL.count
    pytest.importorskip("duckdb_extension_spatial")
    with by_duckdb(lay_parquet(tmp_path / "parquet", SMALL), SMALL) as (count, _):
        assert count() == counted


def test_other_counts_are_told() -> None:
    require_agreement({"a": {"S": (2, 1, 1)}, "b": {"S": (2, 1, 1)}})
    for other in ({"S": (3, 1, 1)}, {"S": (2, 1, 1), "N": (1, 1, 1)}, {}):
        with pytest.raises(Wrong, match='"b"'):
            require_agreement({"a": {"S": (2, 1, 1)}, "b": other})


@pytest.mark.long
def test_a_small_dose_from_end_to_end(tmp_path: Path) -> None:
    panel = compare(Dose(SMALL, 1), tmp_path, lambda _: None)
    assert all(one.rounds or one.remark for one in panel.measured)
    text = write("coverage_month", INTRODUCTION, [panel], machine(), tmp_path)
    assert "| PostGIS | 800 | 1 |" in text
    assert (tmp_path / "coverage_month.md").read_text() == text
