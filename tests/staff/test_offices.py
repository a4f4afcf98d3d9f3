"""What the office calls roles and departments."""

import pytest
from sqlalchemy import Engine

from gisgrid.audit.record import OPERATOR
from gisgrid.database import session_scope
from gisgrid.staff.offices import (
    BadDepartmentCode,
    BadOfficeName,
    DepartmentTaken,
    NoSuchDepartment,
    NoSuchRole,
    add_department,
    department_called,
    departments,
    rename_department,
    rename_role,
    role_names,
)
from gisgrid.staff.roles import ROLES
from tests.staff.builders import audited


def test_every_role_and_eighteen_departments_are_called_something(engine: Engine) -> None:
    with session_scope(engine) as session:
        roles, offices = role_names(session), departments(session)
    assert [role.code for role in roles] == list(ROLES)
    assert len({office.code for office in offices}) == 18
    assert all(named.zh and named.en for named in (*roles, *offices))
    assert (roles[0].zh, roles[0].en) == ("系统管理员", "administrator")


def test_a_department_is_called_by_its_code_or_either_name(engine: Engine) -> None:
    with session_scope(engine, write=True) as session:
        fire = department_called(session, "fire")
        assert {department_called(session, name).id for name in ("fire", "消防站", "fire station")} == {fire.id}
        other = add_department(session, OPERATOR, "navy", "fire", "navy")
        assert department_called(session, "fire").id == fire.id  # a code goes before a name
        assert department_called(session, "navy").id == other.id
        with pytest.raises(NoSuchDepartment, match="gisgrid staff departments"):
            department_called(session, "")


def test_names_are_changed_and_recorded(engine: Engine) -> None:
    with session_scope(engine, write=True) as session:
        rename_role(session, OPERATOR, "cadre", " 驻点干部", "resident cadre ")
        rename_department(session, OPERATOR, "fire", "消防救援站", "fire and rescue")
        added = add_department(session, OPERATOR, "sea_2", "海事处", "maritime office")
    with session_scope(engine) as session:
        names = {role.code: (role.zh, role.en) for role in role_names(session)}
        fire = department_called(session, "fire")
        last = departments(session)[-1]
    assert names["cadre"] == ("驻点干部", "resident cadre")
    assert (fire.zh, fire.en) == ("消防救援站", "fire and rescue")
    assert (last.id, last.code, last.zh, last.en) == (added.id, "sea_2", "海事处", "maritime office")
    assert audited(engine) == [
        ("role.renamed", "operator", None, {"role": "cadre"}),
        ("department.renamed", "operator", fire.id, {}),
        ("department.added", "operator", added.id, {}),
    ]


def test_what_is_no_name_is_refused(engine: Engine) -> None:
    with session_scope(engine, write=True) as session:
        for zh, en in (("", "cadre"), ("干部", " "), ("干\n部", "cadre"), ("干部", "c" * 61)):
            with pytest.raises(BadOfficeName):
                rename_role(session, OPERATOR, "cadre", zh, en)
            with pytest.raises(BadOfficeName):
                rename_department(session, OPERATOR, "fire", zh, en)
            with pytest.raises(BadOfficeName):
                add_department(session, OPERATOR, "navy", zh, en)
        for code in ("", "n", "Navy", "2navy", "na vy", "海事", "n" * 41):
            with pytest.raises(BadDepartmentCode):
                add_department(session, OPERATOR, code, "海事处", "navy")
        with pytest.raises(DepartmentTaken):
            add_department(session, OPERATOR, "fire", "海事处", "navy")
        with pytest.raises(NoSuchRole):
            rename_role(session, OPERATOR, "king", "国王", "king")
        with pytest.raises(NoSuchDepartment):
            rename_department(session, OPERATOR, "navy", "海军", "navy")
        assert len(departments(session)) == 18
    assert audited(engine) == []
