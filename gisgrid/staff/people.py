"""People with accounts: what they are called, what they can do besides, and whether they may come in."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Final, NamedTuple

from sqlalchemy import delete, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gisgrid.audit.record import Actor, record
from gisgrid.errors import Conflict, NotFound, Refused
from gisgrid.parameters import Page
from gisgrid.staff.appointments import require_another_administrator
from gisgrid.staff.names import folded, one_line
from gisgrid.staff.tables import Appointment, Person, Skill
from gisgrid.staff.tokens import revoke_all

SHORTEST, LONGEST = 2, 40
"""Characters in a name."""
MOST_SKILLS: Final = 20
PHONE: Final = re.compile(r"[0-9+][0-9 ()+-]{2,19}")


class BadName(Refused):
    """A name that is too short or long, or holds marks that nobody sees."""


class NameTaken(Conflict):
    """Somebody signs in with that name, in whatever case."""


class NoSuchPerson(NotFound):
    """Nobody has that name or number."""


class BadSkills(Refused):
    """Too many skills, or one that is no short line of text."""


class BadPhone(Refused):
    """What can be no phone number."""


class Listed(NamedTuple):
    """A person with roles, in the order in which they were granted, and skills."""

    person: Person
    roles: tuple[Appointment, ...]
    skills: tuple[str, ...]


def add_person(
    session: Session, actor: Actor, name: str, full_name: str = "", *, is_demonstration: bool = False
) -> Person:
    """Add somebody, who has no password and no role yet. Raises BadName, NameTaken."""
    person = Person(
        name=_name(name),
        full_name=_full_name(full_name),
        is_active=True,
        is_demonstration=is_demonstration,
        created_at=datetime.now(UTC),
    )
    _named(session, person, person.name)
    record(session, actor, "person.added", ("person", person.id))
    return person


def rename(session: Session, actor: Actor, person: Person, name: str, full_name: str) -> None:
    """Give a person another sign-in name and full name. Raises BadName, NameTaken."""
    plain, full = _name(name), _full_name(full_name)
    if (plain, full) != (person.name, person.full_name):
        person.full_name = full
        _named(session, person, plain)
        record(session, actor, "person.renamed", ("person", person.id))


def _name(name: str) -> str:
    plain = one_line(name, SHORTEST, LONGEST)
    if plain is None:
        raise BadName(
            f"登录名应为一行,{SHORTEST} 至 {LONGEST} 个字,不含看不见的字符",
            f"a sign-in name is one line of {SHORTEST} to {LONGEST} characters that can be seen",
        )
    return plain


def _full_name(full_name: str) -> str:
    plain = one_line(full_name, 0, LONGEST)
    if plain is None:
        raise BadName(
            f"姓名应为一行,最多 {LONGEST} 个字,不含看不见的字符",
            f"a full name is one line of at most {LONGEST} characters that can be seen",
        )
    return plain


def _named(session: Session, person: Person, name: str) -> None:
    """Store a person under a name. Raises NameTaken."""
    try:
        with session.begin_nested():
            person.name = name
            session.add(person)
            session.flush()
    except IntegrityError as error:
        raise NameTaken(
            "这个登录名已有人使用(不分大小写),请换一个",
            "somebody has that sign-in name (case does not matter); choose another",
        ) from error


def key_of(name: str) -> str:
    """Return the key of a name as it was typed; the empty one, which nobody has, for what can be no name."""
    return folded(one_line(name, SHORTEST, LONGEST) or "")


def person_called(session: Session, name: str) -> Person:
    """Return who signs in with a name, in whatever case. Raises NoSuchPerson."""
    person = session.scalar(select(Person).where(Person.name_key == key_of(name), Person.erased_at.is_(None)))
    if person is None:
        raise NoSuchPerson(
            f"没有登录名为 {name[:LONGEST]!r} 的人员;列出全部:gisgrid staff list",
            f"nobody signs in as {name[:LONGEST]!r}; see who there is: gisgrid staff list",
        )
    return person


def person_of(session: Session, person_id: int) -> Person:
    """Return the person of a row. Raises NoSuchPerson."""
    person = session.get(Person, person_id)
    if person is None or person.erased_at is not None:
        raise NoSuchPerson("没有这个人员,或其资料已删除", "there is no such person, or what was known is erased")
    return person


def set_active(session: Session, actor: Actor, person: Person, is_active: bool) -> None:
    """Let a person in again, or shut them out: all their tokens end. Raises LastAdministrator."""
    if person.is_active == is_active:
        return
    if not is_active:
        require_another_administrator(session, person.id)
        revoke_all(session, person.id)
    person.is_active = is_active
    session.flush()
    record(session, actor, "person.activated" if is_active else "person.deactivated", ("person", person.id))


def set_skills(session: Session, actor: Actor, person: Person, tags: Collection[str]) -> None:
    """Say what a person can do besides; the tags replace those there were. Raises BadSkills."""
    wanted = {one_line(tag, 1, LONGEST) for tag in tags}
    if None in wanted or len(wanted) > MOST_SKILLS:
        raise BadSkills(
            f"技能最多 {MOST_SKILLS} 项,每项一行,1 至 {LONGEST} 个字",
            f"at most {MOST_SKILLS} skills, each a line of 1 to {LONGEST} characters",
        )
    if wanted != set(_skills(session, [person.id])[person.id]):
        session.execute(delete(Skill).where(Skill.person_id == person.id))
        session.add_all(Skill(person_id=person.id, tag=tag) for tag in sorted(filter(None, wanted)))
        session.flush()
        record(session, actor, "person.skills", ("person", person.id))


def set_phone(session: Session, actor: Actor, person: Person, phone: str) -> None:
    """Say under which number a person is reached in an emergency; "" for none. Raises BadPhone."""
    plain = one_line(phone, 0, 20)
    if plain is None or (plain and not PHONE.fullmatch(plain)):
        raise BadPhone(
            "电话应为 3 至 20 位数字,可含 + - 空格和括号",
            "a phone number is 3 to 20 digits, with + - spaces and brackets perhaps",
        )
    if (plain or None) != person.phone:
        person.phone = plain or None
        session.flush()
        record(session, actor, "person.phone", ("person", person.id))


def people_page(session: Session, page: Page, search: str = "") -> tuple[int, list[Listed]]:
    """Return how many people a search finds in names, full names and skills, and a page of them, by name."""
    found = select(Person).where(Person.erased_at.is_(None))
    if search:
        skilled = select(Skill.person_id).where(Skill.tag.icontains(search, autoescape=True))
        named = (Person.name_key.contains(folded(search), autoescape=True), Person.id.in_(skilled))
        found = found.where(or_(Person.full_name.icontains(search, autoescape=True), *named))
    matched = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    ordered = found.order_by(Person.name_key).limit(page.limit).offset(page.offset)
    people = session.scalars(ordered).all()
    ids = [person.id for person in people]
    roles, skills = _roles(session, ids), _skills(session, ids)
    return matched, [Listed(person, tuple(roles[person.id]), tuple(skills[person.id])) for person in people]


def _roles(session: Session, ids: Collection[int]) -> dict[int, list[Appointment]]:
    found: dict[int, list[Appointment]] = defaultdict(list)
    asked = select(Appointment).where(Appointment.person_id.in_(ids)).order_by(Appointment.id)
    for appointment in session.scalars(asked):
        found[appointment.person_id].append(appointment)
    return found


def _skills(session: Session, ids: Iterable[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for skill in session.scalars(select(Skill).where(Skill.person_id.in_(ids)).order_by(Skill.tag)):
        found[skill.person_id].append(skill.tag)
    return found
