"""While people check in, the grid is replaced again and again: nothing is ever of a grid that is no more in force."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Event
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, func, select

from gisgrid.database import session_scope
from gisgrid.grid.layers.store import store_cells
from gisgrid.grid.relocate import relocate
from gisgrid.grid.tables import Cell
from gisgrid.incidents.report import Report, report
from gisgrid.patrols.arrival.check_in import CheckIn, check_in
from gisgrid.patrols.tables import Fix
from gisgrid.settings import Settings
from tests.doses import dose
from tests.grid.builders import METRIC, nested_squares
from tests.laid import SPOT

ZONE = ZoneInfo("Asia/Shanghai")
CELLS = nested_squares()
FIRST = date(2026, 1, 1)
MOMENT = datetime(2026, 10, 31, 4, tzinfo=UTC)
WRITERS = 3


def replace(engine: Engine, number: int) -> int:
    """Take the same cells into force anew; return the row of the layer set."""
    with session_scope(engine, write=True) as session:
        day = FIRST + timedelta(days=number)
        made = store_cells(session, CELLS, name=f"{number}", source="t", first_day=day, metric_crs=METRIC)
        relocate(session, day, Settings())
        return made.id


def walk(engine: Engine, who: int, is_over: Event) -> int:
    """Check in and report until it is over; return how many fixes there were."""
    number = 0
    while not is_over.is_set():
        moment = MOMENT + timedelta(seconds=number)
        with session_scope(engine, write=True) as session:
            check_in(session, [CheckIn(f"P{who}", moment, moment, *SPOT, client_id=f"{number}")], Settings())
            report(session, [Report("L0201", moment, moment, *SPOT, client_id=f"{who} {number}")], ZONE)
        number += 1
    return number


def of_which_grids(engine: Engine) -> dict[int, int]:
    """Return how many fixes there are by layer set."""
    grids = select(Cell.layer_set_id, func.count()).join(Fix, Fix.substation_id == Cell.id)
    with session_scope(engine) as session:
        return dict(session.execute(grids.group_by(Cell.layer_set_id)).all())


def test_nothing_is_of_a_grid_that_was_replaced_meanwhile(engine: Engine) -> None:
    replace(engine, 0)
    is_over = Event()
    with ThreadPoolExecutor(WRITERS) as pool:
        walking = [pool.submit(walk, engine, who, is_over) for who in range(WRITERS)]
        try:
            seen = [(replace(engine, number), of_which_grids(engine)) for number in range(1, dose(10, 40))]
        finally:
            is_over.set()
        walked = sum(each.result() for each in walking)
    assert [set(grids) - {newest} for newest, grids in seen] == [set()] * len(seen)
    assert of_which_grids(engine) == {seen[-1][0]: walked}
    assert walked  # on a file, writers that wait longest come last
