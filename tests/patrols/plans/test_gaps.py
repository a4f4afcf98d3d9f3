"""Gaps open once, close by themselves or for a reason, and are the same in whatever order things arrive."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import Engine, delete, select, update

from gisgrid import app
from gisgrid.audit.record import Actor
from gisgrid.database import make_engine, session_scope
from gisgrid.jobs import run_due
from gisgrid.parameters import Period
from gisgrid.patrols.plans.change_checkpoints import Standing, change_checkpoint
from gisgrid.patrols.plans.gaps import (
    Closing,
    GapClosed,
    NoSuchGap,
    close_gap,
    closing,
    settle_gaps,
    settle_lately,
)
from gisgrid.patrols.plans.tables import Gap
from gisgrid.patrols.plans.terms import Place
from gisgrid.patrols.tables import Checkpoint, Fix, SealedDay
from gisgrid.settings import Settings
from gisgrid.sight import EVERYTHING, Sight
from tests.laid import ELSEWHERE, SUBSTATION
from tests.patrols.plans.builders import DAY, NINE, QUAY, after_nine
from tests.patrols.plans.worlds import AWAY, EVENING, LONG_AGO, SETTINGS, a_walker, clock, planned, sight_in, walked
from tests.staff.builders import at_once, audited

HOUR = timedelta(hours=1)


def settle(engine: Engine, now: datetime = EVENING, back: timedelta = timedelta(days=8)) -> dict[str, int]:
    return dict(settle_gaps(engine, SETTINGS, Period(now - back, now), now))


def gaps(engine: Engine) -> list[tuple[str, str | None, str | None]]:
    """Return which rounds have gaps, when each closed and as what."""
    with session_scope(engine) as session:
        rows = session.scalars(select(Gap).order_by(Gap.start_at, Gap.number)).all()
    return [(f"{gap.day:%d}/{gap.number}", gap.closed_at and clock(gap.closed_at), gap.closed_as) for gap in rows]


def today_only(**changes: Any) -> dict[str, Any]:
    return {"first_day": DAY, "last_day": DAY, **changes}


@pytest.mark.parametrize(
    ("state", "visited", "before", "after"),
    [
        ("missed", None, Closing(), Closing()),
        ("missed", 1, Closing(), Closing(after_nine(1), "visit")),
        ("missed", 1, Closing(after_nine(5), "visit"), Closing(after_nine(1), "visit")),
        ("missed", None, Closing(after_nine(5), "visit"), Closing()),
        ("missed", None, Closing(NINE, "corrected"), Closing()),
        ("missed", 1, Closing(NINE, "reason"), Closing(NINE, "reason")),
        ("done", None, Closing(), Closing(EVENING, "corrected")),
        ("done_late", 1, Closing(after_nine(1), "visit"), Closing(EVENING, "corrected")),
        ("done", None, Closing(NINE, "reason"), Closing(EVENING, "corrected")),
        ("done", None, Closing(NINE, "corrected"), Closing(NINE, "corrected")),
        ("unconfirmed", 1, Closing(), Closing()),
    ],
)
def test_how_a_gap_stands(state: Any, visited: int | None, before: Closing, after: Closing) -> None:
    moment = None if visited is None else after_nine(visited)
    assert closing(state, moment, EVENING, before) == after


def test_a_missed_round_opens_a_gap_once(town: Engine) -> None:
    planned(town, **today_only(at=("09:00", "15:00", "18:30")))
    walked(town, "P1", 0)
    assert settle(town) == {"opened": 1}
    assert settle(town) == {}
    assert gaps(town) == [("26/2", None, None)]
    with session_scope(town) as session:
        gap = session.scalars(select(Gap)).one()
        assert (gap.opened_at, gap.start_at, gap.last_at) == (EVENING, after_nine(360), after_nine(435))
        assert (gap.kind, gap.code, gap.substation_id is not None) == ("checkpoint", "C1", True)


def test_what_is_due_or_unconfirmed_opens_none(town: Engine) -> None:
    a_walker(town, "zhang")
    planned(town, **today_only(by_anyone=False, people=("zhang",)))
    assert [settle(town, after_nine(minutes)) for minutes in (30, 75, 76)] == [{}, {}, {}]
    assert settle(town, after_nine(76 + 24 * 60)) == {"opened": 1}


@pytest.mark.parametrize("name", ["visit", "another's visit", "corrected"])
@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_it_closes_by_itself(town: Engine, name: str) -> None:
    zhang = a_walker(town, "zhang")
    planned(town, **today_only(by_anyone=False, people=("zhang",)))
    walked(town, zhang, 90, at=ELSEWHERE)
    settle(town, after_nine(100))
    if name == "corrected":
        walked(town, zhang, 10, arrived=110)
    else:
        walked(town, zhang if name == "visit" else "P9", 103)
    assert settle(town, after_nine(120)) == {"corrected" if name == "corrected" else "visit": 1}
    assert gaps(town) == [("26/1", "11:00" if name == "corrected" else "10:43", name.rpartition(" ")[2])]
    assert settle(town, EVENING) == {}


def test_data_that_comes_later_changes_how_it_closed(town: Engine) -> None:
    planned(town, **today_only())
    settle(town)
    walked(town, "P1", 300)
    walked(town, "P2", 200, arrived=500)
    settle(town)
    assert gaps(town) == [("26/1", "12:20", "visit")]
    walked(town, "P3", 70, arrived=600)
    settle(town)
    assert gaps(town) == [("26/1", "19:00", "corrected")]
    with session_scope(town, write=True) as session:  # somebody signs off with an earlier time
        session.execute(update(Fix).where(Fix.fix_at == after_nine(70)).values(standing="withheld"))
    assert settle(town) == {"visit": 1}
    with session_scope(town, write=True) as session:
        session.execute(delete(Fix))
    assert settle(town) == {"reopened": 1}
    assert gaps(town) == [("26/1", None, None)]


Act = Callable[[Engine], None]
ARRIVALS: Sequence[Act] = (
    lambda town: walked(town, "P1", 10, arrived=500),
    lambda town: walked(town, "P1", 300, arrived=500),
    lambda town: walked(town, "P2", 6 * 60 + 90),
)


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_whatever_comes_first_gaps_end_up_the_same(town: Engine) -> None:
    planned(town, **today_only(at=("09:00", "15:00")))
    found = set()
    for order in permutations(ARRIVALS):
        with session_scope(town, write=True) as session:
            session.execute(delete(Gap))
            session.execute(delete(Fix))
        for number, arrive in enumerate(order):
            settle(town, EVENING + number * HOUR)
            arrive(town)
        settle(town, EVENING + 3 * HOUR)
        found.add(tuple((name, how, at if how == "visit" else "") for name, at, how in gaps(town)))
    assert found == {(("26/1", "corrected", ""), ("26/2", "visit", "16:30"))}


def test_an_old_gap_closes_by_a_visit_that_just_came(town: Engine) -> None:
    planned(town, **today_only())
    settle(town)
    days_later = EVENING + timedelta(days=12)
    walked(town, "P1", 12 * 24 * 60 + 10 * 60 - 5)
    assert settle_lately(town, SETTINGS, days_later) == {"visit": 1}
    assert settle_lately(town, SETTINGS, days_later + 24 * HOUR) == {}


def test_the_minute_finds_what_waited_for_devices(town: Engine) -> None:
    a_walker(town, "zhang")
    planned(town, **today_only(by_anyone=False, people=("zhang",)))
    found = [dict(settle_lately(town, SETTINGS, after_nine(76 + minutes))) for minutes in (0, 60, 24 * 60, 25 * 60)]
    assert found == [{}, {}, {"opened": 1}, {}]


def test_a_checkpoint_that_has_moved_is_visited_where_it_stands(town: Engine) -> None:
    planned(town, **today_only())
    settle(town)
    with session_scope(town, write=True) as session:
        change_checkpoint(session, SETTINGS.zone, Actor("operator"), Standing("C1", "新码头", *ELSEWHERE))
    walked(town, "P1", 200)
    assert settle(town) == {}
    walked(town, "P1", 210, at=ELSEWHERE)
    assert settle(town) == {"visit": 1}


def test_of_a_retired_checkpoint_the_gap_stays_until_somebody_says_why(town: Engine) -> None:
    planned(town, **today_only())
    settle(town)
    with session_scope(town, write=True) as session:
        session.execute(update(Checkpoint).values(retired_at=after_nine(80)))
    walked(town, "P1", 200)
    assert settle(town) == {}


def test_sealed_days_are_left_alone(town: Engine) -> None:
    planned(town, **today_only())
    with session_scope(town, write=True) as session:
        session.add(SealedDay(day=DAY, sealed_at=EVENING, fixes=1))
    assert settle(town) == {}


# --- for a reason ----------------------------------------------------------------------------------


def reason(engine: Engine, person: int, sight: Sight = EVERYTHING, words: str = "台风停航") -> None:
    with session_scope(engine, write=True, sight=sight) as session:
        gap = 1 if not sight.everything else session.scalars(select(Gap.id)).first() or 1
        close_gap(session, Actor("person", person), gap, words)


def test_a_gap_is_closed_for_a_reason_which_stays(town: Engine) -> None:
    zhang = a_walker(town, "zhang")
    planned(town, **today_only())
    settle(town)
    reason(town, zhang)
    walked(town, "P1", 200)
    assert settle(town) == {}
    with session_scope(town) as session:
        gap = session.scalars(select(Gap)).one()
        assert (gap.closed_as, gap.reason, gap.closed_by) == ("reason", "台风停航", zhang)
    with pytest.raises(GapClosed):
        reason(town, zhang)
    walked(town, "P1", 10, arrived=9 * 60)
    assert settle(town) == {"corrected": 1}
    (entry,) = audited(town, "gap.closed")
    assert (entry.actor, entry.detail) == ("person", {})


def test_only_who_answers_for_the_place_closes_its_gap(town: Engine) -> None:
    planned(town, **today_only(places=(QUAY, Place("checkpoint", "C9"))))
    assert settle(town) == {"opened": 2}
    zhang = a_walker(town, "zhang")
    with session_scope(town) as session:
        mine = session.scalars(select(Gap.id).where(Gap.code == "C1")).one()
    for cell, is_let in ((AWAY, False), (SUBSTATION, True)):
        sight = sight_in(town, "station_staff", cell)
        try:
            with session_scope(town, write=True, sight=sight) as session:
                close_gap(session, Actor("person", zhang), mine, "x")
        except NoSuchGap:
            assert not is_let
        else:
            assert is_let


def test_two_who_settle_at_once_open_each_gap_once(town: Engine) -> None:
    planned(town, made_at=LONG_AGO, first_day=DAY - timedelta(days=6), last_day=DAY)
    done = at_once(lambda _: settle(town), 4)
    assert sum(each.get("opened", 0) for each in done if isinstance(each, dict)) == 7
    assert len(gaps(town)) == 7


def test_the_service_opens_them_by_itself(town: Engine, settings: Settings, database_url: str) -> None:
    now = datetime.now(UTC)
    start = (now - timedelta(minutes=50)).astimezone(settings.zone)
    planned(town, at=(f"{start:%H:%M}",), duration_min=10, grace_min=0, first_day=start.date(), last_day=start.date())
    service = make_engine(database_url)
    run_due(service, app._jobs(service, settings))
    service.dispose()
    assert [how for _, _, how in gaps(town)] == [None]
