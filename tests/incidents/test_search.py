"""Which incidents a search finds, and whose turn it is."""

from typing import Any

import pytest

from tests.incidents.conftest import Hire
from tests.incidents.loop.office import DEPARTMENT, KIND, Office, move, moved, open_office


@pytest.fixture
def office(hire: Hire) -> Office:
    return open_office(hire)


@pytest.fixture
def happened(office: Office) -> dict[str, int]:
    """One incident each that is reported, dispatched, rejected."""
    found = {name: office.walker.report(kind=KIND, client_id=name) for name in ("new", "sent", "gone")}
    called = office.desk.report(
        kind=KIND, client_id="called", source="hotline", outside_number="GD-7", description="占道 50%"
    )
    moved(office.desk, found["sent"], "file", condition="1")
    moved(office.desk, found["sent"], "dispatch", departments=[DEPARTMENT])
    moved(office.desk, found["gone"], "reject", words="不属实")
    return {**found, "called": called}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, {"new", "sent", "gone", "called"}),
        ({"state": "open"}, {"new", "sent", "called"}),
        ({"state": "rejected,dispatched"}, {"sent", "gone"}),
        ({"source": "hotline"}, {"called"}),
        ({"department": DEPARTMENT}, {"sent"}),
        ({"q": "GD-7"}, {"called"}),
        ({"q": "50%"}, {"called"}),
        ({"q": "%"}, {"called"}),
        ({"q": "-0001"}, {"new"}),
        ({"overdue": "true"}, set()),
        ({"mine": "true"}, {"called"}),
        ({"state": "open", "source": "patrol"}, {"new", "sent"}),
    ],
)
def test_a_search_finds(office: Office, happened: dict[str, int], asked: dict[str, Any], found: set[str]) -> None:
    assert set(office.desk.seen(**asked)) == found


@pytest.mark.parametrize("asked", [{"state": "gone"}, {"source": "birds"}, {"department": "magic"}])
def test_what_is_none_is_told_so(office: Office, asked: dict[str, str]) -> None:
    status, answer = office.desk.ask("GET", params=asked)
    assert (status, answer["code"]) == (422, "UnknownState")


def test_what_waits_is_told_to_those_whose_turn_it_is(office: Office, happened: dict[str, int]) -> None:
    def waits(staff: Any) -> set[str]:
        return set(staff.seen(waiting="true"))

    assert waits(office.desk) == {"new", "called"}
    assert waits(office.department) == {"sent"}
    assert waits(office.community) == set()  # below their own level
    assert waits(office.checker) == set()
    moved(office.desk, happened["new"], "escalate", words="办不了")
    assert waits(office.community) == {"new"}
    moved(office.department, happened["sent"], "accept")
    moved(office.department, happened["sent"], "finish", words="好了")
    assert waits(office.checker) == waits(office.walker) == {"sent"}
    assert waits(office.department) == set()


def test_whoever_has_no_area_sees_what_they_reported_or_have_to_do(office: Office, hire: Hire) -> None:
    volunteer = hire(("mediator", "440307009003"), name="调解员")
    own = volunteer.report(kind="L0201", client_id="own")
    task = office.walker.report(kind="L0201", client_id="task")
    assert volunteer.seen() == ["own"]
    moved(office.desk, task, "file", condition="1")
    moved(office.desk, task, "dispatch", person="调解员")
    assert set(volunteer.seen()) == {"own", "task"}
    assert volunteer.seen(waiting="true") == ["task"]
    assert move(volunteer, own, "file", condition="1")[0] == 403
