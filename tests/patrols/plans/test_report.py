"""The report of a plan: its rounds, check-ins, people and gaps, of days whose fixes are there and of sealed ones."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from gisgrid.database import session_scope
from gisgrid.parameters import Period
from gisgrid.patrols.plans.gaps import settle_gaps
from gisgrid.patrols.plans.read_plans import NoSuchPlan
from gisgrid.patrols.plans.report import plan_report
from gisgrid.patrols.plans.report_schemas import PlanReport
from gisgrid.patrols.plans.terms import Place
from gisgrid.patrols.tables import Fix
from gisgrid.privacy.retention import run
from gisgrid.sight import EVERYTHING, Sight
from tests.laid import ELSEWHERE, SUBSTATION
from tests.patrols.plans.builders import DAY, QUAY, after_nine
from tests.patrols.plans.worlds import AWAY, EVENING, SETTINGS, a_walker, planned, sight_in, walked

BOTH = (QUAY, Place("checkpoint", "C9"))
BEFORE = DAY - timedelta(days=1)
A_DAY = 24 * 60


def report(engine: Engine, plan: int, now: datetime = EVENING, sight: Sight = EVERYTHING, **asked: Any) -> PlanReport:
    with session_scope(engine, sight=sight) as session:
        return plan_report(session, SETTINGS, plan, now, **asked)


def counts(of: Any) -> dict[str, int]:
    """Return how many rounds stand how, of those that there are."""
    names = ("ahead", "due", "done", "done_late", "unconfirmed", "missed")
    return {name: getattr(of, name) for name in names if getattr(of, name)}


def an_operation(engine: Engine, **changes: Any) -> int:
    """Make an operation of two days at both checkpoints, at nine and at seven in the evening."""
    days = {"first_day": BEFORE, "last_day": DAY, "is_operation": True}
    return planned(engine, **{**days, "name": "冬季行动", "places": BOTH, "at": ("09:00", "19:00"), **changes})


def test_a_special_operation_is_told_in_figures(town: Engine) -> None:
    plan = an_operation(town)
    walked(town, "P1", 10 - A_DAY, 11 - A_DAY, 10)
    walked(town, "P2", 70, at=ELSEWHERE)
    walked(town, "P3", 5 * 60)  # not within a round, and yet at its place
    walked(town, "P4", 10 - 2 * A_DAY)  # before it began
    settle_gaps(town, SETTINGS, Period(EVENING - timedelta(days=3), EVENING), EVENING)
    its = report(town, plan)
    assert (its.plan.name, its.plan.is_operation, its.first_day, its.last_day) == ("冬季行动", True, BEFORE, DAY)
    assert counts(its.rounds) == {"done": 2, "done_late": 1, "missed": 3, "due": 2}
    assert (its.rounds.rounds, its.rounds.done_ratio) == (8, 0.5)
    assert (its.check_ins, its.people) == (5, 3)
    assert its.gaps.model_dump() == {"opened": 3, "open": 0, "visit": 3, "corrected": 0, "reason": 0}
    assert [(place.code, place.name, counts(place)) for place in its.places] == [
        ("C1", "码头", {"done": 2, "missed": 1, "due": 1}),
        ("C9", "岭顶", {"done_late": 1, "missed": 2, "due": 1}),
    ]
    assert [(day.day, counts(day)) for day in its.days] == [
        (BEFORE, {"done": 1, "missed": 3}),
        (DAY, {"done": 1, "done_late": 1, "due": 2}),
    ]


def test_only_the_check_ins_of_its_people_count(town: Engine) -> None:
    zhang = a_walker(town, "zhang", None)
    plan = an_operation(town, by_anyone=False, people=("zhang",))
    walked(town, "P1", 10)
    assert (report(town, plan).check_ins, report(town, plan).people) == (0, 0)
    walked(town, zhang, 10)
    its = report(town, plan)
    assert (its.check_ins, its.people, its.rounds.done) == (1, 1, 1)


def test_of_nothing_there_is_no_ratio(town: Engine) -> None:
    plan = planned(town, first_day=DAY + timedelta(days=5), last_day=None)
    its = report(town, plan)
    assert (its.rounds.rounds, its.rounds.done_ratio, its.check_ins, its.people) == (0, None, 0, 0)
    assert (its.first_day, its.last_day, its.places, its.days) == (DAY + timedelta(days=5),) * 2 + ([], [])


def test_a_plan_that_goes_on_is_told_of_thirty_days_or_of_those_asked_for(town: Engine) -> None:
    plan = planned(town, first_day=DAY - timedelta(days=99), made_at=after_nine(-100 * A_DAY))
    assert report(town, plan).rounds.rounds == 30
    assert report(town, plan, days=(BEFORE, DAY)).rounds.rounds == 2
    assert report(town, plan, days=(DAY - timedelta(days=300), DAY - timedelta(days=98))).rounds.rounds == 2


def test_it_is_for_those_who_answer_for_the_plan(town: Engine) -> None:
    plan, other = an_operation(town, places=(QUAY,)), an_operation(town)
    for cell, is_let in ((SUBSTATION, True), (AWAY, False)):
        sight = sight_in(town, "station_staff", cell)
        for number in (other, *([] if is_let else [plan])):
            with pytest.raises(NoSuchPlan):
                report(town, number, sight=sight)
    assert report(town, plan, sight=sight_in(town, "community_leader", SUBSTATION[:12])).rounds.rounds == 4


def test_of_a_sealed_day_the_numbers_stay(town: Engine) -> None:
    plan = an_operation(town)
    walked(town, "P1", 10 - A_DAY, 11 - A_DAY, 10)
    walked(town, "P2", 70, at=ELSEWHERE)
    later = EVENING + timedelta(days=1)
    before = report(town, plan, later)
    assert (counts(before.rounds), before.check_ins, before.people) == ({"done": 2, "done_late": 1, "missed": 5}, 4, 2)
    for days, people in ((SETTINGS.fix_days - 1, 2), (SETTINGS.fix_days, None)):
        now = datetime.combine(DAY + timedelta(days=days), datetime.min.time(), UTC)
        run(town, SETTINGS, now)
        its = report(town, plan, now)
        assert (counts(its.rounds), its.check_ins, its.people) == (counts(before.rounds), 4, people)
    assert [day.is_sealed for day in its.days] == [True, True]
    assert its.places == []
    with session_scope(town) as session:
        assert session.query(Fix).count() == 0


def test_of_sealed_days_on_which_nothing_was_measured_all_rounds_were_missed(town: Engine) -> None:
    plan = an_operation(town)
    walked(town, "P1", 10)
    now = EVENING + timedelta(days=SETTINGS.fix_days + 1)
    run(town, SETTINGS, now)
    its = report(town, plan, now)
    assert [(day.is_sealed, counts(day)) for day in its.days] == [
        (True, {"missed": 4}),
        (True, {"done": 1, "missed": 3}),
    ]
