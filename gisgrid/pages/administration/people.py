"""Administration of people: who there is, what they are in which cell, and how they come in."""

import secrets
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.database import session_scope
from gisgrid.errors import GisgridError, Refused
from gisgrid.pages.called import Both, Called
from gisgrid.pages.forms import Line, Prose, RowId, Sender, actor_of
from gisgrid.pages.frame import PAGES, page, see_other, written
from gisgrid.pages.paging import OffsetQuery, turned
from gisgrid.parameters import Page
from gisgrid.staff.appointments import grant, is_undivided, withdraw
from gisgrid.staff.credentials import set_pin
from gisgrid.staff.devices import link_url
from gisgrid.staff.passwords import WeakPin, require_unobvious
from gisgrid.staff.people import add_person, people_page, person_of, rename, set_active, set_phone, set_skills
from gisgrid.staff.roles import ROLES
from gisgrid.staff.scope import Role
from gisgrid.staff.sign_in import issue_link
from gisgrid.staff.tables import Appointment, Person, Skill

router = APIRouter(prefix="/admin", tags=["administration"], responses=PAGES, default_response_class=HTMLResponse)

AT_A_TIME = 50
Search = Annotated[str, Query(alias="q", max_length=100)]
Done = Annotated[str, Query(max_length=20)]

DONE = {
    "changed": Both("已保存", "saved"),
    "active": Both("已启用", "switched on"),
    "inactive": Both("已停用，其登录、密钥均已失效", "switched off; sessions and keys have ended"),
    "granted": Both("已授予角色", "the role is granted"),
    "withdrawn": Both("已撤销角色", "the role is withdrawn"),
}

ALL_CELLS = "*"
"""What the form sends for all cells, so that nobody gets them by not choosing."""
NOTHING_CHOSEN = {"role": "", "cell": "", "department": ""}

Act = Callable[[Session, Person], Any]


class NoCellChosen(Refused):
    """A role that is held in a cell is to be given without saying in which."""


@router.get("")
def get_administration() -> RedirectResponse:
    """Lead to where administration begins."""
    return see_other("/admin/people")


@router.get("/people")
def get_people(request: Request, search: Search = "", offset: OffsetQuery = 0) -> HTMLResponse:
    """List people, found by a part of a name or skill."""
    return _people_page(request, search, offset)


def _people_page(request: Request, search: str = "", offset: int = 0, **values: Any) -> HTMLResponse:
    asked = search.replace("\x00", "").strip()
    with session_scope(request.app.state.engine) as session:
        matched, people = people_page(session, Page(AT_A_TIME, offset), asked)
        called = Called(session)
    posts = {
        listed.person.id: [called.post(Role(held.role, held.cell_code, held.department_id)) for held in listed.roles]
        for listed in people
    }
    turn = turned(request, Page(AT_A_TIME, offset), matched)
    given: dict[str, Any] = {"name": "", "full_name": "", "error": None, **values}
    return page(request, "administration/people.html", people=people, posts=posts, search=asked, turn=turn, **given)


@router.post("/people")
def post_person(request: Request, caller: Sender, name: Line = "", full_name: Line = "") -> Response:
    """Add somebody; their one-time link is shown in this answer and never again."""

    def adding(session: Session) -> tuple[Person, str]:
        person = add_person(session, actor_of(caller), name, full_name)
        return person, issue_link(session, actor_of(caller), person).words

    made = written(request, adding)
    if isinstance(made, GisgridError):
        return _people_page(request, error=made, name=name, full_name=full_name)
    person, words = made
    return _person_page(request, person.id, link=link_url(request.app.state.settings, words))


# --- one person ------------------------------------------------------------------------------------


@router.get("/people/{person_id}")
def get_person(request: Request, person_id: RowId, done: Done = "") -> HTMLResponse:
    """Show one person."""
    return _person_page(request, person_id, done=DONE.get(done))


def _person_page(request: Request, person_id: int, **values: Any) -> HTMLResponse:
    with session_scope(request.app.state.engine) as session:
        person = person_of(session, person_id)
        called = Called(session)
        asked = select(Appointment).where(Appointment.person_id == person_id).order_by(Appointment.id)
        held = session.scalars(asked).all()
        skills = session.scalars(select(Skill.tag).where(Skill.person_id == person_id).order_by(Skill.tag)).all()
    posts = [(each.id, called.post(Role(each.role, each.cell_code, each.department_id))) for each in held]
    given: dict[str, Any] = {"error": None, "done": None, "link": None, "pin": None, "chosen": NOTHING_CHOSEN, **values}
    given |= {"here": f"/admin/people/{person_id}", "all_cells": ALL_CELLS}
    return page(
        request, "administration/person.html", person=person, skills=skills, posts=posts, called=called, **given
    )


def _changed(request: Request, person_id: int, act: Act, done: str, **shown: Any) -> Response:
    """Do something to a person; go back to their page, which tells of a mistake with what is to be shown again."""
    error = written(request, lambda session: act(session, person_of(session, person_id)))
    if isinstance(error, GisgridError):
        return _person_page(request, person_id, error=error, **shown)
    return see_other(f"/admin/people/{person_id}?done={done}")


@router.post("/people/{person_id}")
def post_person_change(
    request: Request,
    caller: Sender,
    person_id: RowId,
    name: Line = "",
    full_name: Line = "",
    phone: Line = "",
    skills: Prose = "",
) -> Response:
    """Change somebody's names, phone number and skills."""

    def changing(session: Session, person: Person) -> None:
        rename(session, actor_of(caller), person, name, full_name)
        set_phone(session, actor_of(caller), person, phone)
        tags = skills.replace("\r", "\n").replace("、", "\n").replace(",", "\n").replace(",", "\n").split("\n")
        set_skills(session, actor_of(caller), person, [tag.strip() for tag in tags if tag.strip()])

    return _changed(request, person_id, changing, "changed")


@router.post("/people/{person_id}/active")
def post_active(request: Request, caller: Sender, person_id: RowId, is_active: Annotated[bool, Form()]) -> Response:
    """Let somebody in again, or shut them out."""

    def switching(session: Session, person: Person) -> None:
        set_active(session, actor_of(caller), person, is_active)

    return _changed(request, person_id, switching, "active" if is_active else "inactive")


@router.post("/people/{person_id}/roles")
def post_role(
    request: Request, caller: Sender, person_id: RowId, role: Line = "", cell: Line = "", department: Line = ""
) -> Response:
    """Give somebody a role in a cell and everything below it."""

    def granting(session: Session, person: Person) -> None:
        grant(session, actor_of(caller), person, role, _cell_code(role, cell), department or None)

    chosen = {"role": role, "cell": cell, "department": department}
    return _changed(request, person_id, granting, "granted", chosen=chosen)


def _cell_code(role: str, chosen: str) -> str | None:
    """Return the code of the cell chosen for a role, None for all. Raises NoCellChosen."""
    if not chosen and role in ROLES and not is_undivided(role):
        raise NoCellChosen(
            "请选择网格；确要授予全部网格，请选“全部网格”", "choose a cell, or “everywhere” if all cells are meant"
        )
    return None if chosen == ALL_CELLS else chosen or None


@router.post("/people/{person_id}/roles/{appointment_id}/withdraw")
def post_withdrawal(request: Request, caller: Sender, person_id: RowId, appointment_id: RowId) -> Response:
    """Take a role away."""

    def withdrawing(session: Session, _: Person) -> None:
        withdraw(session, actor_of(caller), appointment_id)

    return _changed(request, person_id, withdrawing, "withdrawn")


@router.post("/people/{person_id}/link")
def post_link(request: Request, caller: Sender, person_id: RowId) -> Response:
    """Make a one-time link, shown in this answer and never again; earlier ones end."""

    def linking(session: Session) -> str:
        return issue_link(session, actor_of(caller), person_of(session, person_id)).words

    words = written(request, linking)
    if isinstance(words, GisgridError):
        return _person_page(request, person_id, error=words)
    return _person_page(request, person_id, link=link_url(request.app.state.settings, words))


@router.post("/people/{person_id}/pin")
def post_pin(request: Request, caller: Sender, person_id: RowId) -> Response:
    """Replace somebody's PIN by one made at random, shown in this answer and never again."""
    pin = _random_pin()
    error = written(request, lambda session: set_pin(session, actor_of(caller), person_of(session, person_id), pin))
    return _person_page(request, person_id, error=error, pin=None if error else pin)


def _random_pin() -> str:
    while True:
        pin = f"{secrets.randbelow(10**6):06d}"
        try:
            require_unobvious(pin)
        except WeakPin:
            continue
        return pin
