"""Who may ask for whose figures: a plan's people are everybody's business, named ones need tracks and a purpose."""

import pytest
from sqlalchemy import Engine

from gisgrid.coverage.asking import NotOfPeople, TwoGroups, Whom, asked_group
from gisgrid.coverage.group import NoSuchPeople
from gisgrid.database import session_scope
from gisgrid.patrols.reading import PurposeNeeded
from gisgrid.sight import NOTHING
from gisgrid.staff.caller import NOBODY, PUBLIC, Caller
from gisgrid.staff.roles import ROLES
from gisgrid.staff.scope import Role
from tests.patrols.plans.worlds import planned, settle_down, walked

WHY = "核查 11 月 1 日的异议"


def somebody(*roles: str) -> Caller:
    return Caller("person", person=1, roles=tuple(Role(each, None, None) for each in roles))


@pytest.fixture
def town(engine: Engine) -> Engine:
    settle_down(engine)
    walked(engine, "P1", 10)
    walked(engine, "P2", 20)
    return engine


def asked(engine, caller, **whom):
    with session_scope(engine) as session:
        return asked_group(session, caller, Whom(**whom))


def test_everybody_is_meant_where_nobody_is_named(town):
    assert asked(town, NOBODY) is asked(town, PUBLIC) is asked(town, somebody("cadre"), purpose=WHY) is None


@pytest.mark.parametrize("role", sorted(ROLES))
def test_named_people_are_for_those_who_may_see_tracks_and_say_what_for(town, role):
    caller = somebody(role)
    if caller.may("tracks"):
        assert asked(town, caller, people=["P1"], purpose=WHY).name == "P1"
        with pytest.raises(PurposeNeeded):
            asked(town, caller, people=["P1"])
    else:
        for purpose in (None, WHY):
            with pytest.raises(NotOfPeople):
                asked(town, caller, people=["P1"], purpose=purpose)


@pytest.mark.parametrize("caller", [NOBODY, PUBLIC, Caller("device"), Caller("board")], ids=lambda each: each.kind)
def test_nobody_without_an_account_asks_for_people(town, caller):
    with pytest.raises(NotOfPeople):
        asked(town, caller, people=["P1"], purpose=WHY)


def test_whether_somebody_is_there_is_not_told_to_those_who_may_not_ask(town):
    with pytest.raises(NotOfPeople):
        asked(town, PUBLIC, people=["P9"], purpose=WHY)
    with pytest.raises(NoSuchPeople):
        asked(town, somebody("cadre"), people=["P9"], purpose=WHY)


@pytest.mark.parametrize(
    "whom",
    [
        {"plan": 1, "people": ["P1"]},
        {"plan": 1, "patrol": "1"},
        {"patrol": "1"},
        {"patrol": "1", "people": ["P1", "P2"]},
    ],
)
def test_one_group_at_a_time(town, whom):
    with pytest.raises(TwoGroups):
        asked(town, somebody("cadre"), purpose=WHY, **whom)


def test_the_people_of_a_plan_need_no_purpose(town):
    number = planned(town)
    group = asked(town, somebody("cadre"), plan=number)
    assert (group.kind, group.plan) == ("plan", number)


def test_what_the_session_saw_before_it_sees_afterwards(town):
    with session_scope(town, sight=NOTHING) as session:
        assert asked_group(session, somebody("street_leader"), Whom(people=["P1", "P2"], purpose=WHY)).patrollers
        with pytest.raises(NoSuchPeople):
            asked_group(session, somebody("street_leader"), Whom(people=["P9"], purpose=WHY))
