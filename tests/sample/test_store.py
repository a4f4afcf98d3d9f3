from datetime import UTC, date, datetime
from pathlib import Path

import geopandas
import pandas as pd
import pytest
from geoalchemy2.shape import from_shape
from pandas.testing import assert_frame_equal
from shapely import MultiPolygon
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from gisgrid.database import session_scope
from gisgrid.grid.tables import LEVELS, Cell, LayerSet
from gisgrid.incidents.tables import Incident
from gisgrid.patrols.fixes import fixes_frame
from gisgrid.patrols.tables import Fix, Patrol, Patroller
from gisgrid.sample.simulate import Simulation, simulate
from gisgrid.sample.store import store_simulation, write_simulation
from gisgrid.settings import Settings
from tests.grid.builders import METRIC, nested_squares
from tests.sample.worlds import no_checkpoints

UNTIL = date(2026, 11, 22)


def load(session: Session, cells: geopandas.GeoDataFrame) -> None:
    """Put a grid into the database."""
    layer_set = LayerSet(name="方格", source="test", first_day=date(2020, 1, 1), created_at=datetime.now(UTC))
    session.add(layer_set)
    session.flush()
    ids: dict[str, int] = {}
    for level in LEVELS:
        for row in cells[cells["level"] == level].itertuples():
            cell = Cell(
                layer_set_id=layer_set.id,
                level=level,
                code=row.code,
                name=row.name,
                parent_id=ids.get(row.parent_code),
                area_m2=1e6,
                geometry=from_shape(MultiPolygon([row.geometry]), srid=4326),
            )
            session.add(cell)
            session.flush()
            ids[row.code] = cell.id


@pytest.fixture(scope="module")
def made() -> Simulation:
    return simulate(nested_squares(), None, no_checkpoints(), None, until=UNTIL, days=4, metric_crs=METRIC)


def counts(session: Session) -> list[int]:
    return [session.scalar(select(func.count()).select_from(table)) for table in (Patroller, Patrol, Fix, Incident)]


def test_a_simulation_is_stored_located_and_each_fix_once(engine: Engine, made: Simulation) -> None:
    with session_scope(engine, write=True) as session:
        load(session, nested_squares())
    seen: list[int] = []
    fixes, incidents = store_simulation(engine, made, Settings(), seen.append)
    once = made.fixes.drop_duplicates(["patroller_ref", "client_id"])
    assert sum(seen) == len(made.fixes) + len(made.incidents)
    assert fixes["repeated"] == len(made.fixes) - len(once) > 0
    assert fixes["conflict"] == incidents["conflict"] == incidents["refused"] == 0
    assert fixes["refused"] == (once["fault"] == "swapped").sum()
    assert incidents["stored"] == len(made.incidents)
    with session_scope(engine) as session:
        people = made.fixes["patroller_ref"].nunique()
        assert counts(session) == [people, len(made.patrols), fixes["stored"], len(made.incidents)]
        kept = fixes_frame(session)
    assert kept["substation_code"].notna().mean() > 0.9
    first = once[once["fault"] != "swapped"]
    assert sorted(kept["received_at"]) == sorted(first["received_at"])


def test_storing_again_changes_nothing(engine: Engine, made: Simulation) -> None:
    with session_scope(engine, write=True) as session:
        load(session, nested_squares())
    store_simulation(engine, made, Settings())
    with session_scope(engine) as session:
        before = counts(session)
    fixes, incidents = store_simulation(engine, made, Settings())
    with session_scope(engine) as session:
        assert counts(session) == before
    assert fixes["stored"] == incidents["stored"] == 0
    assert fixes["repeated"] == len(made.fixes) - fixes["refused"]


def test_nothing_simulated_nothing_stored(engine: Engine) -> None:
    nobody = simulate(
        nested_squares(), None, no_checkpoints(), None, until=UNTIL, days=1, patrollers=0, metric_crs=METRIC
    )
    quiet = Simulation(nobody.patrollers, nobody.patrols, nobody.fixes, nobody.incidents.iloc[:0])
    fixes, incidents = store_simulation(engine, quiet, Settings())
    assert fixes["stored"] == incidents["stored"] == 0


def test_tables_say_what_the_frames_say(tmp_path: Path, made: Simulation) -> None:
    paths = write_simulation(tmp_path / "new" / "folder", made)
    assert [path.name for path in paths] == ["patrollers.csv", "patrols.csv", "fixes.csv", "incidents.csv"]
    fixes = pd.read_csv(paths[2], parse_dates=["fix_at", "received_at"], dtype={"fault": "str"})
    times = {name: made.fixes[name].dtype for name in ("fix_at", "received_at")}
    assert_frame_equal(fixes.astype(times), made.fixes)
    assert pd.read_csv(paths[0])["name"].tolist() == made.patrollers["name"].tolist()
