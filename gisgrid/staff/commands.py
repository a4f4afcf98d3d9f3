"""People and their roles on the command line. Words that let somebody in are shown once, and nowhere else."""

from typing import Annotated

import typer
from sqlalchemy.orm import Session

from gisgrid.audit.record import OPERATOR
from gisgrid.errors import Refused
from gisgrid.migrations import open_session
from gisgrid.parameters import MAX_LIMIT, Page
from gisgrid.settings import Settings, read_settings
from gisgrid.staff.appointments import appointment_of, grant, no_such_appointment, withdraw
from gisgrid.staff.credentials import set_password
from gisgrid.staff.devices import add_key, link_url
from gisgrid.staff.offices import department_called, departments, role_names
from gisgrid.staff.people import Listed, add_person, people_page, person_called, set_active, set_phone
from gisgrid.staff.sign_in import issue_link
from gisgrid.staff.tables import Person

commands = typer.Typer(name="staff", help="人员与角色 / people and their roles", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="登录名 / sign-in name")]
Role = Annotated[str, typer.Argument(help="角色编码,见 gisgrid staff roles / code of a role, see: gisgrid staff roles")]
Cell = Annotated[
    str | None, typer.Option(help="网格编码;不写即全部 / code of the cell; without it, everywhere", metavar="CODE")
]
Department = Annotated[
    str | None, typer.Option(help="职能部门的编码或名称 / code or name of a department", metavar="DEPARTMENT")
]


class PasswordsDiffer(Refused):
    """What was typed the second time is not what was typed the first time."""


@commands.callback()
def staff() -> None:
    """人员与角色 / people and their roles."""


@commands.command("add")
def add_command(
    name: Name,
    full_name: Annotated[str, typer.Option(help="姓名 / full name")] = "",
    role: Annotated[str | None, typer.Option(help="同时授予的角色 / a role to begin with")] = None,
    cell: Cell = None,
    department: Department = None,
) -> None:
    """添加人员,并给出设置口令的一次性链接 / add a person; prints a one-time link to set a password."""
    settings = read_settings()
    with open_session(settings.database_url, write=True) as session:
        person = add_person(session, OPERATOR, name, full_name)
        if role is not None:
            grant(session, OPERATOR, person, role, cell, department)
        link = _link(session, settings, person)
    typer.echo(f"已添加 / added: {person.name}")
    typer.echo(link)


def _link(session: Session, settings: Settings, person: Person) -> str:
    words = issue_link(session, OPERATOR, person).words
    told = (
        "一次性登录链接,24 小时内有效,打开后请设置口令 / one-time link, valid for 24 hours; open it and set a password:"
    )
    return f"{told}\n{link_url(settings, words)}"


@commands.command("passwd")
def passwd_command(
    name: Name,
    is_link: Annotated[
        bool, typer.Option("--link", help="不设口令,只给一次性登录链接 / no password, a one-time sign-in link instead")
    ] = False,
) -> None:
    """设置口令;此人须重新登录 / set a password; the person has to sign in again."""
    settings = read_settings()
    with open_session(settings.database_url, write=is_link) as session:
        person = person_called(session, name)
        link = _link(session, settings, person) if is_link else None
    if link is None:
        password = _asked()
        with open_session(settings.database_url, write=True) as session:
            set_password(session, settings, OPERATOR, person_called(session, name), password)
    typer.echo(link or f"已设置口令 / the password is set: {person.name}")


def _asked() -> str:
    password: str = typer.prompt("新口令 / new password", hide_input=True)
    if typer.prompt("再输入一次 / once more", hide_input=True) != password:
        raise PasswordsDiffer("两次输入的口令不一样,请重来", "the two passwords are not the same; begin again")
    return password


@commands.command("phone")
def phone_command(
    name: Name, number: Annotated[str, typer.Argument(help='电话号码;"" 即删除 / phone number; "" for none')]
) -> None:
    """设置应急时联系此人的电话 / set the number under which a person is reached in an emergency."""
    with open_session(read_settings().database_url, write=True) as session:
        set_phone(session, OPERATOR, person_called(session, name), number)
    typer.echo(f"已设置电话 / the phone number is set: {name}")


@commands.command("list")
def list_command(
    search: Annotated[str, typer.Argument(help="登录名、姓名或技能的一部分 / part of a name or skill")] = "",
) -> None:
    """列出人员、角色和技能 / list people, their roles and skills."""
    with open_session(read_settings().database_url) as session:
        matched, people = people_page(session, Page(MAX_LIMIT, 0), search)
        codes = {department.id: department.code for department in departments(session)}
    for listed in people:
        typer.echo(_line(listed, codes))
    typer.echo(f"共 {matched} 人 / {matched} people", err=True)


def _line(listed: Listed, codes: dict[int, str]) -> str:
    roles = [
        " ".join(filter(None, [held.role, held.cell_code or "全部 everywhere", codes.get(held.department_id or 0)]))
        for held in listed.roles
    ]
    person = listed.person
    state = "" if person.is_active else "停用 off"
    return "\t".join([person.name, person.full_name, state, "; ".join(roles), ", ".join(listed.skills)]).rstrip()


@commands.command("roles")
def roles_command() -> None:
    """列出角色:编码和名称 / list the roles: codes and names."""
    with open_session(read_settings().database_url) as session:
        for role in role_names(session):
            typer.echo(f"{role.code}\t{role.zh}\t{role.en}")


@commands.command("departments")
def departments_command() -> None:
    """列出职能部门:编码和名称 / list the departments: codes and names."""
    with open_session(read_settings().database_url) as session:
        for department in departments(session):
            typer.echo(f"{department.code}\t{department.zh}\t{department.en}")


@commands.command("grant")
def grant_command(name: Name, role: Role, cell: Cell = None, department: Department = None) -> None:
    """授予角色,管该网格及其下级 / grant a role in a cell and everything below it."""
    with open_session(read_settings().database_url, write=True) as session:
        grant(session, OPERATOR, person_called(session, name), role, cell, department)
    typer.echo(f"已授予 / granted: {role} {cell or '全部 everywhere'}")


@commands.command("revoke")
def revoke_command(name: Name, role: Role, cell: Cell = None, department: Department = None) -> None:
    """撤销角色,立即生效 / withdraw a role, at once."""
    with open_session(read_settings().database_url, write=True) as session:
        department_id = None if department is None else department_called(session, department).id
        held = appointment_of(session, person_called(session, name), role, cell, department_id)
        if held is None:
            raise no_such_appointment()
        withdraw(session, OPERATOR, held.id)
    typer.echo(f"已撤销 / withdrawn: {role} {cell or '全部 everywhere'}")


@commands.command("off")
def off_command(name: Name) -> None:
    """停用人员:其会话和密钥立即失效 / switch a person off: their sessions and keys end at once."""
    _switch(name, is_active=False)
    typer.echo(f"已停用 / switched off: {name}")


@commands.command("on")
def on_command(name: Name) -> None:
    """重新启用人员 / switch a person on again."""
    _switch(name, is_active=True)
    typer.echo(f"已启用 / switched on: {name}")


def _switch(name: str, *, is_active: bool) -> None:
    with open_session(read_settings().database_url, write=True) as session:
        set_active(session, OPERATOR, person_called(session, name), is_active)


@commands.command("key")
def key_command(
    name: Name,
    title: Annotated[str, typer.Argument(help="密钥的用途 / what the key is for")],
    days: Annotated[int, typer.Option(help="有效天数 / days for which it is valid")] = 90,
) -> None:
    """发放程序接口密钥,只显示这一次 / make a key for programs that act for a person; it is shown this once."""
    with open_session(read_settings().database_url, write=True) as session:
        key = add_key(session, OPERATOR, person_called(session, name), title, days)
    typer.echo(f"请保存,以后不再显示 / keep it, it is not shown again: Authorization: Bearer {key.words}")
