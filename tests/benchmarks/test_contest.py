"""A very small run from end to end, in processes of its own; what the table says of it. No time is asserted."""

import json
from dataclasses import replace
from pathlib import Path
from time import monotonic

import pytest
from defusedxml import ElementTree

from tests.benchmarks.contest import Dose, among_thorns, contest, ours_among_thorns
from tests.benchmarks.plot import Bar, plot
from tests.benchmarks.report import Report, machine, write
from tests.benchmarks.rival import Measured
from tests.benchmarks.ways import OURS
from tests.benchmarks.worker import Checked

DOSE = Dose(points=20_000, hard=2000, thorny_worlds=1, thorny=2000, seconds=0.05, rounds=3, ends_s=600)
WAYS = [OURS, "geopandas within"]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    folder = tmp_path_factory.mktemp("bench")
    small = contest("S", WAYS, DOSE, folder, monotonic() + 600, lambda _: None)
    thorns = among_thorns(WAYS, DOSE.thorny, folder, lambda _: None)
    return Report(machine(), DOSE, [small, small], thorns, ours_among_thorns(DOSE, lambda _: None))


@pytest.mark.long
def test_ours_is_measured_on_all_points_and_makes_no_mistake(report: Report, tmp_path: Path) -> None:
    index, within = report.contests[0].measured
    assert [one.missing for one in (index, within)] == [None, None]
    assert [len(one.rounds) for one in (index, within)] == [3, 3]
    assert index.points == 20_000
    assert index.ordinary is not None
    assert index.ordinary.points == 20_000
    assert within.hard is not None
    assert within.hard.wrong > 0
    assert report.is_sound()
    text = write(report, tmp_path)
    assert text == (tmp_path / "join.md").read_text()
    assert f"| {OURS} | 0 / 20,000 | 0 / 2,000 |" in text
    assert json.loads((tmp_path / "join.json").read_text())["contests"][0]["measured"][0]["way"] == OURS
    assert ElementTree.parse(tmp_path / "join.svg").getroot().tag.endswith("svg")


@pytest.mark.long
def test_a_mistake_of_ours_is_never_lost(report: Report) -> None:
    mistaken = replace(report, ours_thorns=Checked(10, 1, [(114.4, 22.6)], None))
    assert mistaken.mistakes_of_ours() == 1
    assert not mistaken.is_sound()
    assert not replace(report, thorns=[Measured(OURS, missing="failed")]).is_sound()


@pytest.mark.long
def test_what_was_not_measured_is_named_and_not_invented(report: Report, tmp_path: Path) -> None:
    absent = Measured("SedonaDB", missing="not available: No module named 'sedonadb'")
    place = replace(report.contests[0], measured=[*report.contests[0].measured, absent])
    text = write(replace(report, contests=[place, place], thorns=[*report.thorns, absent]), tmp_path)
    assert "| SedonaDB | 没有结果 not available: No module named 'sedonadb' | – |" in text
    assert "| SedonaDB | – | – |" in text


def test_bars_lie_on_a_logarithmic_scale() -> None:
    drawn = ElementTree.fromstring(
        plot([("x", [Bar("gisgrid", 100.0, ""), Bar("a & b", 1.0, "3 wrong"), Bar("c", None, "gone")])])
    )
    bars = [rect for rect in drawn.iter("{http://www.w3.org/2000/svg}rect") if rect.get("x")]
    widths = [float(bar.get("width", "nan")) for bar in bars]
    assert widths[0] == pytest.approx(2 * widths[1], abs=1)
    assert widths[2] == 0
    assert len({bar.get("fill") for bar in bars}) == 2
