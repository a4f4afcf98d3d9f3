from datetime import UTC, date, datetime

import geopandas as gpd
import pytest
import shapely
from sqlalchemy import Engine, select, text

from gisgrid.database import session_scope
from gisgrid.geometry import to_metric
from gisgrid.grid.layers.store import (
    SINCE_EVER,
    FirstDayNeeded,
    FirstDayTaken,
    Vanishing,
    first_day_of,
    store_cells,
    vanishing_cells,
)
from gisgrid.grid.locate import grid_on
from gisgrid.grid.tables import Cell, LayerSet
from tests.grid.builders import METRIC, nested_squares

CELLS = nested_squares()
LATER = date(2026, 12, 1)


def stored(engine: Engine, cells: gpd.GeoDataFrame = CELLS, first_day: date = SINCE_EVER) -> None:
    with session_scope(engine, write=True) as session:
        store_cells(session, cells, name="葵涌", source="a.gpkg", first_day=first_day, metric_crs=METRIC)


def test_what_is_stored_comes_back_bit_for_bit(engine: Engine) -> None:
    stored(engine)
    with session_scope(engine) as session:
        cells = grid_on(session, LATER).cells
    for column in ("level", "code", "name", "is_illustrative"):
        assert cells[column].tolist() == CELLS[column].tolist()
    assert cells["parent_code"].fillna("").tolist() == CELLS["parent_code"].fillna("").tolist()
    assert (
        shapely.get_coordinates(cells.geometry.to_numpy()).tolist()
        == shapely.get_coordinates(CELLS.geometry.to_numpy()).tolist()
    )
    assert set(shapely.get_type_id(cells.geometry.to_numpy())) == {shapely.GeometryType.MULTIPOLYGON}
    assert cells["area_m2"].tolist() == pytest.approx(
        shapely.area(to_metric(CELLS.geometry.to_numpy(), METRIC)).tolist()
    )
    assert cells["area_m2"].max() == pytest.approx(6e6, rel=1e-4)


def test_the_set_says_what_it_is(engine: Engine) -> None:
    before = datetime.now(UTC)
    stored(engine, CELLS.assign(name="", note="示意"))
    with session_scope(engine) as session:
        layer_set = session.scalars(select(LayerSet)).one()
        cell = session.scalars(select(Cell).where(Cell.level == "street")).one()
    assert (layer_set.name, layer_set.source, layer_set.first_day) == ("葵涌", "a.gpkg", SINCE_EVER)
    assert before <= layer_set.created_at <= datetime.now(UTC)
    assert (cell.name, cell.note) == ("440307009", "示意"), "a cell without a name is called by its code"


def test_nothing_is_committed_by_the_act(engine: Engine) -> None:
    with session_scope(engine, write=True) as session:
        store_cells(session, CELLS, name="a", source="b", first_day=LATER, metric_crs=METRIC)
        session.rollback()
    with session_scope(engine) as session:
        assert session.scalars(select(Cell)).all() == []


def test_the_first_grid_counts_since_ever_unless_told(engine: Engine) -> None:
    with session_scope(engine) as session:
        assert first_day_of(session, None) == SINCE_EVER
        assert first_day_of(session, LATER) == LATER


def test_replacing_asks_for_a_first_day_that_is_free(engine: Engine) -> None:
    stored(engine)
    with session_scope(engine) as session:
        with pytest.raises(FirstDayNeeded, match="--first-day"):
            first_day_of(session, None)
        with pytest.raises(FirstDayTaken):
            first_day_of(session, SINCE_EVER)
        assert first_day_of(session, LATER) == LATER


def test_the_old_grid_is_kept_and_each_counts_on_its_days(engine: Engine) -> None:
    stored(engine)
    stored(engine, CELLS.replace({"name": {"社区1": "新社区"}}), LATER)
    with session_scope(engine) as session:
        old, new = (grid_on(session, day).cells["name"].tolist() for day in (date(2026, 11, 30), LATER))
    assert ("社区1" in old, "社区1" in new, "新社区" in new) == (True, False, True)


def hang(engine: Engine, code: str, fixes: int) -> None:
    """Hang fixes on a substation, and one in its community alone."""
    with engine.execution_options(write=True).begin() as connection:
        ids = {row.code: row.id for row in connection.execute(select(Cell.code, Cell.id))}
        connection.execute(text("INSERT INTO patrollers (id, ref, name) VALUES (1, 'p1', '')"))
        place = "longitude, latitude, raw_longitude, raw_latitude, crs"
        columns = f"client_id, sender_id, patroller_id, fix_at, received_at, {place}"
        for number in range(fixes + 1):
            values = f"'c{number}', 1, 1, '2026-11-01', '2026-11-01', 114, 22, 114, 22, 'EPSG:4326'"
            substation = ids[code] if number < fixes else "NULL"
            connection.execute(
                text(
                    f"INSERT INTO fixes ({columns}, community_id, substation_id) "
                    f"VALUES ({values}, {ids[code[:12]]}, {substation})"
                )
            )


def test_cells_that_vanish_are_told_with_what_hangs_on_them(engine: Engine) -> None:
    stored(engine)
    hang(engine, "440307009001002", 3)
    fewer = CELLS[~CELLS["code"].isin(["440307009001002", "440307009002001"])]
    with session_scope(engine) as session:
        assert vanishing_cells(session, fewer, LATER) == [
            Vanishing("substation", "440307009001002", "分站1-2", {"fixes": 3}),
            Vanishing("substation", "440307009002001", "分站2-1", {}),
        ]


def test_nothing_vanishes_when_all_codes_stay_or_nothing_was_there(engine: Engine) -> None:
    with session_scope(engine) as session:
        assert vanishing_cells(session, CELLS, LATER) == []
    stored(engine)
    with session_scope(engine) as session:
        assert vanishing_cells(session, CELLS, LATER) == []
        assert vanishing_cells(session, CELLS.iloc[:1], date(1999, 1, 1)) == [], "no grid was in force before"
