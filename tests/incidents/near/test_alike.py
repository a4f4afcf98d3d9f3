"""What is offered as a duplicate: the same kind, within 50 m and 24 hours."""

from typing import Any

import pytest

from tests.incidents.conftest import Hire
from tests.incidents.loop.office import KIND, Office, moved, open_office
from tests.laid import SPOT

METRE = 1 / 111_195
DAY = "2026-11-01T08:00:00+08:00"


@pytest.fixture
def office(hire: Hire) -> Office:
    return open_office(hire)


def north(metres: float) -> dict[str, float]:
    return {"longitude": SPOT[0], "latitude": SPOT[1] + metres * METRE}


@pytest.mark.parametrize(
    ("other", "is_offered"),
    [
        ({}, True),
        (north(49), True),
        (north(51), False),
        ({"reported_at": "2026-11-02T07:59:00+08:00"}, True),
        ({"reported_at": "2026-10-31T08:00:00+08:00"}, True),
        ({"reported_at": "2026-11-02T08:01:00+08:00"}, False),
        ({"kind": "E0507"}, False),
    ],
)
def test_the_same_kind_near_by_and_about_the_same_time(office: Office, other: dict[str, Any], is_offered: bool) -> None:
    first = office.walker.report(kind=KIND, client_id="1")
    second = office.walker.report(**{"kind": KIND, "client_id": "2", **other})
    status, found = office.desk.ask("GET", f"/{first}/duplicates")
    assert status == 200
    assert [each["id"] for each in found] == ([second] if is_offered else [])


def test_what_was_merged_or_may_not_be_seen_is_not_offered(office: Office, hire: Hire) -> None:
    first, second = (office.walker.report(kind=KIND, client_id=each) for each in "12")
    moved(office.desk, second, "merge", into=first)
    assert office.desk.ask("GET", f"/{first}/duplicates") == (200, [])
    third = office.checker.report(kind=KIND, client_id="3")
    volunteer = hire(("mediator", None))
    own = volunteer.report(kind=KIND, client_id="4")
    assert volunteer.ask("GET", f"/{own}/duplicates") == (200, [])
    assert {each["id"] for each in office.desk.ask("GET", f"/{own}/duplicates")[1]} == {first, third}
