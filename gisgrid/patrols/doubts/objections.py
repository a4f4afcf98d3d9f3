"""A patroller contests what was decided about a fix of theirs; somebody who answers for its cell replies, once."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from gisgrid.audit.record import Actor, record
from gisgrid.errors import Conflict, Forbidden, NotFound
from gisgrid.once import table_of
from gisgrid.parameters import Page
from gisgrid.patrols.people import own_patroller
from gisgrid.patrols.tables import Fix, Objection, Patroller
from gisgrid.sight import visible
from gisgrid.staff.tables import Person

FIX, OBJECTION = table_of(Fix), table_of(Objection)
UNANSWERED = OBJECTION.c.replied_at.is_(None)


class NoSuchFix(NotFound):
    """No fix of one's own has that number."""


class SeenByNobody(Conflict):
    """A fix that is withheld: nobody could reply, since nobody but its patroller sees it."""


class NoSuchObjection(NotFound):
    """No objection that one may see has that number."""


class AlreadyAnswered(Conflict):
    """An objection has its reply."""


class OwnObjection(Forbidden):
    """Nobody replies to themselves."""


def contest(session: Session, actor: Actor, person_id: int, fix_id: int, words: str) -> int:
    """Keep a person's objection to what became of a fix of theirs; return its row. Raises NoSuchFix, SeenByNobody."""
    own = own_patroller(session, person_id)
    asked = select(FIX.c.standing).where(visible(session, FIX), FIX.c.id == fix_id)
    standing = session.scalar(asked.where(FIX.c.patroller_id == own.id)) if own else None
    if own is None or standing is None:
        raise NoSuchFix("您没有这个编号的定位", "there is no fix of yours with that number")
    if standing == "withheld":
        raise SeenByNobody(
            "此定位不在班次内,只有您能看到;如当时在岗,请补签到",
            "this fix lies outside a shift and you alone can see it; if you were on duty, sign on late for that time",
        )
    made = Objection(fix_id=fix_id, patroller_id=own.id, words=words, made_at=datetime.now(UTC))
    session.add(made)
    session.flush()
    record(session, actor, "objection.made", ("person", person_id), objection=made.id, fix=fix_id)
    return made.id


def reply(session: Session, actor: Actor, person_id: int, objection_id: int, words: str) -> None:
    """Answer an objection as a person. Raises NoSuchObjection, OwnObjection, AlreadyAnswered."""
    asked = select(Objection).where(visible(session, OBJECTION), OBJECTION.c.id == objection_id)
    objection = session.scalar(asked.with_for_update())
    if objection is None:
        raise NoSuchObjection("没有这个编号的异议", "there is no objection with that number")
    theirs = session.scalar(select(Patroller.person_id).where(Patroller.id == objection.patroller_id))
    if theirs == person_id:
        raise OwnObjection("不能答复自己的异议", "you cannot reply to an objection of your own")
    if objection.replied_at is not None:
        raise AlreadyAnswered("此异议已有答复", "this objection has been answered")
    objection.reply, objection.replied_by, objection.replied_at = words, person_id, datetime.now(UTC)
    session.flush()
    whom = None if theirs is None else ("person", theirs)
    record(session, actor, "objection.answered", whom, objection=objection_id)


def objections_page(
    session: Session,
    page: Page,
    *,
    person_id: int | None = None,
    objection_id: int | None = None,
    is_unanswered: bool = False,
) -> tuple[int, list[dict[str, Any]]]:
    """Return how many objections this session may see, and a page, the newest first.

    If asked: those of one person alone, one alone, or those alone that wait for a reply.
    """
    asked = _objections(session)
    if is_unanswered:
        asked = asked.where(UNANSWERED)
    if person_id is not None:
        asked = asked.where(Patroller.person_id == person_id)
    if objection_id is not None:
        asked = asked.where(OBJECTION.c.id == objection_id)
    matched = _count(session, asked)
    ordered = asked.order_by(OBJECTION.c.id.desc()).limit(page.limit).offset(page.offset)
    return matched, [dict(row) for row in session.execute(ordered).mappings()]


def unanswered(session: Session) -> int:
    """Return how many of the objections that this session may see wait for a reply."""
    return _count(session, _objections(session).where(UNANSWERED))


def _count(session: Session, asked: Select[Any]) -> int:
    return session.scalar(select(func.count()).select_from(asked.subquery())) or 0


def _objections(session: Session) -> Select[Any]:
    columns = [OBJECTION.c[name] for name in ("id", "fix_id", "words", "made_at", "reply", "replied_at")]
    replier = func.coalesce(func.nullif(Person.full_name, ""), Person.name).label("replied_by")
    return (
        select(*columns, FIX.c.fix_at, FIX.c.standing, Patroller.ref.label("patroller"), replier)
        .join(FIX, FIX.c.id == OBJECTION.c.fix_id)
        .join(Patroller, Patroller.id == OBJECTION.c.patroller_id)
        .outerjoin(Person, Person.id == OBJECTION.c.replied_by)
        .where(visible(session, OBJECTION), visible(session, FIX))
    )
