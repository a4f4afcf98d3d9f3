"""Plans are made, changed and ended within one's cells, and what was due stays due."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from gisgrid.audit.record import OPERATOR, Actor
from gisgrid.database import session_scope
from gisgrid.errors import GisgridError
from gisgrid.patrols.plans.change_plans import (
    BadDays,
    NoSuchPlace,
    NoSuchWalker,
    PlacesApart,
    PlanOver,
    change_plan,
    end_plan,
    make_plan,
)
from gisgrid.patrols.plans.read_plans import Known, NoSuchPlan, known, plan_of
from gisgrid.patrols.plans.rounds import rounds_on
from gisgrid.patrols.plans.tables import Plan, PlanPerson
from gisgrid.patrols.plans.terms import Place, TimesTooClose
from gisgrid.sight import EVERYTHING, Cells, Sight
from gisgrid.staff.people import person_of, set_active
from tests.laid import COMMUNITY, STREET, SUBSTATION
from tests.patrols.plans.builders import QUAY, ZONE
from tests.patrols.plans.worlds import AWAY, SETTINGS, a_walker, a_wish, clock, planned, sight_in, today
from tests.staff.builders import audited

DAY = timedelta(days=1)
FAR = Place("checkpoint", "C9")


def change(engine: Engine, plan: int, sight: Sight = EVERYTHING, **changes: Any) -> None:
    with session_scope(engine, write=True, sight=sight) as session:
        change_plan(session, SETTINGS, OPERATOR, plan, a_wish(**changes))


def end(engine: Engine, plan: int, sight: Sight = EVERYTHING) -> None:
    with session_scope(engine, write=True, sight=sight) as session:
        end_plan(session, SETTINGS, OPERATOR, plan)


def read(engine: Engine, plan: int) -> Known:
    with session_scope(engine) as session:
        return known(session, [plan_of(session, plan)])[0]


def due(engine: Engine, plan: int, day: date) -> list[str]:
    """Return at which time which place is due on a day."""
    rounds = rounds_on(read(engine, plan).planned, day, ZONE)
    return [f"{clock(each.start_at)} {each.place.code}" for each in rounds]


def test_a_plan_is_made_and_comes_back(town: Engine) -> None:
    zhang = a_walker(town, "zhang")
    with session_scope(town, write=True) as session:
        wish = a_wish("夜巡", by_anyone=False, people=("ZHANG",), first_day=today(), last_day=today() + 6 * DAY)
        plan = make_plan(session, SETTINGS, Actor("person", zhang), wish)
        assert (plan.made_by, plan.name, len(plan.seed)) == (zhang, "夜巡", 32)
    its = read(town, plan.id)
    assert (its.people_on(today()), its.people_on(today() - DAY)) == ({zhang}, None)
    assert its.planned.terms == (replace(wish.terms, since=today()),)
    assert due(town, plan.id, today() + DAY) == ["09:00 C1"]
    (entry,) = audited(town, "plan.made")
    assert (entry.actor, entry.subject, entry.detail) == ("person", plan.id, {})


def test_a_plan_lies_in_the_smallest_cell_that_holds_its_places(town: Engine) -> None:
    cells = {"one": [QUAY], "cell": [QUAY, Place("cell", COMMUNITY)], "two": [QUAY, FAR]}
    for name, places in cells.items():
        planned(town, name=name, places=tuple(places))
    with session_scope(town) as session:
        lies = {
            plan.name: [cell is not None for cell in (plan.street_id, plan.community_id, plan.substation_id)]
            for plan in session.scalars(select(Plan))
        }
    assert lies == {"one": [True, True, True], "cell": [True, True, False], "two": [True, False, False]}


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"places": (Place("checkpoint", "C0"),)}, NoSuchPlace),
        ({"places": (Place("cell", "440307009999"),)}, NoSuchPlace),
        ({"places": (Place("cell", "C1"),)}, NoSuchPlace),
        ({"at": ("09:00", "09:30")}, TimesTooClose),
        ({"last_day": date(2026, 10, 31)}, BadDays),
        ({"is_operation": True}, BadDays),
        ({"by_anyone": False, "people": ("nobody",)}, NoSuchWalker),
        ({"by_anyone": False, "people": ("cadre-None",)}, NoSuchWalker),  # who does not walk
        ({"by_anyone": False, "people": ("li",)}, NoSuchWalker),  # who walks elsewhere
        ({"by_anyone": False, "people": ("gone",)}, NoSuchWalker),
        ({"by_anyone": False, "people": ()}, NoSuchWalker),
    ],
)
@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_what_cannot_be_planned(town: Engine, changes: dict[str, Any], error: type[GisgridError]) -> None:
    sight_in(town, "cadre", None)
    a_walker(town, "li", AWAY)
    gone = a_walker(town, "gone")
    with session_scope(town, write=True) as session:
        set_active(session, OPERATOR, person_of(session, gone), is_active=False)
    with pytest.raises(error):
        planned(town, **changes)
    with session_scope(town) as session:
        assert session.scalars(select(Plan.id)).all() == []


def test_a_station_plans_for_itself_alone(town: Engine) -> None:
    mine, its = sight_in(town, "station_staff", SUBSTATION), sight_in(town, "station_staff", AWAY)
    plan = planned(town, sight=mine)
    for place in (FAR, Place("cell", COMMUNITY), Place("cell", STREET)):
        with pytest.raises(NoSuchPlace):
            planned(town, sight=mine, places=(QUAY, place))
    for act in (change, end):
        with pytest.raises(NoSuchPlan):
            act(town, plan, its)
    end(town, plan, mine)


def test_who_answers_for_two_stations_makes_a_plan_for_each(town: Engine) -> None:
    its = [sight_in(town, "station_staff", cell) for cell in (SUBSTATION, AWAY)]
    both = Sight(
        answers=Cells(substations=its[0].answers.substations | its[1].answers.substations),
        codes=its[0].codes | its[1].codes,
    )
    with pytest.raises(PlacesApart):
        planned(town, sight=both, places=(QUAY, FAR))
    planned(town, sight=both, places=(FAR,))


# --- changed and ended -----------------------------------------------------------------------------


def test_a_plan_that_has_begun_changes_from_tomorrow_on(town: Engine) -> None:
    zhang = a_walker(town, "zhang")
    plan = planned(town)
    change(town, plan, at=("15:00",), by_anyone=False, people=("zhang",), name="午后")
    assert [due(town, plan, day) for day in (today(), today() + DAY)] == [["09:00 C1"], ["15:00 C1"]]
    its = read(town, plan)
    assert (its.name, its.people_on(today()), its.people_on(today() + DAY)) == ("午后", None, {zhang})
    change(town, plan, at=("16:00",))  # the same day once more
    assert [due(town, plan, day) for day in (today(), today() + DAY)] == [["09:00 C1"], ["16:00 C1"]]
    assert (len(read(town, plan).planned.terms), read(town, plan).people) == (2, {})
    change(town, plan)  # and back
    assert len(read(town, plan).planned.terms) == 1
    assert [entry.action for entry in audited(town, "plan")] == ["plan.made", *["plan.changed"] * 3]


def test_its_days_may_change_too(town: Engine) -> None:
    plan = planned(town)
    change(town, plan, last_day=today())
    assert (due(town, plan, today()), due(town, plan, today() + DAY)) == (["09:00 C1"], [])
    for days in ({"first_day": date(2026, 11, 2)}, {"last_day": today() - DAY}):
        with pytest.raises(BadDays):
            change(town, plan, **days)


def test_a_plan_that_has_not_begun_changes_as_a_whole(town: Engine) -> None:
    a_walker(town, "zhang")
    plan = planned(town, first_day=today() + 5 * DAY, by_anyone=False, people=("zhang",))
    change(town, plan, first_day=today(), at=("00:00", "23:59"), duration_min=1)
    assert due(town, plan, today())[-1:] == ["23:59 C1"]
    assert "00:00 C1" not in due(town, plan, today()), "what is past already was never due"
    with session_scope(town) as session:
        assert session.scalars(select(PlanPerson.person_id)).all() == []


def test_a_plan_that_moves_stays_with_those_who_answered_for_it_today(town: Engine) -> None:
    plan = planned(town)
    change(town, plan, places=(FAR,))
    with session_scope(town) as session:
        assert plan_of(session, plan).community_id is None


def test_what_has_begun_is_still_due_when_a_plan_ends(town: Engine) -> None:
    plan = planned(town, at=("00:00", "23:59"), duration_min=1)
    end(town, plan)
    assert due(town, plan, today()) == ["00:00 C1"]
    assert due(town, plan, today() + DAY) == []
    for act in (change, end):
        with pytest.raises(PlanOver):
            act(town, plan)
    assert len(audited(town, "plan.ended")) == 1


def test_a_plan_whose_last_day_is_past_is_over(town: Engine) -> None:
    plan = planned(town, last_day=today() - DAY, first_day=today() - 9 * DAY)
    for act in (change, end):
        with pytest.raises(PlanOver):
            act(town, plan)
    with pytest.raises(NoSuchPlan):
        end(town, plan + 1)
