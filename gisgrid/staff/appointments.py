"""Appointments: who is what in which cell. Somebody who can manage people always stays."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.audit.record import Actor, record
from gisgrid.errors import Conflict, NotFound, Refused
from gisgrid.grid.layers.levels import CODE_LENGTHS
from gisgrid.grid.tables import Cell
from gisgrid.staff.offices import department_called
from gisgrid.staff.roles import ROLES, Permission
from gisgrid.staff.tables import Appointment, Person

ADMINISTRATOR: Final = "administrator"
OF_A_DEPARTMENT: Final = frozenset({"department_staff", "liaison"})
UNDIVIDED: Final[frozenset[Permission]] = frozenset({"manage", "audit"})
"""What cannot be held for one cell alone: accounts, and the audit, lie in none."""


class UnknownRole(Refused):
    """There is no such role."""


class UnknownCell(Refused):
    """No cell of any grid has that code."""


class RoleHasNoCell(Refused):
    """The role is for everywhere or not at all."""


class DepartmentNeeded(Refused):
    """The role is that of somebody who acts for a department."""


class RoleHasNoDepartment(Refused):
    """The role has nothing to do with a department."""


class RolesApart(Conflict):
    """Who manages people, or reads the audit, has no other role."""


class NoSuchAppointment(NotFound):
    """Nobody holds that appointment."""


class LastAdministrator(Conflict):
    """Nobody would be left who can manage people and devices."""


def grant(
    session: Session,
    actor: Actor,
    person: Person,
    role: str,
    cell_code: str | None = None,
    department: str | None = None,
) -> Appointment:
    """Give a person a role in a cell and everything below, None is everywhere; the same twice is one.

    `department` is the code or a name of one. Raises UnknownRole, UnknownCell, RoleHasNoCell, DepartmentNeeded,
    RoleHasNoDepartment, NoSuchDepartment, RolesApart.
    """
    _require_role(role, cell_code)
    if cell_code is not None:
        require_cell(session, cell_code)
    department_id = _department(session, role, department)
    _lock(session, person)
    held = appointment_of(session, person, role, cell_code, department_id)
    if held is not None:
        return held
    _require_apart(session, person, role)
    made = Appointment(
        person_id=person.id,
        role=role,
        cell_code=cell_code,
        department_id=department_id,
        granted_at=datetime.now(UTC),
    )
    session.add(made)
    session.flush()
    _record(session, actor, "role.granted", made)
    return made


def _require_role(role: str, cell_code: str | None) -> None:
    if role not in ROLES:
        raise UnknownRole(
            f"没有这个角色;角色有:{', '.join(ROLES)}", f"there is no such role; the roles are: {', '.join(ROLES)}"
        )
    if cell_code is not None and is_undivided(role):
        raise RoleHasNoCell(
            f"角色 {role} 不分网格,请不要指明网格", f"the role {role} is not of one cell; give it without a cell"
        )


def is_undivided(role: str) -> bool:
    """Tell whether a role, if there is one of that name, is held everywhere or not at all."""
    return bool(UNDIVIDED & ROLES.get(role, frozenset()))


def _require_apart(session: Session, person: Person, role: str) -> None:
    others = set(session.scalars(select(Appointment.role).where(Appointment.person_id == person.id))) - {role}
    if others and any(UNDIVIDED & ROLES[each] for each in (role, *others) if each in ROLES):
        raise RolesApart(
            "管理员和审计员不能兼任其他角色;请另建账号,或先撤销原有角色",
            "an administrator or auditor has no other role: make another account, or withdraw the other roles first",
        )


def require_cell(session: Session, code: str) -> None:
    """Check that some layer set has a cell of a code. Raises UnknownCell."""
    if session.scalar(select(Cell.id).where(Cell.code == code).limit(1)) is None:
        street, community, substation = CODE_LENGTHS.values()
        raise UnknownCell(
            f"没有这个编码的网格;街道编码为 {street} 位数字,社区 {community} 位,工作分站 {substation} 位",
            f"no cell has that code; a street's has {street} digits, a community's {community}, a substation's "
            f"{substation}",
        )


def _department(session: Session, role: str, department: str | None) -> int | None:
    if role not in OF_A_DEPARTMENT:
        if department is not None:
            raise RoleHasNoDepartment(
                f"角色 {role} 不属于职能部门,请不要指明部门",
                f"the role {role} is of no department; give it without one",
            )
        return None
    if department is None:
        raise DepartmentNeeded(
            f"角色 {role} 需指明职能部门;有哪些,见网页“角色与部门名称”或运行 gisgrid staff departments",
            f"the role {role} needs a department; see which there are on the page “Names of roles and departments”, "
            "or run: gisgrid staff departments",
        )
    return department_called(session, department).id


def _lock(session: Session, person: Person) -> None:
    # the database takes two rows without a cell for different ones
    session.execute(select(Person.id).where(Person.id == person.id).with_for_update())


def appointment_of(
    session: Session, person: Person, role: str, cell_code: str | None, department_id: int | None
) -> Appointment | None:
    """Return a person's appointment to a role in a cell, if there is one."""
    asked = select(Appointment).where(Appointment.person_id == person.id, Appointment.role == role)
    exact = (Appointment.cell_code == cell_code, Appointment.department_id == department_id)
    return session.scalar(asked.where(*exact).limit(1))


def withdraw(session: Session, actor: Actor, appointment_id: int) -> None:
    """Take a role away. Raises NoSuchAppointment, LastAdministrator."""
    appointment = session.get(Appointment, appointment_id)
    if appointment is None:
        raise no_such_appointment()
    if appointment.role == ADMINISTRATOR:
        require_another_administrator(session, appointment.person_id)
    session.delete(appointment)
    session.flush()
    _record(session, actor, "role.withdrawn", appointment)


def no_such_appointment() -> NoSuchAppointment:
    """Say that nobody holds what is to be taken away."""
    return NoSuchAppointment(
        "没有这项任职,可能已撤销;列出全部:gisgrid staff list",
        "there is no such appointment, or it is withdrawn already; see: gisgrid staff list",
    )


def require_another_administrator(session: Session, person_id: int) -> None:
    """Check that the work of an administrator goes on without a person. Raises LastAdministrator."""
    if set(_administrators(session)) == {person_id}:
        raise LastAdministrator(
            "这是最后一位系统管理员;请先授予他人系统管理员角色",
            "this is the last administrator; make somebody else an administrator first",
        )


def _administrators(session: Session) -> Sequence[int]:
    """Return who can manage, locked: two who withdraw each other at the same time would leave nobody."""
    asked = select(Appointment.person_id).join(Person, Person.id == Appointment.person_id)
    held = asked.where(Appointment.role == ADMINISTRATOR, Person.is_active).order_by(Appointment.id)
    return session.scalars(held.with_for_update()).all()


def _record(session: Session, actor: Actor, action: str, appointment: Appointment) -> None:
    cell, department = appointment.cell_code, appointment.department_id
    whom = ("person", appointment.person_id)
    record(session, actor, action, whom, role=appointment.role, cell=cell, department=department)
