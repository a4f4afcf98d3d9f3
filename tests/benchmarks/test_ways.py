"""Every way answers ordinary points as the rule does; what is missing is named."""

from multiprocessing import Pipe
from pathlib import Path

import numpy as np
import pytest

from tests.benchmarks import worker
from tests.benchmarks.engines import PIECE_VERTICES, halved
from tests.benchmarks.rule import hard_points, rule
from tests.benchmarks.way import NotAvailable, Opened
from tests.benchmarks.ways import OURS, OURS_LEVELS, WAYS
from tests.benchmarks.worker import Bench, Missing
from tests.benchmarks.world import only, points, street

WORLD = street("small", 60, 4)
ORDINARY = points(WORLD, 3000, 4)


@pytest.mark.parametrize("name", WAYS)
def test_a_way_follows_the_rule_on_ordinary_points(name: str) -> None:
    expected = rule(WORLD.cells, *ORDINARY)
    assert len(np.unique(expected[:, 2])) == 23
    try:
        with WAYS[name]() as way:
            built, asked = way.build(WORLD.cells), way.load(*ORDINARY)
            answer = way.answer(built, asked, way.join(built, asked))
            ones = [way.one(built)(*point) for point in np.stack(ORDINARY, -1)[:50].tolist()] if way.one else []
            assert way.cpu_s() > 0
    except (ImportError, NotAvailable) as missing:
        pytest.skip(str(missing))
    assert np.array_equal(answer, expected if answer.ndim == 2 else expected[:, 2])
    assert len(set(ones)) > 3 or not ones


@pytest.mark.parametrize("name", [OURS, OURS_LEVELS, "geopandas within"])
def test_wrong_answers_are_counted(name: str, tmp_path: Path) -> None:
    hard = hard_points(WORLD.cells, 3000, 4)
    np.save(tmp_path / "hard.npy", np.stack(hard))
    expected = rule(WORLD.cells, *hard)
    with WAYS[name]() as way:
        bench = Bench(way, WORLD.cells, tmp_path)
        assert bench.build().seconds > 0
        np.save(tmp_path / "hard-rule.npy", expected)
        bench.load("hard", 2000)
        wrong = bench.check().wrong
        assert wrong > 0 if name == "geopandas within" else wrong == 0
        expected[100:107] = 30
        np.save(tmp_path / "hard-rule.npy", expected)
        bench.load("hard", 2000)
        counted = bench.check()
        assert 0 < counted.wrong - wrong <= 7
        assert counted.points == 2000
        assert len(counted.examples) == 5
        assert bench.run().wall_s > 0


@pytest.mark.parametrize("reason", [ImportError("No module named 'x'"), NotAvailable("nothing for this machine")])
def test_what_cannot_be_had_says_so(reason: Exception, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def absent() -> Opened:
        raise reason

    monkeypatch.setitem(worker.WAYS, "absent", absent)
    ours, theirs = Pipe()
    worker.work(theirs, "absent", WORLD.cells, tmp_path)
    assert ours.recv() == Missing(str(reason))


def test_subdivided_cells_are_small_and_whole() -> None:
    for shape in only(WORLD.cells, "substation"):
        pieces = halved(shape)
        assert max(len(piece.exterior.coords) for piece in pieces) <= PIECE_VERTICES
        assert sum(piece.area for piece in pieces) == pytest.approx(shape.area)
