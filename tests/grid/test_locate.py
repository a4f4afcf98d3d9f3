from datetime import date

import numpy as np
import pytest
import shapely
from sqlalchemy import Engine

from gisgrid.database import session_scope
from gisgrid.grid.layers.store import store_cells
from gisgrid.grid.locate import Grid, NoGrid, grid_on, located, patrollable_mask
from gisgrid.grid.tables import LEVELS, PatrollableArea
from tests.grid.builders import METRIC, nested_squares, only, replaced
from tests.rows import square

CELLS = nested_squares()
SUBSTATIONS = only(CELLS, "substation")


def middles(cells: object) -> np.ndarray:
    return shapely.get_coordinates(shapely.point_on_surface(cells.geometry.to_numpy()))  # type: ignore[attr-defined]


def stored(engine: Engine, cells: object, first_day: date) -> None:
    with session_scope(engine, write=True) as session:
        store_cells(session, cells, name="t", source="t", first_day=first_day, metric_crs=METRIC)  # type: ignore[arg-type]


def test_a_point_has_its_cell_at_every_level() -> None:
    codes = Grid(CELLS).locate(*middles(SUBSTATIONS).T).codes
    expected = [
        ["440307009", parent, code] for code, parent in zip(SUBSTATIONS.code, SUBSTATIONS.parent_code, strict=True)
    ]
    assert codes.tolist() == expected


def test_one_point_and_many_agree() -> None:
    grid = Grid(CELLS)
    points = np.vstack([shapely.get_coordinates(CELLS.geometry), middles(CELLS), [[0, 0], [np.nan, 1]]])
    assert [list(grid.locate_one(*point)) for point in points.tolist()] == grid.locate(*points.T).codes.tolist()


def test_on_a_shared_corner_the_lowest_code_has_the_point() -> None:
    cells = nested_squares(communities=2, columns=1, rows=2)
    shared = shapely.intersection_all(only(cells, "substation").geometry.to_numpy())
    assert Grid(cells).locate_one(shared.x, shared.y) == ("440307009", "440307009001", "440307009001001")


def test_where_no_substation_covers_the_ground_its_community_does() -> None:
    hole = replaced("440307009001001", shapely.box(0, -1000, 600, 0))(CELLS)
    x, y = middles(SUBSTATIONS[SUBSTATIONS.code == "440307009001001"])[0]
    codes = Grid(hole).locate([x + 0.003, x - 0.002], [y, y]).codes.tolist()
    assert codes == [["440307009", "440307009001", None], ["440307009", "440307009001", "440307009001001"]]


def test_the_stored_grid_is_the_grid_bit_for_bit(engine: Engine) -> None:
    stored(engine, CELLS, date(2026, 1, 1))
    with session_scope(engine) as session:
        grid = grid_on(session)
        assert grid_on(session) is grid  # kept, not read again
    assert [list(grid.cells[name]) for name in ("code", "level", "name")] == [
        list(CELLS[name]) for name in ("code", "level", "name")
    ]
    assert [parent or None for parent in grid.cells["parent_code"]] == list(CELLS["parent_code"])
    for ours, theirs in zip(grid.cells.geometry, CELLS.geometry, strict=True):
        assert shapely.equals_exact(ours.geoms[0], theirs, 0)
    assert grid.cells["area_m2"].sum() == pytest.approx(3 * 6_000_000, rel=1e-6)
    vertices = shapely.get_coordinates(CELLS.geometry)
    assert grid.locate(*vertices.T).codes.tolist() == Grid(CELLS).locate(*vertices.T).codes.tolist()


def test_each_point_lies_in_the_grid_of_its_own_day(engine: Engine) -> None:
    renamed = CELLS.assign(code=CELLS.code + "N", parent_code=[p and p + "N" for p in CELLS.parent_code])
    stored(engine, CELLS, date(2026, 1, 1))
    stored(engine, renamed, date(2026, 6, 1))
    x, y = middles(SUBSTATIONS)[0]
    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 5, 31), date(2026, 6, 1), date(2030, 1, 1)]
    with session_scope(engine) as session:
        found = located(session, [x] * 5, [y] * 5, days)
        assert "440307009" in grid_on(session, date(2026, 5, 31)).cells["code"].tolist()
        assert "440307009N" in grid_on(session).cells["code"].tolist()
        with pytest.raises(NoGrid, match=r"2025-12-31 尚无生效.*2026-01-01.*in force from 2026-01-01"):
            grid_on(session, date(2025, 12, 31))
    code = SUBSTATIONS.code[0]
    assert found.codes[:, 2].tolist() == [None, code, code, f"{code}N", f"{code}N"]
    assert found.cell_ids[0].tolist() == [-1] * len(LEVELS)


def test_without_a_grid_everything_is_outside_and_asking_for_it_says_what_to_do(engine: Engine) -> None:
    with session_scope(engine) as session:
        assert located(session, [114.4], [22.6], [date(2026, 1, 1)]).codes.tolist() == [[None] * 3]
        for day in (None, date(2026, 1, 1)):
            with pytest.raises(NoGrid, match=r"还没有网格图层.*has been loaded; run: gisgrid load"):
                grid_on(session, day)


def test_the_mask_is_the_union_of_its_areas(engine: Engine) -> None:
    with session_scope(engine, write=True) as session:
        assert patrollable_mask(session) is None
        session.add_all([PatrollableArea(name=name, geometry=square()) for name in "ab"])
    with session_scope(engine) as session:
        mask = patrollable_mask(session)
    assert mask is not None
    assert mask.area == 1
