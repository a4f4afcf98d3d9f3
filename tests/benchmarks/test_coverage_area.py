"""Every way to a covered area gives the reference's, but for what its buffers' corners leave out."""

import json
from pathlib import Path

import numpy as np
import pytest
from defusedxml import ElementTree

from tests.benchmarks.coverage_area import INTRODUCTION, PROMISE, Dose, compare, error, strokes_of
from tests.benchmarks.coverage_text import write
from tests.benchmarks.coverage_ways import IN_PROCESS, fine_reference, ours, substations
from tests.benchmarks.month import Walked
from tests.benchmarks.report import machine

SMALL = Walked(people=3, days=2, fixes=60)


@pytest.mark.parametrize("name", IN_PROCESS)
def test_a_way_measures_what_the_reference_measures(name: str) -> None:
    drawn = strokes_of(SMALL)
    reference = fine_reference(drawn)
    assert (reference > 0).sum() >= 2
    found = IN_PROCESS[name](drawn)
    assert error(found, reference) < 0.02
    assert found.sum() == pytest.approx(reference.sum(), rel=5e-3)


def test_an_error_is_seen() -> None:
    drawn = strokes_of(SMALL)
    wrong = ours(drawn)
    wrong[3] += 0.01 * np.asarray([shape.area for shape in substations()])[3]
    assert error(wrong, fine_reference(drawn)) > PROMISE


@pytest.mark.long
def test_a_small_dose_from_end_to_end(tmp_path: Path) -> None:
    panels = compare(Dose(SMALL, SMALL, 1), lambda _: None)
    text = write("coverage_area", INTRODUCTION, panels, machine(), tmp_path)
    assert "| PostGIS | 360 | 1 |" in text
    assert text.count("shapely, union_all |") == 2
    assert (tmp_path / "coverage_area.md").read_text() == text
    assert len(json.loads((tmp_path / "coverage_area.json").read_text())["panels"]) == 2
    assert ElementTree.parse(tmp_path / "coverage_area.svg").getroot().tag.endswith("svg")
