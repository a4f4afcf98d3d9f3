from datetime import UTC, date, datetime, timedelta

import shapely
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from gisgrid.database import session_scope
from gisgrid.grid.layers.store import store_cells
from gisgrid.grid.relocate import relocate
from gisgrid.grid.tables import Cell, LayerSet
from gisgrid.incidents.tables import Incident
from gisgrid.patrols.tables import Alarm, Fix, Patroller
from gisgrid.settings import Settings
from tests.grid.builders import METRIC, nested_squares
from tests.rows import a_fix, a_position, an_incident

SETTINGS = Settings()
CELLS = nested_squares()
CODE = "440307009002001"
SPOT = shapely.get_coordinates(CELLS[CELLS.code == CODE].geometry.iloc[0].representative_point())[0].tolist()
CHANGE = date(2026, 11, 2)
LAST_MOMENT_BEFORE = datetime(2026, 11, 1, 15, 59, 59, tzinfo=UTC)  # a second before midnight in Shenzhen


def stored(session: Session, first_day: date) -> LayerSet:
    return store_cells(session, CELLS, name="t", source="t", first_day=first_day, metric_crs=METRIC)


def test_records_since_the_first_day_move_and_older_ones_stay(engine: Engine) -> None:
    with session_scope(engine, write=True) as session:
        session.add(Patroller(id=1, ref="p"))
        session.flush()
        first = stored(session, date(2026, 1, 1)).id
        for number in range(3):
            moment = LAST_MOMENT_BEFORE + timedelta(seconds=number)
            session.add(a_fix(number, 1, fix_at=moment, **a_position(*SPOT)))
            session.add(an_incident(number, reported_at=moment, **a_position(*SPOT)))
        session.add(a_fix(9, 1, fix_at=LAST_MOMENT_BEFORE + timedelta(days=1), **a_position(0, 0)))
        nowhere = {"raised_at": LAST_MOMENT_BEFORE, "received_at": LAST_MOMENT_BEFORE}
        session.add(Alarm(client_id="from nowhere", sender_id=1, patroller_id=1, **nowhere))
        session.flush()
        assert relocate(session, date(2026, 1, 1), SETTINGS) == 7
        second = stored(session, CHANGE).id
        assert relocate(session, CHANGE, SETTINGS) == 5
    with session_scope(engine) as session:
        for table in (Fix, Incident):
            query = select(Cell.layer_set_id, Cell.code).join(table, table.substation_id == Cell.id).order_by(table.id)
            assert session.execute(query).all() == [(first, CODE), (second, CODE), (second, CODE)]
        assert session.scalars(select(Fix.street_id).where(Fix.client_id == "fix 9")).all() == [None]
