"""Named handlers of confidential incidents."""

import json
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from gisgrid.audit.tables import AuditEntry
from gisgrid.database import session_scope
from gisgrid.incidents.tables import Handler
from gisgrid.staff.tables import Person
from tests.incidents.conftest import Hire
from tests.incidents.desk import Staff
from tests.laid import COMMUNITY, STREET, SUBSTATION

SECRET = {"kind": "L1001", "client_id": "secret"}


@pytest.fixture
def reporter(hire: Hire) -> Staff:
    return hire(("cadre", SUBSTATION), name="上报人")


@pytest.fixture
def incident(reporter: Staff) -> int:
    return reporter.report(**SECRET)


@pytest.fixture
def handler(hire: Hire) -> Staff:
    """Somebody who handles what is confidential in the community."""
    return hire(("confidential_handler", COMMUNITY), name="经办人")


def name(staff: Staff, incident: int, person: str, reason: str = "跟进") -> tuple[int, Any]:
    return staff.ask("POST", f"/{incident}/handlers", json={"person": person, "reason": reason})


def remove(staff: Staff, incident: int, person: int) -> tuple[int, Any]:
    return staff.ask("DELETE", f"/{incident}/handlers/{person}")


def code(answer: tuple[int, Any]) -> tuple[int, str]:
    return answer[0], answer[1]["code"]


def recorded(engine: Engine) -> list[tuple[Any, ...]]:
    with session_scope(engine) as session:
        asked = select(AuditEntry).where(AuditEntry.action.startswith("incident.")).order_by(AuditEntry.number)
        return [
            (each.actor, each.actor_id, each.action, each.subject, each.subject_id, json.loads(each.detail))
            for each in session.scalars(asked)
        ]


def test_a_handler_names_another_who_then_sees_it_and_names_others(
    ground: Engine, hire: Hire, reporter: Staff, handler: Staff, incident: int
) -> None:
    first, second = (hire(("cadre", STREET), name=each) for each in ("王敏", "李强"))
    assert first.seen() == []
    assert code(name(first, incident, "王敏")) == (404, "NoSuchIncident")
    status, named = name(handler, incident, "王敏", "社工\n负责")
    assert status == 200
    when = named[0].pop("named_at")
    assert when.endswith("Z")
    assert named == [{"person": first.id, "name": "王敏", "full_name": "", "reason": "社工\n负责"}]
    assert first.seen() == ["secret"]
    assert [each["name"] for each in name(first, incident, "李强")[1]] == ["王敏", "李强"]
    assert name(handler, incident, "王敏", "again")[1][0]["reason"] == "社工\n负责"
    for staff in (reporter, handler, first, second):
        assert [each["name"] for each in staff.ask("GET", f"/{incident}/handlers")[1]] == ["王敏", "李强"]
    assert remove(second, incident, first.id) == (204, None)
    assert first.seen() == []
    assert second.seen() == ["secret"]
    told = ("incident", incident)
    assert recorded(ground) == [
        ("person", reporter.id, "incident.reported", *told, {}),
        ("person", handler.id, "incident.handler_named", *told, {"person": first.id}),
        ("person", first.id, "incident.handler_named", *told, {"person": second.id}),
        ("person", second.id, "incident.handler_removed", *told, {"person": first.id}),
    ]


def test_others_do_not(hire: Hire, reporter: Staff, handler: Staff, incident: int) -> None:
    leader, elsewhere = hire(("street_leader", STREET)), hire(("confidential_handler", "440307009003"))
    plain = reporter.report(client_id="plain")
    for staff in (leader, elsewhere):
        assert name(staff, incident, staff.name) == name(staff, 999, staff.name)
        assert code(name(staff, incident, staff.name)) == (404, "NoSuchIncident")
        assert code(remove(staff, incident, handler.id)) == (404, "NoSuchIncident")
    assert code(name(reporter, incident, "上报人")) == (403, "NotItsHandler")
    assert code(remove(reporter, incident, 1)) == (403, "NotItsHandler")
    assert code(name(leader, plain, leader.name)) == (409, "NotConfidential")
    assert code(name(handler, plain, handler.name)) == (404, "NoSuchIncident")
    assert reporter.ask("GET", f"/{incident}/handlers") == (200, [])


def test_a_handler_by_role_who_reported_is_one(hire: Hire) -> None:
    both = hire(("confidential_handler", STREET))
    assert name(both, both.report(**SECRET), both.name)[0] == 200


def test_somebody_who_could_not_see_it_is_not_named(
    ground: Engine, hire: Hire, reporter: Staff, handler: Staff, incident: int
) -> None:
    shut = hire(("cadre", STREET), name="停用")
    with session_scope(ground, write=True) as session:
        session.execute(update(Person).where(Person.id == shut.id).values(is_active=False))
    others = [shut, hire(("administrator", None)), hire(("mediator", STREET)), hire()]
    answers = [name(handler, incident, staff.name) for staff in others] + [name(handler, incident, "没有此人")]
    assert code(answers[0]) == (422, "CannotHandle")
    assert all(answer == answers[0] for answer in answers)
    with session_scope(ground) as session:
        assert session.scalars(select(Handler)).all() == []
    assert {each[2] for each in recorded(ground)} == {"incident.reported"}


def test_nobody_of_the_unit_complained_of_is_named_or_sees_it_though_named(ground: Engine, hire: Hire) -> None:
    chief = hire(("confidential_handler", STREET), ("supervision", STREET), name="督查")
    police = hire(("department_staff", STREET), department="police")
    local, clerk = hire(("cadre", COMMUNITY)), hire(("cadre", STREET))
    about_cell = chief.report(kind="L0301", complained_cell=COMMUNITY, client_id="cell")
    about_police = chief.report(kind="L0301", complained_department="police", client_id="police")
    assert code(name(chief, about_cell, local.name)) == (422, "CannotHandle")
    assert code(name(chief, about_police, police.name)) == (422, "CannotHandle")
    assert name(chief, about_cell, police.name)[0] == name(chief, about_police, local.name)[0] == 200
    assert name(chief, about_cell, clerk.name)[0] == 200
    assert (police.seen(), local.seen(), clerk.seen()) == (["cell"], ["police"], ["cell"])
    with session_scope(ground, write=True) as session:
        session.execute(update(Handler).where(Handler.person_id == clerk.id).values(person_id=local.id))
    assert local.seen() == ["police"]


def test_the_last_handler_stays(ground: Engine, hire: Hire, handler: Staff, incident: int) -> None:
    first, second = hire(("cadre", STREET)), hire(("cadre", STREET))
    name(handler, incident, first.name)
    assert code(remove(first, incident, first.id)) == (409, "LastHandler")
    assert first.seen() == ["secret"]
    name(first, incident, second.name)
    assert remove(first, incident, first.id)[0] == 204
    assert code(remove(second, incident, first.id)) == (404, "NoSuchHandler")
    assert code(remove(handler, incident, 2**63)) == (404, "NoSuchHandler")
    assert remove(handler, incident, second.id)[0] == 204  # the role itself handles it
    assert handler.ask("GET", f"/{incident}/handlers") == (200, [])
    assert handler.seen() == ["secret"]


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_a_body_that_names_nobody(handler: Staff, incident: int) -> None:
    good = {"person": handler.name, "reason": "x"}
    bad = {"person": ["", 1, None, "\n"], "reason": ["", " \n", "x" * 4001, None, "\0"], "more": [1]}
    bodies = [{**good, field: value} for field, values in bad.items() for value in values]
    for body in [*bodies, {}, {"person": "x"}, {"reason": "x"}, [], [good], "x", 3]:
        assert code(handler.ask("POST", f"/{incident}/handlers", json=body)) == (422, "BadInput"), body
    assert handler.ask("POST", f"/{incident}/handlers", json=good)[0] == 200
