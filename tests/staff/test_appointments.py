"""Appointments: who is what in which cell, and that somebody who can manage stays."""

import pytest
from sqlalchemy import Engine, select

from gisgrid.audit.record import OPERATOR, Actor
from gisgrid.database import session_scope
from gisgrid.errors import GisgridError
from gisgrid.staff.appointments import (
    ADMINISTRATOR,
    DepartmentNeeded,
    LastAdministrator,
    NoSuchAppointment,
    RoleHasNoCell,
    RoleHasNoDepartment,
    RolesApart,
    UnknownCell,
    UnknownRole,
    grant,
    withdraw,
)
from gisgrid.staff.caller import roles_of
from gisgrid.staff.offices import NoSuchDepartment
from gisgrid.staff.people import add_person, person_of, set_active
from gisgrid.staff.roles import ROLES
from gisgrid.staff.scope import Role
from gisgrid.staff.tables import Appointment
from tests.laid import COMMUNITY, STREET, SUBSTATION, lay
from tests.staff.builders import at_once, audited, hire, meanwhile

FIRE = 3
"""The row of the fire station, third of the seeded departments."""


@pytest.fixture
def office(engine: Engine) -> Engine:
    """A grid, and two people without roles: rows 1 and 2."""
    lay(engine)
    assert [hire(engine, name) for name in ("zhangsan", "lisi")] == [1, 2]
    return engine


def test_every_role_is_granted_everywhere_or_in_a_cell_of_any_level(office: Engine) -> None:
    asked = [
        (role, cell, "fire" if role in ("department_staff", "liaison") else None)
        for role in ROLES
        for cell in (None, STREET, COMMUNITY, SUBSTATION)
        if cell is None or role not in ("administrator", "auditor")
    ]
    apart = [each for each in asked if each[0] in ("administrator", "auditor")]
    together = [each for each in asked if each not in apart]
    for number, given in enumerate((together, apart[:1], apart[1:])):
        with session_scope(office, write=True) as session:
            somebody = add_person(session, OPERATOR, f"somebody {number}")
            for each in given:
                grant(session, OPERATOR, somebody, *each)
            held = roles_of(session, somebody.id)
            assert roles_of(session, 2) == ()
        assert held == tuple(Role(role, cell, FIRE if department else None) for role, cell, department in given)


@pytest.mark.parametrize(
    ("first", "second"), [("administrator", "cadre"), ("cadre", "auditor"), ("auditor", "administrator")]
)
def test_who_manages_people_or_reads_the_audit_has_no_other_role(office: Engine, first: str, second: str) -> None:
    with session_scope(office, write=True) as session:
        somebody = add_person(session, OPERATOR, "somebody")
        grant(session, OPERATOR, somebody, first)
        grant(session, OPERATOR, somebody, first)
        with pytest.raises(RolesApart, match="兼任"):
            grant(session, OPERATOR, somebody, second)


REFUSED: dict[tuple[str | None, ...], tuple[type[GisgridError], str]] = {
    ("king",): (UnknownRole, "street_leader"),
    ("",): (UnknownRole, "street_leader"),
    ("cadre", "440307009004"): (UnknownCell, "12"),
    ("cadre", ""): (UnknownCell, "9"),
    ("cadre", "44030700900"): (UnknownCell, "15"),
    ("administrator", STREET): (RoleHasNoCell, "administrator"),
    ("auditor", STREET): (RoleHasNoCell, "auditor"),
    ("liaison", COMMUNITY): (DepartmentNeeded, "gisgrid staff departments"),
    ("department_staff",): (DepartmentNeeded, "gisgrid staff departments"),
    ("department_staff", None, "navy"): (NoSuchDepartment, "gisgrid staff departments"),
    ("cadre", COMMUNITY, "fire"): (RoleHasNoDepartment, "cadre"),
}


def test_what_cannot_be_granted_is_told_with_what_can(office: Engine) -> None:
    with session_scope(office, write=True) as session:
        for asked, (refusal, told) in REFUSED.items():
            with pytest.raises(refusal) as refused:
                grant(session, OPERATOR, person_of(session, 1), *asked)
            assert told in refused.value.zh, asked
            assert told in refused.value.en, asked
    with session_scope(office) as session:
        assert roles_of(session, 1) == ()
    assert audited(office, "role") == []


@pytest.mark.parametrize("cell", [None, COMMUNITY])
def test_the_same_twice_is_one(office: Engine, cell: str | None) -> None:
    def again(_: int) -> int:
        with session_scope(office, write=True) as session:
            return grant(session, OPERATOR, person_of(session, 1), "liaison", cell, "消防站").id

    assert len(set(at_once(again, 5))) == 1
    with session_scope(office, write=True) as session:
        grant(session, OPERATOR, person_of(session, 2), "liaison", cell, "fire")
        grant(session, OPERATOR, person_of(session, 1), "liaison", cell, "police station")
        assert len(session.scalars(select(Appointment)).all()) == 3
    assert len(audited(office, "role.granted")) == 3


def test_a_withdrawn_role_is_gone_and_recorded(office: Engine) -> None:
    with session_scope(office, write=True) as session:
        person = person_of(session, 1)
        held = [grant(session, OPERATOR, person, "liaison", cell, "fire").id for cell in (None, COMMUNITY)]
    with session_scope(office, write=True) as session:
        withdraw(session, Actor("person", 2), held[1])
        with pytest.raises(NoSuchAppointment):
            withdraw(session, OPERATOR, held[1])
    with session_scope(office) as session:
        assert roles_of(session, 1) == (Role("liaison", None, FIRE),)
    assert audited(office, "role")[1:] == [
        ("role.granted", "operator", 1, {"role": "liaison", "cell": COMMUNITY, "department": FIRE}),
        ("role.withdrawn", "person", 1, {"role": "liaison", "cell": COMMUNITY, "department": FIRE}),
    ]


def test_the_last_administrator_stays_one(office: Engine) -> None:
    with session_scope(office, write=True) as session:
        one, other = (grant(session, OPERATOR, person_of(session, number), ADMINISTRATOR).id for number in (1, 2))
        set_active(session, OPERATOR, person_of(session, 2), False)
        with pytest.raises(LastAdministrator, match="this is the last administrator"):
            withdraw(session, OPERATOR, one)
        withdraw(session, OPERATOR, other)  # who is switched off manages nothing
        with pytest.raises(LastAdministrator):
            withdraw(session, OPERATOR, one)
        set_active(session, OPERATOR, person_of(session, 2), True)
        grant(session, OPERATOR, person_of(session, 2), ADMINISTRATOR)
        withdraw(session, OPERATOR, one)
    with session_scope(office) as session:
        assert [roles_of(session, number) for number in (1, 2)] == [(), (Role(ADMINISTRATOR, None),)]


def test_two_administrators_who_withdraw_each_other_at_the_same_moment(office: Engine) -> None:
    with session_scope(office, write=True) as session:
        held = [grant(session, OPERATOR, person_of(session, number), ADMINISTRATOR).id for number in (1, 2)]
    with pytest.raises(LastAdministrator):
        meanwhile(office, *(lambda session, each=each: withdraw(session, OPERATOR, each) for each in held))
