"""Publishing to staff, and withdrawing it, within the cells in which one may plan."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.audit.record import Actor, record
from gisgrid.errors import Conflict, NotFound, Refused
from gisgrid.notices.outbox import Notice, endpoints_for, post
from gisgrid.once import table_of
from gisgrid.publications.tables import CELL, Publication, answered
from gisgrid.sight import sight_of, visible
from gisgrid.staff.roles import ROLES

PUBLICATION: Final = table_of(Publication)
PAGE: Final = "/publications"


class NotYourCell(NotFound):
    """No cell in which one may publish has that code."""


class NoSuchRole(Refused):
    """There is no role of that code."""


class BadEnd(Refused):
    """A publication that would be over before it begins."""


class NoSuchPublication(NotFound):
    """No publication that one may see has that number."""


class PublicationWithdrawn(Conflict):
    """The publication has been withdrawn."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be published, to whom: the cell of a code and all below it, one role; None is all."""

    title: str
    words: str
    cell_code: str | None = None
    role: str | None = None
    must_confirm: bool = False
    ends_at: datetime | None = None


def publish(session: Session, actor: Actor, wish: Wish) -> int:
    """Publish something, and tell the endpoints that hear of publications there; return its row.

    Raises NotYourCell, NoSuchRole, BadEnd.
    """
    now = datetime.now(UTC)
    _require_own_cell(session, wish.cell_code)
    if wish.role is not None and wish.role not in ROLES:
        raise NoSuchRole(
            f"没有这个角色;角色有:{'、'.join(ROLES)}", f"there is no such role; the roles are: {', '.join(ROLES)}"
        )
    if wish.ends_at is not None and wish.ends_at <= now:
        raise BadEnd("截止时间已过;请填以后的时间,或不填", "it would be over already: give a later end, or none")
    made = Publication(
        title=wish.title,
        words=wish.words,
        cell_code=wish.cell_code,
        role=wish.role,
        must_confirm=wish.must_confirm,
        published_by=actor.id if actor.kind == "person" else None,
        published_at=now,
        ends_at=wish.ends_at,
    )
    session.add(made)
    session.flush()
    lineage = _lineage(session, wish.cell_code)
    post(session, _notice(made, lineage.get(wish.cell_code or "")), endpoints_for(session, "publication", lineage))
    record(session, actor, "publication.made", ("publication", made.id), cell=made.cell_code, role=made.role)
    return made.id


def may_publish(session: Session, cell_code: str | None) -> bool:
    """Tell whether this session answers for a cell; for None, for every street."""
    sight = sight_of(session)
    if cell_code is not None:
        return sight.has_code(cell_code)
    streets = session.scalars(select(CELL.c.code).where(CELL.c.parent_id.is_(None)).distinct())
    return sight.everything or (sight.answers.outside and sight.codes.issuperset(streets))


def _require_own_cell(session: Session, cell_code: str | None) -> None:
    if not may_publish(session, cell_code):
        raise NotYourCell(
            "您不能向这个网格发布;请选您可以制定计划的网格",
            "you cannot publish to that cell: choose one in which you may make plans",
        )


def _lineage(session: Session, code: str | None) -> dict[str, str]:
    """Return the cells above a cell, itself included: their names by code, of whichever layer set."""
    found: dict[str, str] = {}
    asked = select(CELL.c.code, CELL.c.name, CELL.c.parent_id)
    rows = session.execute(asked.where(CELL.c.code == code)).all()
    while rows:
        found |= {row.code: row.name for row in rows}
        parents = {row.parent_id for row in rows if row.parent_id is not None}
        rows = session.execute(asked.where(CELL.c.id.in_(parents))).all() if parents else []
    return found


def _notice(made: Publication, where: str | None) -> Notice:
    """Return what leaves the house: title and cell, and whether it must be confirmed; what it says does not."""
    zh, en = (where, where) if where else ("全部网格", "everywhere")
    confirm_zh, confirm_en = (",须确认", "; to be confirmed") if made.must_confirm else ("", "")
    return Notice(
        "publication",
        f"发布:{made.title}",
        f"{zh}{confirm_zh},编号 {made.id}",
        f"Published: {made.title}",
        f"{en}{confirm_en}; number {made.id}",
        PAGE,
        ("publication", made.id),
    )


def withdraw(session: Session, actor: Actor, publication_id: int) -> None:
    """Withdraw a publication of a cell in which one may plan. Raises NoSuchPublication, PublicationWithdrawn."""
    its = answered_publication(session, publication_id)
    if its.withdrawn_at is not None:
        raise withdrawn()
    its.withdrawn_at = datetime.now(UTC)
    session.flush()
    record(session, actor, "publication.withdrawn", ("publication", publication_id))


def answered_publication(session: Session, publication_id: int) -> Publication:
    """Return a publication of a cell in which one may publish, be it for oneself or not. Raises NoSuchPublication."""
    sight = sight_of(session)
    asked = select(Publication).where(visible(session, PUBLICATION), PUBLICATION.c.id == publication_id)
    its = session.scalar(asked if sight.everything else asked.where(answered(sight, PUBLICATION.c)))
    if its is None or not may_publish(session, its.cell_code):
        raise no_such_publication()
    return its


def no_such_publication() -> NoSuchPublication:
    """Say that there is none of that number for whoever asks."""
    return NoSuchPublication("没有这个编号的发布", "there is no publication with that number")


def withdrawn() -> PublicationWithdrawn:
    """Say that a publication is withdrawn."""
    return PublicationWithdrawn("这条发布已撤回", "this publication has been withdrawn")
