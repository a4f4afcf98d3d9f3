"""The benchmark of files measures a join that is made, and its killed runs are killed."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.benchmarks import files
from tests.benchmarks.files import killed, lay, run
from tests.benchmarks.world import street


def test_a_small_dose(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "GROUP", 1000)
    source, target = tmp_path / "in.parquet", tmp_path / "out.parquet"
    lay(source, street("S", 100, seed=1), 5_500)
    assert pq.read_metadata(source).num_row_groups == 6
    killed(source, target, 3)
    journal = tmp_path / ".part-out.parquet.journal"
    assert len(journal.read_text().splitlines()) == 1 + 3
    found = run(source, target)
    assert found.cpu_s > 0
    assert pq.read_metadata(target).num_rows == 5_500
    assert not journal.exists()
