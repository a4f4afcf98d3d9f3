"""Two days of the sample against a union of buffers: real borders, a real mask, tracks that wind."""

from datetime import date

import numpy as np
import pytest
import shapely

from gisgrid.coverage.ground.levels import Ground
from gisgrid.coverage.ground.reach import strokes
from gisgrid.geometry import to_metric
from gisgrid.grid.locate import Grid
from gisgrid.grid.tables import LEVELS
from gisgrid.sample.cells import sample_cells
from gisgrid.sample.checkpoints import sample_checkpoints
from gisgrid.sample.patrollable import sample_mask
from gisgrid.sample.simulate import simulate
from gisgrid.sample.ways import sample_ways
from tests.coverage.worlds import SETTINGS, measure_all


@pytest.fixture(scope="module")
def grid():
    return Grid(sample_cells())


@pytest.fixture(scope="module")
def fixes(grid):
    made = simulate(
        sample_cells(), sample_mask(), sample_checkpoints(), sample_ways(), until=date(2026, 11, 22), days=2
    ).fixes.drop_duplicates("client_id")
    made = made.assign(
        patroller_id=made["patroller_ref"].factorize()[0], patrol_id=made["patrol_ref"].factorize()[0], flags=0
    )
    codes = grid.locate(made["longitude"].to_numpy(), made["latitude"].to_numpy()).codes
    return made.assign(**{f"{level}_code": codes[:, column] for column, level in enumerate(LEVELS)})


@pytest.mark.parametrize("is_masked", [False, True])
def test_areas_of_the_sample(grid, fixes, is_masked):
    mask = sample_mask() if is_masked else None
    found = measure_all((Ground(grid, mask, SETTINGS.metric_crs), fixes))
    kept = fixes[~(fixes["accuracy_m"] > SETTINGS.reach_m)].sort_values("fix_at")
    drawn = strokes(kept, SETTINGS)
    ends = np.column_stack([drawn.x0, drawn.y0, drawn.x1, drawn.y1]).reshape(-1, 2, 2)
    union = shapely.union_all(shapely.buffer(shapely.linestrings(ends), SETTINGS.reach_m, quad_segs=32))
    for level, figures in found.items():
        cells = grid.cells[grid.cells["level"] == level]
        ground = to_metric(cells.geometry.to_numpy(), SETTINGS.metric_crs)
        if mask is not None:
            ground = shapely.intersection(ground, to_metric(mask, SETTINGS.metric_crs))
        expected = shapely.area(shapely.intersection(ground, union)) / shapely.area(ground)
        assert figures.cells["coverage_ratio"].tolist() == pytest.approx(expected.tolist(), abs=1e-3)
        assert figures.cells["code"].tolist() == cells["code"].tolist()
        seen = figures.cells[figures.cells["coverage_ratio"] > 0]
        assert len(seen)
        assert (seen["coverage_low"] < seen["coverage_ratio"]).all()
        assert (seen["coverage_ratio"] < seen["coverage_high"]).all()
