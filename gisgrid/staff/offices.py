"""What the office calls roles and departments: data, in Chinese and English, that it may change."""

import re
from collections.abc import Sequence
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gisgrid.audit.record import Actor, record
from gisgrid.errors import Conflict, NotFound, Refused
from gisgrid.staff.names import one_line
from gisgrid.staff.roles import ROLES
from gisgrid.staff.tables import Department, RoleName

LONGEST: Final = 60
CODE: Final = re.compile(r"[a-z][a-z0-9_]{1,39}")


class NoSuchRole(NotFound):
    """There is no such role to be named."""


class NoSuchDepartment(NotFound):
    """No department has that code or name."""


class BadOfficeName(Refused):
    """A name of a role or department that is missing, too long or not one line."""


class BadDepartmentCode(Refused):
    """A code of a department that is not in plain small letters."""


class DepartmentTaken(Conflict):
    """A department has that code."""


def role_names(session: Session) -> list[RoleName]:
    """Return what roles are called, in the order of ROLES."""
    named = {name.code: name for name in session.scalars(select(RoleName))}
    return [named[role] for role in ROLES if role in named]


def departments(session: Session) -> Sequence[Department]:
    """Return the departments, in the order in which they were added."""
    return session.scalars(select(Department).order_by(Department.id)).all()


def department_called(session: Session, name: str) -> Department:
    """Return the department of a code or a name. Raises NoSuchDepartment."""
    asked = or_(Department.code == name, Department.zh == name, Department.en == name)
    found = session.scalar(select(Department).where(asked).order_by(Department.code != name, Department.id).limit(1))
    if found is None:
        raise NoSuchDepartment(
            "没有这个职能部门;列出全部:gisgrid staff departments",
            "there is no such department; see which there are: gisgrid staff departments",
        )
    return found


def rename_role(session: Session, actor: Actor, code: str, zh: str, en: str) -> None:
    """Call a role something else; what it may do stays. Raises NoSuchRole, BadOfficeName."""
    name = session.get(RoleName, code)
    if name is None:
        raise NoSuchRole("没有这个角色", "there is no such role")
    name.zh, name.en = _names(zh, en)
    session.flush()
    record(session, actor, "role.renamed", role=code)


def rename_department(session: Session, actor: Actor, code: str, zh: str, en: str) -> None:
    """Call a department something else. Raises NoSuchDepartment, BadOfficeName."""
    department = department_called(session, code)
    department.zh, department.en = _names(zh, en)
    session.flush()
    record(session, actor, "department.renamed", ("department", department.id))


def add_department(session: Session, actor: Actor, code: str, zh: str, en: str) -> Department:
    """Add a department. Raises BadDepartmentCode, DepartmentTaken, BadOfficeName."""
    if not CODE.fullmatch(code):
        raise BadDepartmentCode(
            "部门编码为 2 至 40 个小写字母、数字或下划线,以字母开头",
            "a department's code is 2 to 40 small letters, digits or underscores, a letter first",
        )
    department = Department(code=code)
    department.zh, department.en = _names(zh, en)
    try:
        with session.begin_nested():
            session.add(department)
            session.flush()
    except IntegrityError as error:
        raise DepartmentTaken("这个部门编码已在使用", "a department has that code") from error
    record(session, actor, "department.added", ("department", department.id))
    return department


def _names(zh: str, en: str) -> tuple[str, str]:
    chinese, english = one_line(zh, 1, LONGEST), one_line(en, 1, LONGEST)
    if chinese is None or english is None:
        raise BadOfficeName(
            f"中英文名称各一行,1 至 {LONGEST} 个字",
            f"a name in Chinese and one in English, each a line of 1 to {LONGEST} characters",
        )
    return chinese, english
