"""Nothing of an erased person is left, and everything of the others is."""

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.orm import Session

from gisgrid.audit.record import OPERATOR
from gisgrid.audit.verify import verify
from gisgrid.database import Base, session_scope
from gisgrid.once import table_of
from gisgrid.parameters import Period
from gisgrid.patrols.tables import Fix, Hold, Patrol, Patroller, Shift
from gisgrid.privacy import erase as module
from gisgrid.privacy.erase import BORNE, GONE, NUMBERED, SHOWN, UNNAMED, WALKED, HeldAsEvidence, erase
from gisgrid.privacy.holds import hold
from gisgrid.staff.appointments import LastAdministrator, grant
from gisgrid.staff.people import NoSuchPerson, person_called, person_of
from gisgrid.staff.tables import Person, Token
from tests.privacy.people import incidents, live
from tests.privacy.worlds import ground, noon, patroller, retain, rows, sums, walk
from tests.staff.builders import audited, hire


@pytest.fixture
def office(engine):
    ground(engine)
    live(engine, "zhang")
    live(engine, "lisi")
    return engine


def found(engine, word):
    """Return the tables in which a word stands anywhere."""
    tables = [table for table in Base.metadata.sorted_tables if not table.name.startswith("audit")]
    with session_scope(engine) as session:
        return {
            table.name for table in tables if word in str(session.execute(text(f"SELECT * FROM {table.name}")).all())
        }


def test_nothing_is_left_but_a_number(office, settings):
    assert {"people", "patrollers", "skills", "objections", "patrols", "tokens"} <= found(office, "zhang")
    before = sums(office, settings)
    with session_scope(office) as session:
        number = person_called(session, "zhang").id
    done = erase(office, OPERATOR, person="zhang")
    assert done == {
        "fixes": 3, "patrols": 1, "shifts": 1, "objections": 0, "holds": 0, "alarms": 1,
        "skills": 1, "appointments": 1, "incident_handlers": 1, "plan_people": 1, "consents": 1, "tokens": 1,
        "heartbeats": 1, "unread": 1, "receipts": 1, "saved_searches": 1, "suggestions": 1,
    }  # fmt: skip
    assert found(office, "zhang") == found(office, "argon-secret") - {"people"} == set()
    assert {"people", "patrollers", "skills", "objections"} <= found(office, "lisi")
    after = sums(office, settings)
    assert {code: count - after["substation"].get(code, 0) for code, count in before["substation"].items()} == {
        "SW": 1, "SE": 1, "NW": 1, "": 0,
    }  # fmt: skip
    with session_scope(office) as session:
        person = session.get(Person, number)
        assert (person.name, person.full_name, person.is_active) == (f"已删除-{number}", "", False)
        assert person.erased_at is not None
        assert (person.password_hash, person.pin_hash, person.oidc_subject) == (None, None, None)
    with session_scope(office) as session:
        assert verify(session) == []
    assert incidents(office)[f"reported {number}"] is None
    assert None not in [who for what, who in incidents(office).items() if what != f"reported {number}"]


def test_it_is_audited_by_number_and_the_rest_of_the_row_goes_later(office, settings):
    with session_scope(office) as session:
        number = person_called(session, "zhang").id
    walker = patroller(office, "zhang-ref")
    erase(office, OPERATOR, patroller="zhang-ref")
    (entry,) = audited(office, "person.erased")
    assert (entry.subject, entry.detail["patroller"], entry.detail["fixes"]) == (number, walker, 3)
    with session_scope(office) as session:
        assert session.get(Patroller, walker).ref == f"已删除-{walker}"
    assert retain(office, settings)["patrollers"] == 1
    with session_scope(office) as session, pytest.raises(NoSuchPerson):
        person_called(session, "zhang")


def test_every_column_that_names_a_person_is_seen_to():
    """A table that is added later must say what becomes of it."""
    fixes = table_of(Fix)
    told = {*GONE, *UNNAMED, *NUMBERED, *WALKED, *BORNE, *SHOWN, fixes.c.sender_id, fixes.c.patroller_id}
    pointing = {
        key.parent
        for table in Base.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name in ("people", "patrollers", "tokens")
    }
    assert {str(column) for column in pointing} == {str(column) for column in told}


def test_the_last_administrator_stays(office):
    number = hire(office, "root")
    with session_scope(office, write=True) as session:
        grant(session, OPERATOR, person_of(session, number), "administrator")
    with pytest.raises(LastAdministrator):
        erase(office, OPERATOR, person="root")
    assert found(office, "root") == {"people"}
    with session_scope(office) as session:
        assert person_called(session, "root").is_active


def test_evidence_stays_unless_it_is_released(office, settings):
    with session_scope(office, write=True) as session:
        hold(session, settings, OPERATOR, "zhang-ref", Period(noon(6), noon(4)), "走失案")
    with pytest.raises(HeldAsEvidence):
        erase(office, OPERATOR, person="zhang")
    assert rows(office, Fix) == 6
    with session_scope(office) as session:
        assert person_called(session, "zhang").is_active
    erase(office, OPERATOR, person="zhang", release_holds=True)
    assert (rows(office, Fix), rows(office, Hold)) == (3, 0)
    assert [entry.action for entry in audited(office, "hold")] == ["hold.made", "hold.released"]


def test_somebody_without_an_account(engine):
    ground(engine)
    for who in ("P1", "P2"):
        walk(engine, 5, "SW", who=who)
    assert erase(engine, OPERATOR, patroller="P1")["fixes"] == 1
    assert (found(engine, "P1"), rows(engine, Patrol)) == (set(), 1)


class Killed(BaseException):
    """The process is gone."""


def test_interrupted_it_goes_on(office, monkeypatch):
    """The account is shut first, and has its name until the end."""
    monkeypatch.setattr(module, "SLICE", 2)
    left = [2]

    def kill(_):
        left[0] -= 1
        if left[0] < 0:
            raise Killed

    event.listen(Session, "before_commit", kill)
    try:
        with pytest.raises(Killed):
            erase(office, OPERATOR, person="zhang")
    finally:
        event.remove(Session, "before_commit", kill)
    assert rows(office, Fix) == 4
    with session_scope(office) as session:
        person = person_called(session, "zhang")
        assert not person.is_active
        assert session.scalars(select(Token.revoked_at).where(Token.person_id == person.id)).one()
    erase(office, OPERATOR, person="zhang")
    assert (rows(office, Fix), found(office, "zhang")) == (3, set())


def test_shifts_of_others_on_their_token_stay(office):
    with session_scope(office, write=True) as session:
        theirs = session.scalars(select(Token).join(Person).where(Person.name == "zhang")).one()
        session.execute(table_of(Shift).update().values(token_id=theirs.id))
    erase(office, OPERATOR, person="zhang")
    with session_scope(office) as session:
        assert session.scalars(select(Shift.token_id)).all() == [None]
