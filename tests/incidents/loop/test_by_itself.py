"""What goes up by itself once its time is over, and what comes back from a suspension."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from gisgrid.incidents.loop.by_itself import move_what_is_due
from gisgrid.settings import Settings
from tests.incidents.conftest import Hire
from tests.incidents.loop.office import DEPARTMENT, Office, case, moved, open_office
from tests.laid import COMMUNITY, STREET, SUBSTATION

URGENT = "E0401"
"""A road collapse: two urgent hours, which run at night, too."""


@pytest.fixture
def office(hire: Hire) -> Office:
    return open_office(hire)


@pytest.fixture
def incident(office: Office) -> int:
    number = office.walker.report(kind=URGENT)
    moved(office.desk, number, "file", condition="1")
    moved(office.desk, number, "dispatch", departments=[DEPARTMENT])
    return number


def later(hours: float) -> datetime:
    return datetime.now(UTC) + timedelta(hours=hours)


def test_what_a_level_did_not_settle_goes_up_once_for_each_time_its_limit_is_used(
    ground: Engine, settings: Settings, office: Office, incident: int
) -> None:
    limit = case(office.desk, incident)["clock"]["allowed_s"] / 3600
    times = [(0.5, SUBSTATION), (1.01, COMMUNITY), (1.5, COMMUNITY), (2.01, STREET), (9.0, STREET)]
    for share, answering in times:
        move_what_is_due(ground, settings, later(share * limit))
        assert case(office.street, incident)["answering_code"] == answering, share
    told = case(office.street, incident)
    assert [step["move"] for step in told["steps"]][-2:] == ["escalate", "escalate"]
    assert [step["by"] for step in told["steps"]][-2:] == [None, None]
    assert told["state"] == "dispatched"  # whoever has it in hand goes on


def test_what_is_handled_waits_for_its_check_and_does_not_go_up(
    ground: Engine, settings: Settings, office: Office, incident: int
) -> None:
    moved(office.department, incident, "accept")
    moved(office.department, incident, "finish", words="已围挡")
    assert move_what_is_due(ground, settings, later(100)) == 0


def test_a_suspension_ends_on_its_day(ground: Engine, settings: Settings, office: Office, incident: int) -> None:
    moved(office.department, incident, "accept")
    until = (datetime.now(settings.zone) + timedelta(days=3)).date()
    moved(office.desk, incident, "suspend", until=until.isoformat(), words="等材料")
    assert move_what_is_due(ground, settings, later(24)) == 0
    assert move_what_is_due(ground, settings, later(24 * 3)) == 1
    assert case(office.desk, incident)["state"] == "handling"


def test_what_went_up_already_holds_up_nothing_else(
    ground: Engine, settings: Settings, office: Office, incident: int
) -> None:
    limit = case(office.desk, incident)["clock"]["allowed_s"] / 3600
    assert move_what_is_due(ground, settings, later(1.1 * limit)) == 1
    other = office.walker.report(kind=URGENT, client_id="other")
    moved(office.desk, other, "file", condition="1")
    assert move_what_is_due(ground, settings, later(1.2 * limit)) == 1
    assert case(office.street, other)["answering_code"] == COMMUNITY
    assert case(office.street, incident)["answering_code"] == COMMUNITY
