"""Incidents by cell: the same numbers as the figures of merit, a real month, and how soon somebody came."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from gisgrid.coverage.work.incidents import COUNTED, SHARES, incident_figures_of
from gisgrid.database import session_scope
from gisgrid.grid.tables import Cell
from gisgrid.incidents.figures.figures import month_period
from gisgrid.incidents.records.imports import import_records
from gisgrid.intake.imports import Wishes
from gisgrid.parameters import Period
from gisgrid.patrols.people import patroller_of
from gisgrid.settings import Settings
from gisgrid.sight import NOTHING
from tests.incidents.records.ledger import DECEMBER, HOUR, ZONE, line, tianmen, write
from tests.laid import CELLS, COMMUNITY, SPOT, STREET, SUBSTATION, lay
from tests.rows import a_fix, a_step, an_incident, point
from tests.staff.callers import person

spatialite = pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
STATIONS = CELLS.loc[CELLS["level"] == "substation", "code"].tolist()
DAY = datetime(2026, 11, 2, tzinfo=ZONE)
LATER = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture
def ground(engine: Engine) -> Engine:
    """A grid in force for long."""
    lay(engine, date(2010, 1, 1))
    return engine


def brought(engine: Engine, settings: Settings, tmp_path: Path, lines: Any) -> None:
    faults: list[Any] = []
    path, wishes = write(tmp_path / "ledger.csv", lines), Wishes(ZONE)
    import_records(engine, path, wishes, settings, lambda *its: faults.append(its), lambda *_: None)
    assert faults == []


def figures(engine: Engine, settings: Settings, period: Period, now: datetime | None = None) -> dict[str, pd.DataFrame]:
    with session_scope(engine, sight=NOTHING) as session:
        return incident_figures_of(session, settings, period, now or datetime.now(UTC))


def test_a_real_month(ground: Engine, settings: Settings, tmp_path: Path) -> None:
    brought(ground, settings, tmp_path, tianmen(STATIONS))
    found = figures(ground, settings, month_period(DECEMBER.date(), settings))
    street = found["street"].loc[STREET]
    assert (street["closed"], street["overdue"], street["in_time"]) == (911, 61, 737)
    assert (round(street["closing_ratio"], 4), round(street["in_time_ratio"], 4)) == (0.9372, 0.7582)
    assert street["closing_s"] == 3 * 3600  # reported an hour before it was filed, handled and closed in two more
    assert street["responses"] == 0  # their places are those of whole cells
    assert pd.isna(street["response_s"])
    for level in ("community", "substation"):
        assert (found[level][list(COUNTED)].sum() == street[list(COUNTED)]).all()


def a_month() -> list[dict[str, str]]:
    """Return cases of October 2026 in all stations: ordinary ones, and petitions, which are confidential."""
    start = datetime(2026, 10, 2, 9, tzinfo=ZONE)
    lines = []
    for number in range(40):
        kind, work = ("L0103", "L0201", "L0301", "E0501")[number % 4], (1 + number % 7 * 12) * HOUR
        filed = start + timedelta(hours=11 * number)
        lines.append(line(number, kind, STATIONS[number % len(STATIONS)], filed, work if number % 5 else None))
    return lines


def test_it_is_the_same_number_as_in_the_figures_of_merit(
    ground: Engine, settings: Settings, tmp_path: Path, client: TestClient
) -> None:
    brought(ground, settings, tmp_path, a_month())
    period = month_period(date(2026, 10, 1), settings)
    found = figures(ground, settings, period)
    compared = 0
    for frame in found.values():
        for code, row in frame.iterrows():
            answer = client.get("/api/incident-figures", params={"datetime": period.text, "cell": str(code)})
            told = answer.json()["total"]
            counts = [name for name in COUNTED if name != "responses"]
            assert {name: row[name] for name in counts} == {name: told["counts"][name] for name in counts}
            shares = {each["name"]: each["ratio"] for each in told["shares"]}
            for name, there in SHARES.items():
                assert row[name] == pytest.approx(shares[there]) if shares[there] is not None else pd.isna(row[name])
            compared += row["reported"]
    assert compared == 3 * 30  # without ten petitions


@spatialite
def test_an_empty_period_gives_zeros_and_nothing(ground: Engine, settings: Settings) -> None:
    found = figures(ground, settings, month_period(date(2026, 10, 1), settings))
    assert {level: len(frame) for level, frame in found.items()} == {"street": 1, "community": 3, "substation": 6}
    for frame in found.values():
        assert (frame[list(COUNTED)] == 0).all().all()
        assert frame[[*SHARES, "response_s", "closing_s"]].isna().all().all()


def test_how_soon_somebody_came_and_it_was_over(ground: Engine, settings: Settings) -> None:
    """Three in SUBSTATION: reached after 10 and 40 minutes, and by nobody; one in none of the cells, after 5."""
    with session_scope(ground, write=True) as session:
        wang = person(session, ("department_staff", None), name="wang", department="fire")
        patroller = patroller_of(session, wang.id).id
        for number, (minutes, closed) in enumerate([(10, 60), (40, 100), (None, 500), (5, None)]):
            reported = DAY + timedelta(hours=5 * number)
            place = (SPOT[0], SPOT[1]) if number < 3 else (113.0, 22.0)
            where = {"longitude": place[0], "latitude": place[1], "geometry": point(*place)}
            incident = an_incident(number, reported_at=reported, **where, **(cells(session) if number < 3 else {}))
            session.add(incident)
            session.flush()
            steps = [(0, "report", "reported", "{}"), (1, "file", "filed", "{}")]
            steps.append((2, "dispatch", "dispatched", '{"departments": ["fire"]}'))
            if closed is not None:
                steps += [(closed, "accept", "handling", "{}"), (closed, "finish", "handled", "{}")]
                steps.append((closed, "pass", "closed", "{}"))
                incident.state = "closed"
            for order, (after, move, state, detail) in enumerate(steps, start=1):
                made_at = reported + timedelta(minutes=after)
                step = {"number": order, "move": move, "to_state": state, "made_at": made_at, "detail": detail}
                session.add(a_step(incident.id, **step))
            if minutes is not None:
                moment = reported + timedelta(minutes=minutes)
                its = {"fix_at": moment, "received_at": moment, "longitude": place[0], "latitude": place[1]}
                session.add(a_fix(number, patroller, **its))
    period = Period(DAY, DAY + timedelta(days=1))
    found = figures(ground, settings, period, LATER)
    for level, code in (("street", STREET), ("community", COMMUNITY), ("substation", SUBSTATION)):
        row = found[level].loc[code]
        assert tuple(row[["reported", "closed", "responses"]]) == (3, 3, 2)
        assert (row["response_s"], row["closing_s"]) == (25 * 60, 100 * 60)
        assert found[level]["reported"].sum() == 3
    # closed in the period, whenever it was reported; reached counts with the day of the report
    third = figures(ground, settings, Period(DAY + timedelta(minutes=50), DAY + timedelta(minutes=70)), LATER)
    row = third["street"].loc[STREET]
    assert tuple(row[["reported", "closed", "responses", "closing_s"]]) == (0, 1, 0, 60 * 60)
    assert pd.isna(row["response_s"])


def cells(session: Session) -> dict[str, int]:
    rows = session.execute(select(Cell.level, Cell.id).where(Cell.code.in_([STREET, COMMUNITY, SUBSTATION])))
    return {f"{row.level}_id": row.id for row in rows}
