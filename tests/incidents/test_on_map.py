"""What a map marks of the incidents, for whom, and when it is told squares instead."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine, update

from gisgrid.database import session_scope
from gisgrid.geometry import points_to_metric
from gisgrid.incidents import on_map
from gisgrid.incidents.lifecycle import OPEN
from gisgrid.incidents.tables import Incident
from gisgrid.settings import Settings
from tests.incidents.conftest import Hire
from tests.incidents.desk import Staff
from tests.incidents.loop.office import DEPARTMENT, KIND, Office, case, moved, open_office
from tests.laid import SPOT, SUBSTATION


@pytest.fixture
def office(hire: Hire) -> Office:
    return open_office(hire)


def marks(staff: Staff, **asked: str) -> dict[int, dict[str, Any]]:
    """Return what the map marks for somebody, by the ids of the incidents."""
    status, answer = staff.ask("GET", "/map", params=asked)
    assert status == 200, answer
    found = [dict(zip(answer["columns"], row, strict=True)) for row in answer["rows"]]
    assert answer["numberMatched"] == len(found)
    return {each["id"]: each for each in found}


def walked(office: Office) -> dict[str, int]:
    """One incident in each of some states, by its name."""
    found = {name: office.walker.report(kind=KIND, client_id=name) for name in ("new", "filed", "busy", "done", "gone")}
    for name in ("filed", "busy", "done"):
        moved(office.desk, found[name], "file", condition="1")
    for name in ("busy", "done"):
        moved(office.desk, found[name], "dispatch", departments=[DEPARTMENT])
        moved(office.department, found[name], "accept")
    moved(office.department, found["done"], "finish", words="好了")
    moved(office.desk, found["gone"], "reject", words="不属实")
    return found


def test_each_is_marked_as_its_case_tells(office: Office) -> None:
    ids = walked(office)
    shown = marks(office.desk)
    assert set(shown) == set(ids.values())
    for mark in shown.values():
        its = case(office.desk, mark["id"])
        assert (mark["state"], mark["light"]) == (its["state"], its["clock"]["state"])
        assert mark["is_overdue"] == its["clock"]["is_overdue"]
        assert (mark["longitude"], mark["latitude"]) == pytest.approx(SPOT, abs=1e-6)
    assert {mark["light"] for mark in shown.values()} == {"none", "green", "paused"}
    assert office.desk.ask("GET", "/map")[1]["kinds"] == {KIND: {"zh": "店外经营", "en": "trading outside the shop"}}


def test_what_is_past_its_limit_is_red(office: Office, engine: Engine) -> None:
    ids = walked(office)
    with session_scope(engine, write=True) as session:
        session.execute(update(Incident).values(due_at=datetime.now(UTC) - timedelta(minutes=1)))
    shown = marks(office.desk)
    late = {name for name, number in ids.items() if shown[number]["is_overdue"]}
    assert late == {"filed", "busy"} == {name for name, number in ids.items() if shown[number]["light"] == "red"}


def test_open_ones_are_marked_whatever_their_day_and_those_of_the_period(office: Office) -> None:
    ids = walked(office)
    open_ones = {number for number in ids.values() if case(office.desk, number)["state"] in OPEN}
    assert set(ids.values()) - open_ones == {ids["gone"]}
    assert set(marks(office.desk, datetime="2020-01-01")) == open_ones
    assert set(marks(office.desk, datetime="2026-11-01")) == set(ids.values())
    assert set(marks(office.desk, datetime="2026-11-01", only="open")) == open_ones
    assert set(marks(office.desk, cell=SUBSTATION)) == set(ids.values())
    assert set(marks(office.desk, cell="440307009003002")) == set()


def test_a_map_marks_what_the_list_lists_for_the_same_people(office: Office, hire: Hire) -> None:
    office.walker.report(kind="E0201", client_id="ordinary")
    office.walker.report(kind="L0901", client_id="confidential")
    named = hire(("confidential_handler", SUBSTATION))
    people = [office.walker, office.desk, office.street, office.department, office.stranger, named]
    for staff in people:
        listed = {feature["id"] for feature in staff.ask("GET")[1]["features"]}
        assert set(marks(staff)) == listed
    assert len({frozenset(marks(staff)) for staff in people}) > 2
    assert marks(office.stranger) == {}


def test_too_many_are_told_by_squares(office: Office, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = walked(office)
    office.walker.report(kind=KIND, longitude=SPOT[0] + 0.02)
    with session_scope(engine, write=True) as session:
        session.execute(update(Incident).values(due_at=datetime.now(UTC) - timedelta(minutes=1)))
    monkeypatch.setattr(on_map, "MOST_MARKS", len(ids))
    status, answer = office.street.ask("GET", "/map")
    assert (status, answer["square_m"], answer["numberMatched"]) == (200, 500, len(ids) + 1)
    assert answer["columns"] == ["longitude", "latitude", "count", "overdue"]
    assert sorted(row[2:] for row in answer["rows"]) == [[1, 0], [5, 2]]
    metric = Settings().metric_crs
    (middle,) = [row[:2] for row in answer["rows"] if row[2] == len(ids)]
    away = np.subtract(*(points_to_metric(*place, metric) for place in (middle, SPOT)))
    assert np.abs(away).max() <= 250.1
    assert marks(office.stranger) == {}  # who sees none is told none, however many there are


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_what_cannot_be_asked_is_told_so(office: Office) -> None:
    asked: dict[str, dict[str, str]] = {
        "BadInput": {"only": "some"}, "NoSuchCell": {"cell": "nowhere"}, "BadPeriod": {"datetime": "morgen"}
    }  # fmt: skip
    assert {code: office.desk.ask("GET", "/map", params=each)[1]["code"] for code, each in asked.items()} == {
        code: code for code in asked
    }
