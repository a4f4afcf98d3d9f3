"""What goes when, and that nothing else does."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError
from sqlalchemy import select

from gisgrid.audit.record import OPERATOR, record
from gisgrid.database import session_scope
from gisgrid.notices.tables import Delivery, Told
from gisgrid.patrols.tables import Alarm, Consent, Fix, Hold, Objection, Patrol, Patroller, Shift
from gisgrid.privacy import retention
from gisgrid.privacy.limits import Limits
from gisgrid.privacy.retention import plan, run
from gisgrid.privacy.rules import fix_rules
from gisgrid.settings import Settings
from gisgrid.staff.tables import Attempt, Token
from gisgrid.staff.tokens import issue
from tests.privacy.worlds import (
    FIRST,
    NOW,
    TODAY,
    ground,
    noon,
    patroller,
    retain,
    rows,
    sealed,
    stand,
    standings,
    sums,
    walk,
)
from tests.staff.builders import audited, hire

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def add(engine, *things):
    with session_scope(engine, write=True) as session:
        session.add_all(things)


def test_of_sixty_days_the_last_is_today(settings):
    limits = Limits.at(NOW, settings)
    assert (limits.today, limits.first_day) == (TODAY, FIRST)
    assert limits.fixes_since == datetime(2026, 9, 21, 16, tzinfo=UTC)
    assert limits.withheld_since == NOW - timedelta(hours=72)
    midnight = datetime(2026, 11, 20, 16, tzinfo=UTC)
    assert Limits.at(midnight - timedelta(microseconds=1), settings).first_day == FIRST
    assert Limits.at(midnight, settings).first_day == FIRST + DAY


def test_days_that_are_older_are_sealed_and_no_check_in_is_lost(engine, settings):
    ground(engine)
    walk(engine, 0, "SW")
    walk(engine, 59, "SE", "SE")
    walk(engine, 60, "SW", "SE", "NE")
    walk(engine, 61, "outside", who="P2")
    before = sums(engine, settings)
    assert before["substation"] == {"SW": 2, "SE": 3, "NE": 1, "": 1}
    with session_scope(engine) as session:
        due = plan(session, settings, NOW)
    assert [tuple(each) for each in due.days] == [(FIRST - 2 * DAY, 1, 0), (FIRST - DAY, 3, 0)]
    assert not any(each.rows for each in due.rows)
    assert sums(engine, settings) == before
    assert retain(engine, settings) == {"days": 2, "fixes": 4, "patrols": 2, "patrollers": 1}
    assert sealed(engine) == {FIRST - 2 * DAY: 1, FIRST - DAY: 3}
    assert standings(engine) == {"counted": 3}
    assert sums(engine, settings) == before
    told = [(entry.action, entry.actor, entry.detail) for entry in audited(engine, "retention")]
    assert told == [
        ("retention.sealed", "program", {"day": "2026-09-20", "fixes": 1}),
        ("retention.sealed", "program", {"day": "2026-09-21", "fixes": 3}),
        ("retention.patrols", "program", {"rows": 2}),
        ("retention.patrollers", "program", {"rows": 1}),
    ]
    assert retain(engine, settings) == {}
    with session_scope(engine) as session:
        assert plan(session, settings, NOW).is_empty
    assert len(audited(engine, "retention")) == 4


@pytest.mark.parametrize(
    ("standing", "changes", "goes"),
    [
        ("withheld", {"fix_at": NOW - 73 * HOUR, "received_at": NOW - 73 * HOUR}, True),
        ("withheld", {"fix_at": NOW - 73 * HOUR, "received_at": NOW - HOUR}, True),
        ("withheld", {"fix_at": NOW + 99 * DAY, "received_at": NOW - 73 * HOUR}, True),
        ("withheld", {"fix_at": NOW - 71 * HOUR, "received_at": NOW - HOUR}, False),
        ("quarantined", {"fix_at": NOW - 99 * DAY, "received_at": NOW - 61 * DAY}, True),
        ("quarantined", {"fix_at": NOW - 99 * DAY, "received_at": NOW - 59 * DAY}, False),
        ("evidence", {"fix_at": NOW - 5 * DAY}, True),
        ("counted", {"fix_at": NOW + 99 * DAY, "received_at": NOW - 61 * DAY}, True),
        ("counted", {"fix_at": NOW + DAY, "received_at": NOW - HOUR}, False),
    ],
)
def test_fixes_that_stand_otherwise_have_times_of_their_own(engine, settings, standing, changes, goes):
    ground(engine)
    walk(engine, 0, "SW")
    stand(engine, standing, **changes)
    with session_scope(engine, write=True) as session:
        fix = session.scalars(select(Fix)).one()
        session.add(Objection(fix_id=fix.id, patroller_id=fix.patroller_id, words="不服", made_at=NOW))
    name = "ahead" if standing == "counted" else standing
    with session_scope(engine) as session:
        assert {each.name: each.rows for each in plan(session, settings, NOW).rows}[name] == int(goes)
    assert retain(engine, settings).get(name, 0) == int(goes)
    assert (rows(engine, Fix), rows(engine, Objection)) == ((0, 0) if goes else (1, 1))
    assert [entry.detail for entry in audited(engine, f"retention.{name}")] == ([{"rows": 1}] if goes else [])


def test_large_purges_go_in_slices(engine, settings, monkeypatch):
    ground(engine)
    walk(engine, 10, "SW", "SW", "SW", "SE", "SE")
    stand(engine, "withheld")
    monkeypatch.setattr(retention, "SLICE", 2)
    assert retain(engine, settings)["withheld"] == 5
    assert [entry.detail["rows"] for entry in audited(engine, "retention.withheld")] == [2, 2, 1]


def test_what_goes_with_the_fixes(engine, settings):
    """Shifts, alarms, consents and tokens go with the fixes of their days; what is in use stays."""
    ground(engine)
    walk(engine, 0, "SW")
    person, walker = hire(engine), patroller(engine)
    old, new, gone = noon(61), noon(10), noon(90)
    with session_scope(engine, write=True) as session:
        device, spare = (issue(session, "device", name=name, life=10_000 * DAY).row for name in ("一", "二"))
        spare.expires_at = gone
        used = issue(session, "device", name="三").row
        used.expires_at, used.revoked_at = NOW + DAY, gone
        issue(session, "session", person_id=person).row.expires_at = new
        session.add_all(
            [
                Shift(patroller_id=walker, token_id=None, started_at=old - HOUR, ended_at=old, signed_on_at=old),
                Shift(patroller_id=walker, token_id=used.id, started_at=new - HOUR, ended_at=new, signed_on_at=new),
                Shift(patroller_id=walker, token_id=device.id, started_at=old, ended_at=NOW + HOUR, signed_on_at=old),
                Consent(person_id=person, covers="notice", version="1", given_at=gone, withdrawn_at=gone),
                Consent(person_id=person, covers="notice", version="2", given_at=gone),
                Consent(person_id=person, covers="notice", version="3", given_at=old),
                Consent(person_id=person, covers="notice", version="4", given_at=new),
                Consent(person_id=person, covers="track", version="1", given_at=gone, withdrawn_at=new),
                *(
                    Alarm(client_id=f"{at}", sender_id=walker, patroller_id=walker, raised_at=at, received_at=at)
                    for at in (old, new)
                ),
                Attempt(key="k", at=NOW - HOUR),
                Attempt(key="k", at=NOW - timedelta(minutes=1)),
            ]
        )
    assert retain(engine, settings) == {"alarms": 1, "shifts": 1, "consents": 2, "tokens": 1, "attempts": 1}
    with session_scope(engine) as session:
        assert session.scalars(select(Token.name).where(Token.kind == "device").order_by(Token.id)).all() == [
            "一",
            "三",
        ]
        versions = session.scalars(select(Consent.version).where(Consent.covers == "notice").order_by(Consent.version))
        assert versions.all() == ["3", "4"]
    assert retain(engine, settings) == {}


def test_notices_to_the_outside_go_once_nothing_is_left_to_do(engine, settings):
    """What still waits stays, however old it is."""
    old, new = noon(61), noon(10)
    words = dict.fromkeys(("subject_zh", "words_zh", "subject_en", "words_en", "link"), "")
    told = [Told(topic="order", made_at=at, **words) for at in (old, old, old, new)]
    add(engine, *told)
    ways = [{"delivered_at": old}, {"given_up_at": old}, {"next_at": old}, {"delivered_at": new}]
    sent = {"channel": "webhook", "address": "13800000001"}
    add(
        engine,
        *(
            Delivery(outbox_id=its.id, ref=str(its.id), queued_at=its.made_at, **sent, **way)
            for its, way in zip(told, ways, strict=True)
        ),
    )
    assert retain(engine, settings) == {"deliveries": 2, "outbox": 2}
    assert (rows(engine, Delivery), rows(engine, Told), retain(engine, settings)) == (2, 2, {})


def test_people_and_outings_stay_while_anything_is_theirs(engine, settings):
    ground(engine)
    person = hire(engine)
    add(
        engine,
        *(Patroller(ref=ref) for ref in ("nobody", "held", "planned")),
        Patroller(ref="account", person_id=person),
    )
    with session_scope(engine, write=True) as session:
        ids = dict(session.execute(select(Patroller.ref, Patroller.id)).all())
        days = {"start_at": NOW, "end_at": NOW, "until": TODAY, "made_at": NOW, "reason": "案"}
        session.add(Hold(patroller_id=ids["held"], **days))
        session.add(Patrol(patroller_id=ids["planned"], ref="1"))
    assert retain(engine, settings) == {"patrols": 1, "patrollers": 2}
    with session_scope(engine) as session:
        assert session.scalars(select(Patroller.ref).order_by(Patroller.ref)).all() == ["account", "held"]


def test_the_audit_goes_after_its_days(engine, settings, monkeypatch):
    with session_scope(engine, write=True) as session:
        record(session, OPERATOR, "old")
    later = datetime.now(UTC) - NOW + timedelta(days=settings.audit_days + 1)
    assert retain(engine, settings, later) == {}, "the audit trusts its own clock alone"
    with session_scope(engine) as session:
        assert plan(session, settings, NOW + later).rows[-1].rows == 1
    for module in ("purge", "record"):
        monkeypatch.setattr(f"gisgrid.audit.{module}.now", lambda: NOW + later)
    monkeypatch.setattr(retention, "datetime", type("Clock", (datetime,), {"now": lambda _: NOW + later}))
    assert retain(engine, settings, later) == {"audit": 1}
    assert [entry.action for entry in audited(engine)] == ["audit.purged"]
    assert retain(engine, settings, later) == {}


def test_it_leaves_off_when_it_is_told_to(engine, settings, monkeypatch):
    ground(engine)
    for days_ago in (70, 71, 72):
        walk(engine, days_ago, "SW")
    before, asked = sums(engine, settings), []

    def is_stopping():
        asked.append(len(sealed(engine)))
        return asked[-1] > 0

    done = run(engine, settings, NOW, is_stopping=is_stopping)
    assert done["days"] == len(sealed(engine)) == 1
    assert sums(engine, settings) == before
    assert retain(engine, settings)["days"] == 2


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_what_is_due_hourly_is_found_without_reading_all_fixes(engine, settings):
    steps = []
    with session_scope(engine) as session:
        for rule in fix_rules(Limits.at(NOW, settings)):
            asked = select(rule.table.c.id).where(*rule.where).compile(engine, compile_kwargs={"literal_binds": True})
            steps += [row[3] for row in session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}")]
    found = [step for step in steps if "fixes" in step]
    assert len(found) == 4
    assert all("USING" in step and "ix_fixes_" in step for step in found)


@pytest.mark.parametrize(
    ("name", "value"), [("fix_days", 7), ("evidence_days", 29), ("withheld_hours", 169), ("audit_days", 182)]
)
def test_no_limit_is_shorter_than_makes_sense(name, value):
    with pytest.raises(ValidationError, match=name):
        Settings(**{name: value})
