"""Rounds of closed days are judged once, and anew as soon as something that made them changes."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, delete, select, update

from gisgrid.database import session_scope
from gisgrid.patrols.kept import Kept
from gisgrid.patrols.plans import judged_days as module
from gisgrid.patrols.plans.day_basis import looked_at, over_at
from gisgrid.patrols.plans.judged_days import Stood, is_closed, judged_days, keep_judged_days
from gisgrid.patrols.plans.read_plans import Known
from gisgrid.patrols.plans.rounds import rounds_on
from gisgrid.patrols.plans.tables import FormerCheckpoint, JudgedDay, Plan
from gisgrid.patrols.tables import Fix, SealedDay
from gisgrid.sight import NOTHING
from tests.laid import CODES, ELSEWHERE, SPOT
from tests.patrols.plans.builders import DAY, ZONE, a_plan, after_nine, terms
from tests.patrols.plans.worlds import EVENING, SETTINGS, a_walker, checkpoint_row, planned, states, walked

A_DAY = 24 * 60
LATER = EVENING + timedelta(days=10)
FORMER = {"longitude": SPOT[0], "latitude": SPOT[1], "radius_m": 50.0, "dwell_s": 0, "needs_code": False}
DAYS = [DAY - timedelta(days=1), DAY]

spatialite = pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rounds were judged, each time that any were."""
    asked: list[int] = []

    def counting(session: Any, settings: Any, rounds: Sequence[Any], now: Any) -> Any:
        if rounds:
            asked.append(len(rounds))
        return plain(session, settings, rounds, now)

    plain = module.judged
    monkeypatch.setattr(module, "judged", counting)
    return asked


def stood(engine: Engine, now: Any = LATER, days: Sequence[date] = DAYS, **changes: Any) -> list[Stood]:
    with session_scope(engine, sight=NOTHING) as session:
        return judged_days(session, SETTINGS.model_copy(update=changes), list(days), now)


def told(found: list[Stood]) -> list[str]:
    """Return how each round stood, in the order of time."""
    return [state for _, state in sorted((began, each.state) for each in found for began in each.began)]


def test_closed_days_are_judged_once(town: Engine, judged: list[int]) -> None:
    plan = planned(town)
    walked(town, "P1", 10)
    found = stood(town)
    assert [(each.plan, each.day, each.state) for each in found] == [(plan, DAYS[0], "missed"), (plan, DAY, "done")]
    assert found[1].began == (int(after_nine(0).timestamp()),)
    assert found[1].codes == (CODES["street_code"], CODES["community_code"], CODES["substation_code"])
    assert stood(town) == stood(town, LATER + timedelta(days=1)) == found
    assert judged == [1, 1]
    walked(town, "P1", 10 - A_DAY)
    assert told(stood(town)) == ["done", "done"]
    assert judged == [1, 1, 1]  # the day before alone
    with session_scope(town, write=True) as session:
        session.execute(delete(Fix))
    assert told(stood(town)) == ["missed", "missed"]


def test_what_is_planned_otherwise_is_judged_anew(town: Engine, judged: list[int]) -> None:
    planned(town)
    walked(town, "P1", 10)
    stood(town)
    plan = planned(town, name="岭顶", at=("12:00",))
    assert told(stood(town)) == ["missed", "missed", "done", "missed"]
    with session_scope(town, write=True) as session:
        session.execute(update(Plan).where(Plan.id == plan).values(ended_at=LATER))
        session.add(FormerCheckpoint(checkpoint_id=checkpoint_row(town), until=LATER, is_retired=False, **FORMER))
    stood(town)
    assert judged == [1, 1, 2, 2]  # neither changes what was before
    stood(town, visit_gap_s=60.0)
    assert judged == [1, 1, 2, 2, 2, 2]


def test_a_checkpoint_that_changed_within_its_time_is_judged_anew(town: Engine, judged: list[int]) -> None:
    planned(town)
    with session_scope(town, write=True) as session:
        row, long_ago = checkpoint_row(town), after_nine(-20 * A_DAY)
        session.add(FormerCheckpoint(checkpoint_id=row, until=long_ago, is_retired=False, **FORMER))
    stood(town)
    changed_at = after_nine(-30)
    with session_scope(town, write=True) as session:
        session.add(FormerCheckpoint(checkpoint_id=row, until=changed_at, is_retired=True, **FORMER))
    assert [(each.day, each.state) for each in stood(town)] == [(DAY, "missed")]  # it did not stand the day before
    assert judged == [1, 1, 1, 1]
    with session_scope(town, write=True) as session:
        session.add(FormerCheckpoint(checkpoint_id=row, until=after_nine(5 * A_DAY), is_retired=False, **FORMER))
    stood(town)
    assert len(judged) == 4


@spatialite
def test_they_are_kept_in_the_database(town: Engine, judged: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    planned(town, first_day=DAYS[0])
    walked(town, "P1", 10)
    assert keep_judged_days(town, SETTINGS, EVENING - timedelta(days=1)) == 0
    now = EVENING + timedelta(days=1)  # both are closed, and the day after is not
    assert keep_judged_days(town, SETTINGS, now) == 2
    assert keep_judged_days(town, SETTINGS, now) == 0
    assert judged == [1, 1]
    monkeypatch.setattr(module, "_kept", Kept(most=9))  # as another process
    assert told(stood(town)) == ["missed", "done"]
    assert judged == [1, 1]
    walked(town, "P1", 10 - A_DAY)
    assert told(stood(town)) == ["done", "done"]
    assert judged == [1, 1, 1]
    assert keep_judged_days(town, SETTINGS, now) == 1
    fresh = stood(town)
    monkeypatch.setattr(module, "_kept", Kept(most=9))
    assert stood(town) == fresh
    with session_scope(town, write=True) as session:
        session.add(SealedDay(day=DAYS[0], sealed_at=now, fixes=1))
    keep_judged_days(town, SETTINGS, now)
    with session_scope(town) as session:
        assert session.scalars(select(JudgedDay.day)).all() == [DAY]


@spatialite
def test_who_is_named_later_to_have_walked(town: Engine, judged: list[int]) -> None:
    zhang = a_walker(town, "zhang")
    planned(town, by_anyone=False, people=("zhang",))
    assert set(told(stood(town))) == {"missed"}
    walked(town, zhang, 10)
    assert told(stood(town)) == ["missed", "done"]


@spatialite
def test_days_that_may_change_by_themselves_are_judged_each_time(town: Engine, judged: list[int]) -> None:
    planned(town)
    for now in (EVENING - timedelta(days=1), after_nine(30)):
        assert told(stood(town, now)) == states(town, now, DAYS)
        stood(town, now)
    assert judged == [2, 2, 2, 2]
    assert stood(town, days=[]) == []


@spatialite
def test_rounds_past_midnight_look_at_the_days_after(town: Engine) -> None:
    planned(town, at=("23:59",), duration_min=A_DAY, grace_min=0)
    assert told(stood(town)) == ["missed", "missed"]
    walked(town, "P1", 16 * 60, at=ELSEWHERE)
    walked(town, "P1", 17 * 60)  # the next day, at two
    assert told(stood(town)) == ["missed", "done"]


@pytest.mark.parametrize(
    ("changes", "minutes", "days"),
    [
        ({}, 10 * 60 + 15, 2),
        ({"at": ("08:00", "23:30", "09:00")}, A_DAY + 45, 3),
        ({"windows": ("22:00-06:00",), "times_a_day": 5}, A_DAY + 6 * 60 + 15, 3),
        ({"windows": ("23:59-23:59",), "times_a_day": 1, "duration_min": A_DAY, "grace_min": 720}, 3599, 4),
    ],
)
def test_no_round_is_over_later_than_is_waited_for(changes: dict[str, Any], minutes: int, days: int) -> None:
    planned = a_plan(terms(**changes))
    midnight, known = after_nine(-9 * 60), [Known(planned, "", is_operation=False, people={})]
    over = over_at(known, DAY, SETTINGS)
    assert over == midnight + timedelta(minutes=minutes)
    assert max(each.last_at for each in rounds_on(planned, DAY, ZONE)) <= over
    assert looked_at(known, DAY, SETTINGS) == [DAY + timedelta(days=number) for number in range(days)]
    for since, is_over in ((timedelta(0), False), (timedelta(seconds=1), True)):
        now = over + timedelta(hours=SETTINGS.upload_grace_hours) + since
        assert is_closed(known, DAY, SETTINGS, now) == is_over
