"""Taking an edition into force: never one that has begun, never behind the back of what was reported."""

import json
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import OperationalError

from gisgrid.audit.record import OPERATOR, Actor
from gisgrid.audit.tables import AuditEntry
from gisgrid.database import session_scope
from gisgrid.incidents.kinds.brought import DaysPast, EditionInForce, Tables, bring_edition
from gisgrid.incidents.kinds.read_edition import FaultyEdition
from gisgrid.incidents.kinds.stored import edition_on
from gisgrid.incidents.kinds.tables import KindEdition
from gisgrid.incidents.report import Report, report
from gisgrid.incidents.reports import incident, incidents_page
from gisgrid.intake.arrivals import Outcome
from gisgrid.parameters import Page
from gisgrid.staff.tables import Department
from tests.incidents.kinds.editions import CONDITION_HEADS, KIND_HEADS, ZONE, a_condition, a_kind, bring, tables
from tests.laid import SPOT
from tests.staff.callers import person

TODAY = datetime.now(ZONE).date()
SOON = TODAY + timedelta(days=10)


def stored(engine: Engine) -> list[KindEdition]:
    with session_scope(engine) as session:
        return list(session.scalars(select(KindEdition).order_by(KindEdition.first_day)))


def send(engine: Engine, kind: str, day: date, hour: int = 12) -> Outcome:
    moment = datetime(day.year, day.month, day.day, hour, tzinfo=ZONE)
    with session_scope(engine, write=True) as session:
        return report(session, [Report(kind, moment, moment, *SPOT)], ZONE)[0]


def test_it_is_stored_and_recorded(engine: Engine) -> None:
    with session_scope(engine, write=True) as session:
        who = person(session).id
        made = bring_edition(session, Actor("person", who), ZONE, tables("甲", "乙"), SOON)
    assert (made.is_replaced, list(made.edition.kinds)) == (False, ["N0101", "N0102"])
    (row,) = stored(engine)
    assert (row.id, row.first_day, row.imported_by) == (made.id, SOON, who)
    assert row.kinds.startswith("code,class_zh,")
    with session_scope(engine) as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "kinds.brought")).one()
    assert (entry.actor, entry.actor_id, entry.subject, entry.subject_id) == ("person", who, "kind_edition", made.id)
    assert json.loads(entry.detail) == {"first_day": SOON.isoformat(), "kinds": 2}


def test_one_to_come_can_be_replaced(engine: Engine) -> None:
    first = bring(engine, tables("甲"), SOON)
    second = bring(engine, tables("乙"), SOON)
    assert (second.is_replaced, second.id) == (True, first.id)
    assert len(stored(engine)) == 1
    with session_scope(engine) as session:
        assert edition_on(session, SOON).require("N0101").name_zh == "乙"


@pytest.mark.parametrize("ago", [0, 1, 400])
def test_a_day_that_has_begun_is_for_those_without_incidents_and_only_once(ground: Engine, ago: int) -> None:
    day = TODAY - timedelta(days=ago)
    send(ground, "E0102", day - timedelta(days=1), hour=23)
    bring(ground, tables("甲"), day)
    with pytest.raises(EditionInForce, match=f"已有自 {day} 起生效的类别表"):
        bring(ground, tables("乙"), day)
    assert send(ground, "N0101", day, hour=0).status == "stored"
    for since in (day, day - timedelta(days=1)):
        with pytest.raises((DaysPast, EditionInForce)):
            bring(ground, tables("丙"), since)
    with pytest.raises(DaysPast):
        bring(ground, tables("丙"), day - timedelta(days=3))
    assert len(stored(ground)) == 1


def test_one_brought_at_the_same_time_is_told(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    bring(engine, tables("甲"), SOON)
    with session_scope(engine, write=True) as session:
        monkeypatch.setattr(session, "scalar", lambda _: None)  # as if it had not been there a moment ago
        with pytest.raises(EditionInForce):
            bring_edition(session, OPERATOR, ZONE, tables("乙"), SOON)


def test_departments_are_those_of_the_office(engine: Engine) -> None:
    given = Tables([KIND_HEADS, a_kind(default_department="harbour")], [CONDITION_HEADS, a_condition()])
    with pytest.raises(FaultyEdition, match="没有这个部门编码"):
        bring(engine, given, SOON)
    assert stored(engine) == []
    with session_scope(engine, write=True) as session:
        session.add(Department(code="harbour", zh="港务所", en="harbour office"))
    assert bring(engine, given, SOON).edition.require("E0102").default_department == "harbour"


def test_a_report_is_of_the_edition_of_its_day(ground: Engine) -> None:
    kept = Tables([KIND_HEADS, a_kind(name_zh="新垃圾", confidentiality="handlers")], [CONDITION_HEADS, a_condition()])
    bring(ground, kept, SOON)
    eve = SOON - timedelta(days=1)
    sent = [send(ground, kind, day) for day in (eve, SOON) for kind in ("E0102", "L0201")]
    assert [(each.status, each.error and each.error.code) for each in sent] == [
        ("stored", None),
        ("stored", None),
        ("stored", None),
        ("refused", "UnknownKind"),
    ]
    with session_scope(ground) as session:
        _, rows = incidents_page(session, ZONE, Page(10, 0))
        assert [(row["kind_zh"], row["is_confidential"]) for row in rows] == [
            ("暴露垃圾", False),
            ("邻里纠纷", False),
            ("新垃圾", True),
        ]
        assert incident(session, ZONE, rows[2]["id"])["kind_zh"] == "新垃圾"
        assert incidents_page(session, ZONE, Page(10, 0), kind="L0201")[0] == 1


@pytest.mark.parametrize("database_url", ["postgis"], indirect=True)
def test_it_waits_for_what_is_being_placed(ground: Engine) -> None:
    with session_scope(ground, write=True) as session:
        report(session, [Report("E0102", datetime.now(ZONE), datetime.now(ZONE), *SPOT)], ZONE)
        with session_scope(ground, write=True) as other:
            other.execute(text("SET LOCAL lock_timeout = '50ms'"))
            with pytest.raises(OperationalError, match="lock timeout"):
                bring_edition(other, OPERATOR, ZONE, tables("甲"), TODAY)
            other.rollback()
