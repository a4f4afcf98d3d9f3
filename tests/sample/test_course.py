"""What becomes of the incidents of a simulation: the same each time, in every state, and a walk that is allowed."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from gisgrid.database import session_scope
from gisgrid.incidents.reports import INCIDENT
from gisgrid.sample.course import records
from gisgrid.sample.simulate import Simulation, simulate
from gisgrid.sample.store import store_simulation
from gisgrid.settings import Settings
from gisgrid.sight import visible
from tests.grid.builders import METRIC, nested_squares
from tests.laid import lay
from tests.sample.worlds import no_checkpoints


@pytest.fixture(scope="module")
def made() -> Simulation:
    until = datetime.now(UTC).date()
    return simulate(nested_squares(), None, no_checkpoints(), None, until=until, days=15, metric_crs=METRIC)


def test_the_same_simulation_has_the_same_course(made: Simulation) -> None:
    now = datetime.now(UTC)
    assert records(made.incidents, now) == records(made.incidents, now)


def test_nothing_lies_ahead(made: Simulation) -> None:
    now = datetime.now(UTC) - timedelta(days=3)
    for each in records(made.incidents, now):
        times = (each.filed_at, each.dispatched_at, each.handled_at, each.closed_at, each.settled_at)
        assert all(at is None or at <= now for at in times)


def test_every_incident_is_stored_in_one_state_or_another(engine: Engine, settings: Settings, made: Simulation) -> None:
    lay(engine, date(2020, 1, 1))
    _, counts = store_simulation(engine, made, settings)
    assert counts["stored"] == len(made.incidents)
    assert counts["refused"] == 0
    with session_scope(engine) as session:
        states = Counter(session.scalars(select(INCIDENT.c.state).where(visible(session, INCIDENT))))
    assert {"closed", "settled"} <= set(states)
    assert len(states) > 3
    again = store_simulation(engine, made, settings)[1]
    assert again["repeated"] == len(made.incidents)
