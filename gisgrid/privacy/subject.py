"""Whom it is about: somebody with an account, and as whom they walk; or a name that walks without an account."""

from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.errors import Refused
from gisgrid.patrols.people import NoSuchPatroller
from gisgrid.patrols.tables import Patroller
from gisgrid.staff.names import one_line
from gisgrid.staff.people import person_called, person_of
from gisgrid.staff.tables import Person

SHORTEST, LONGEST = 2, 200


class WhoIsMeant(Refused):
    """Neither an account nor a name of the patrols is given, or both."""


class WordsNeeded(Refused):
    """Something that asks for a reason in words is asked for without."""


class Subject(NamedTuple):
    """A person: the row of the account and that of the patrols; one of them may be missing."""

    person: Person | None
    patroller: Patroller | None

    @property
    def audited(self) -> tuple[str, int] | None:
        """The person as the audit names them."""
        return None if self.person is None else ("person", self.person.id)

    @property
    def patroller_id(self) -> int | None:
        """The row of the patrols, as the audit names it."""
        return None if self.patroller is None else self.patroller.id


def subject_called(session: Session, person: str | None, patroller: str | None) -> Subject:
    """Return who signs in with a name, or walks under one. Raises WhoIsMeant, NoSuchPerson, NoSuchPatroller."""
    if (person is None) == (patroller is None):
        raise WhoIsMeant(
            "请用 --person 给出登录名,或用 --patroller 给出巡查员编号,二者取一",
            "name somebody by --person (sign-in name) or by --patroller (name in patrols), one of the two",
        )
    if person is not None:
        return _whole(session, person_called(session, person))
    walker = patroller_called(session, str(patroller))
    return Subject(None if walker.person_id is None else session.get(Person, walker.person_id), walker)


def subject_of(session: Session, person_id: int) -> Subject:
    """Return who has the account of a row. Raises NoSuchPerson."""
    return _whole(session, person_of(session, person_id))


def _whole(session: Session, account: Person) -> Subject:
    return Subject(account, session.scalar(select(Patroller).where(Patroller.person_id == account.id)))


def patroller_called(session: Session, ref: str) -> Patroller:
    """Return who walks under a name. Raises NoSuchPatroller."""
    found = session.scalar(select(Patroller).where(Patroller.ref == ref))
    if found is None:
        raise NoSuchPatroller(
            f"没有编号为 {ref[:LONGEST]!r} 的巡查员", f"nobody walks under the name {ref[:LONGEST]!r}"
        )
    return found


def words_for(text: str, zh: str, en: str) -> str:
    """Return the words for which something is done, in one line. Raises WordsNeeded."""
    words = one_line(text, SHORTEST, LONGEST)
    if words is None:
        raise WordsNeeded(
            f"请写明{zh}:一行,{SHORTEST} 至 {LONGEST} 个字",
            f"say the {en}: one line of {SHORTEST} to {LONGEST} characters",
        )
    return words
