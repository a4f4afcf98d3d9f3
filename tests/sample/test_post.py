"""A day of phones with bad reception gives what the same fixes give that are loaded in order from a file."""

from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Engine

from gisgrid.audit.record import OPERATOR
from gisgrid.coverage.report import coverage_report
from gisgrid.database import session_scope
from gisgrid.grid.tables import LEVELS
from gisgrid.intake.imports import Wishes
from gisgrid.parameters import Period
from gisgrid.patrols.arrival.imports import import_check_ins
from gisgrid.patrols.fixes import fixes_frame
from gisgrid.sample.phone import HARD
from gisgrid.sample.post import NoAnswer, NotTaken, post_simulation
from gisgrid.sample.simulate import SHANGHAI, Simulation, simulate
from gisgrid.settings import Settings
from gisgrid.staff.appointments import grant
from gisgrid.staff.devices import add_key
from gisgrid.staff.people import person_of
from tests.doses import dose
from tests.grid.builders import METRIC, nested_squares
from tests.laid import lay
from tests.postgis import free_port
from tests.sample.worlds import no_checkpoints
from tests.staff.builders import hire

DAY = date(2026, 11, 22)
NIGHT = datetime(2026, 11, 22, tzinfo=SHANGHAI)
PERIOD = Period(NIGHT, NIGHT + timedelta(days=2))
NAMES = ["client_id", "fix_at", "longitude", "latitude", "accuracy_m", *(f"{level}_code" for level in LEVELS)]


def made(patrollers: int) -> Simulation:
    return simulate(
        nested_squares(),
        None,
        no_checkpoints(),
        None,
        until=DAY,
        days=1,
        patrollers=patrollers,
        metric_crs=METRIC,
        habits=HARD,
    )


@pytest.fixture
def key(engine: Engine) -> str:
    """What lets a program act for somebody who may bring in what others recorded."""
    lay(engine)
    number = hire(engine)
    with session_scope(engine, write=True) as session:
        person = person_of(session, number)
        grant(session, OPERATOR, person, "station_staff")
        return add_key(session, OPERATOR, person, "simulate").words


OF_INCIDENTS = dict.fromkeys(("reported", "demand_match"))
"""What follows from incidents, which only one of the two databases has."""


def figures(engine: Engine) -> list[Any]:
    with session_scope(engine) as session:
        reports = [coverage_report(session, Settings(), level=level, period=PERIOD) for level in LEVELS]
    seen = [[cell.model_copy(update=OF_INCIDENTS) for cell in report.cells] for report in reports]
    return [(cells, report.outside, report.excluded) for cells, report in zip(seen, reports, strict=True)]


def kept(engine: Engine) -> list[Any]:
    with session_scope(engine) as session:
        frame = fixes_frame(session, PERIOD)
    return sorted(frame[NAMES].astype(str).itertuples(index=False, name=None))


def import_in_order(engine: Engine, fixes: pd.DataFrame, folder: Path) -> Counter[str]:
    """Load each fix once, in the order in which they were measured."""
    file = folder / "fixes.csv"
    fixes.drop_duplicates(["patroller_ref", "client_id"]).sort_values("fix_at").to_csv(file, index=False)
    faults: list[Any] = []
    wishes = Wishes(SHANGHAI)
    done = import_check_ins(engine, file, wishes, Settings(), lambda *fault: faults.append(fault), lambda *_: None)
    assert faults == []
    return Counter(done)


def test_what_is_delivered_badly_gives_what_its_file_gives(
    engine: Engine, served: str, key: str, other_engine: Engine, tmp_path: Path
) -> None:
    lay(other_engine)
    simulation = made(dose(8, 200))
    seen: list[int] = []
    fixes, incidents, reasons = post_simulation(served, key, simulation, seen.append)
    once = simulation.fixes.drop_duplicates(["patroller_ref", "client_id"])
    assert reasons == {}
    assert sum(seen) == len(simulation.fixes) + len(simulation.incidents)
    assert fixes["stored"] == len(once)
    assert fixes["repeated"] == len(simulation.fixes) - len(once) > 0.08 * len(once)
    assert once["fault"].notna().mean() > 0.015
    assert (fixes["refused"], fixes["conflict"], incidents["stored"]) == (0, 0, len(simulation.incidents))
    assert import_in_order(other_engine, simulation.fixes, tmp_path)["stored"] == len(once)
    assert kept(engine) == kept(other_engine)
    assert figures(engine) == figures(other_engine)


def test_who_may_not_is_told(served: str, engine: Engine) -> None:
    lay(engine)
    with pytest.raises(NotTaken):
        post_simulation(served, "gg_api_nobody", made(2))


def test_a_service_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gisgrid.sample.post.TRIES", 2)
    monkeypatch.setattr("gisgrid.sample.post.PAUSE_S", 0)
    with pytest.raises(NoAnswer, match="ConnectError"):
        post_simulation(f"http://127.0.0.1:{free_port()}", "x", made(2))
