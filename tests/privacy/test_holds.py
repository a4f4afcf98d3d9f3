"""Tracks that are evidence are kept, and no longer than that."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from gisgrid.audit.record import OPERATOR
from gisgrid.database import session_scope
from gisgrid.incidents.reports import NoSuchIncident
from gisgrid.incidents.tables import Incident
from gisgrid.parameters import Period
from gisgrid.patrols.people import NoSuchPatroller
from gisgrid.patrols.tables import Fix, Hold, Shift
from gisgrid.privacy.holds import NoSuchHold, NothingToHold, hold, holds, release
from gisgrid.privacy.subject import WordsNeeded
from tests.privacy.worlds import ground, noon, patroller, retain, rows, stand, standings, sums, walk
from tests.rows import an_incident
from tests.staff.builders import audited

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


def held(engine, settings, start, end, ref="P1", **given):
    with session_scope(engine, write=True) as session:
        return hold(session, settings, OPERATOR, ref, Period(start, end), **{"reason": "走失案", **given})


def test_what_is_held_outlives_its_day_as_evidence_and_does_not_count(engine, settings):
    ground(engine)
    walk(engine, 61, "SW", "SW", "SE", "SE")
    walk(engine, 61, "SW", who="P2")
    before = sums(engine, settings)
    made = held(engine, settings, noon(61) + MINUTE, noon(61) + 3 * MINUTE)
    assert made.until == date(2026, 9, 20) + 365 * DAY
    retain(engine, settings)
    assert standings(engine) == {"evidence": 2}
    assert sums(engine, settings) == before
    with session_scope(engine) as session:
        assert session.scalars(select(Fix.fix_at).order_by(Fix.fix_at)).all() == [
            noon(61) + MINUTE,
            noon(61) + 2 * MINUTE,
        ]
        assert [(each.patroller, each.fixes, each.hold.id) for each in holds(session)] == [("P1", 2, made.id)]
    last_day = 365 * DAY - 61 * DAY
    assert retain(engine, settings, last_day) == {}
    assert retain(engine, settings, last_day + DAY) == {"evidence": 2, "holds": 1, "patrols": 1, "patrollers": 1}
    assert (rows(engine, Fix), sums(engine, settings)) == (0, before)


def test_holds_that_overlap_each_keep_their_part(engine, settings):
    ground(engine)
    walk(engine, 61, "SW", "SW", "SW", "SW")
    first = held(engine, settings, noon(61), noon(61) + 3 * MINUTE)
    held(engine, settings, noon(61) + 2 * MINUTE, noon(61) + 9 * MINUTE)
    retain(engine, settings)
    assert standings(engine) == {"evidence": 4}
    with session_scope(engine, write=True) as session:
        release(session, OPERATOR, first.id)
    assert retain(engine, settings) == {"evidence": 2}
    assert standings(engine) == {"evidence": 2}
    assert [entry.action for entry in audited(engine, "hold")] == ["hold.made", "hold.made", "hold.released"]


def test_a_hold_that_is_released_in_time_changes_nothing(engine, settings):
    ground(engine)
    walk(engine, 10, "SW")
    made = held(engine, settings, noon(10), noon(10) + MINUTE)
    with session_scope(engine, write=True) as session:
        release(session, OPERATOR, made.id)
    assert retain(engine, settings) == {}
    assert standings(engine) == {"counted": 1}


def test_the_shift_of_a_held_track_stays_and_what_is_withheld_is_not_held(engine, settings):
    ground(engine)
    walk(engine, 61, "SW")
    walker, moment = patroller(engine), noon(61)
    held(engine, settings, moment, moment + MINUTE)
    stand(engine, "withheld")
    with session_scope(engine, write=True) as session:
        for hours in (0, 5):
            start = moment + timedelta(hours=hours)
            times = {"started_at": start - MINUTE, "ended_at": start + MINUTE, "signed_on_at": start}
            session.add(Shift(patroller_id=walker, **times))
    assert retain(engine, settings) == {"withheld": 1, "shifts": 1, "patrols": 1}


def test_a_late_fix_of_a_held_stretch_becomes_evidence(engine, settings):
    ground(engine)
    walk(engine, 61, "SW")
    walk(engine, 61, "SE", who="P2")
    held(engine, settings, noon(61), noon(61) + DAY)
    stand(engine, "quarantined")
    assert retain(engine, settings)["quarantined"] == 2
    assert standings(engine) == {"evidence": 1}


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"ref": "nobody"}, NoSuchPatroller),
        ({"incident": 99}, NoSuchIncident),
        ({"reason": "  "}, WordsNeeded),
        ({"reason": "x" * 201}, WordsNeeded),
        ({"start": noon(12), "end": noon(11)}, NothingToHold),
    ],
)
def test_what_cannot_be_held_is_told(engine, settings, given, error):
    ground(engine)
    walk(engine, 10, "SW")
    with pytest.raises(error):
        held(engine, settings, **{"start": noon(10), "end": noon(9), **given})
    assert (rows(engine, Hold), audited(engine, "hold")) == (0, [])


def test_a_hold_may_begin_before_the_track_does_and_name_its_incident(engine, settings):
    ground(engine)
    walk(engine, 0, "SW")
    with session_scope(engine, write=True) as session:
        session.add(an_incident(1))
        number = session.scalars(select(Incident.id)).one()
    now = datetime.now(UTC)
    made = held(engine, settings, now + DAY, now + 2 * DAY, incident=number)
    assert [entry.detail["incident"] for entry in audited(engine, "hold.made")] == [number]
    with session_scope(engine, write=True) as session, pytest.raises(NoSuchHold):
        release(session, OPERATOR, made.id + 1)
