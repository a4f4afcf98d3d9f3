"""A very small run of the comparison of write paths: what was acknowledged is there, and the table tells all ways."""

import json
from pathlib import Path

import pytest
from defusedxml import ElementTree

from tests.benchmarks.check_ins import WAYS, Database, compare
from tests.benchmarks.check_ins_report import Dose, Report, write
from tests.benchmarks.report import machine
from tests.benchmarks.sender import CONNECTIONS

DOSE = Dose(phones=CONNECTIONS * len(WAYS), rounds=1, seconds=0.3)


@pytest.mark.long
def test_a_small_dose(tmp_path: Path) -> None:
    files = Database("SpatiaLite", lambda name: f"sqlite:///{tmp_path}/{name}.sqlite", float)
    measured = compare(files, DOSE, tmp_path)
    assert [one.way for one in measured] == [way.name for way in WAYS]
    assert all(one.acknowledged > 0 for one in measured)
    text = write(Report(machine(), DOSE, measured), tmp_path)
    assert all(f"| {way.name} |" in text for way in WAYS)
    assert (tmp_path / "check_ins.md").read_text() == text
    assert json.loads((tmp_path / "check_ins.json").read_text())
    assert ElementTree.parse(tmp_path / "check_ins.svg").getroot().tag.endswith("svg")
