"""What is doubtful about fixes, for the staff who answer for the cells: they release and annotate.

Nothing is punished by itself. Whatever staff say of a fix its patroller sees, and may contest.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from gisgrid.audit.record import Actor, record
from gisgrid.errors import Conflict, Forbidden, NotFound, Refused
from gisgrid.intake.finding import cell_codes, coded, conditions, page_of
from gisgrid.once import table_of
from gisgrid.parameters import Page, Period
from gisgrid.patrols.duty.settle import stand_anew
from gisgrid.patrols.duty.shifts import hold_still
from gisgrid.patrols.judge import PLACELESS, QUARANTINED, Flag, names_of
from gisgrid.patrols.people import own_patroller
from gisgrid.patrols.sealed import hold_off_sealing, is_late
from gisgrid.patrols.tables import DOUBTED, UNCOUNTED, Fix, FixNote, NoteAct, Patrol, Patroller
from gisgrid.settings import Settings
from gisgrid.sight import visible
from gisgrid.staff.tables import Person

FIX, NOTE = table_of(Fix), table_of(FixNote)
NO_PLACE: Final = PLACELESS & ~Flag.UNTIMED
"""Flags of fixes that are at no place where somebody can have been."""
QUARANTINE: Final = (UNCOUNTED, FIX.c.standing == "quarantined")


class NoSuchDoubt(NotFound):
    """No fix that one may see has that number."""


class OwnFix(Forbidden):
    """Nobody decides about a fix of their own."""


class NothingToRelease(Conflict):
    """A fix that is not quarantined, or has been released already."""


class NotReleased(Conflict):
    """A release is taken back that nobody gave."""


class NoPlaceOnEarth(Refused):
    """A fix without a place cannot count for one."""


class DayIsSealed(Conflict):
    """The figures of the fix's day are fixed."""


# --- finding ---------------------------------------------------------------------------------------


def doubts_page(
    session: Session,
    page: Page,
    *,
    flag: Flag | None = None,
    period: Period | None = None,
    cell: str | None = None,
    fix_id: int | None = None,
    is_quarantined: bool = False,
) -> tuple[int, list[dict[str, Any]]]:
    """Return how many doubted fixes this session may see, and a page: the quarantined first, of both the newest first.

    Rows are those of `fixes`, with `patroller` and `patrol` (the refs), the codes of the cells, and `notes`, the oldest
    first. The period is that in which they arrived. What is withheld is nobody's to judge. Raises NoSuchCell.
    """
    where = _matching(session, flag, period, cell, fix_id, is_quarantined=is_quarantined)
    asked = select(*FIX.c, Patroller.ref.label("patroller"), Patrol.ref.label("patrol"))
    asked = asked.join(Patroller, Patroller.id == FIX.c.patroller_id).outerjoin(Patrol, Patrol.id == FIX.c.patrol_id)
    first = (FIX.c.standing != "quarantined", FIX.c.received_at.desc(), FIX.c.id.desc())
    matched, rows = page_of(session, asked.where(*where).order_by(*first), page)
    codes, notes = cell_codes(session), notes_on(session, [row["id"] for row in rows])
    return matched, [{**row, **coded(row, codes), "notes": notes.get(row["id"], [])} for row in rows]


def doubted_walkers(
    session: Session,
    *,
    flag: Flag | None = None,
    period: Period | None = None,
    cell: str | None = None,
    is_quarantined: bool = False,
) -> set[str]:
    """Return the refs of all whose fixes match, on whichever page."""
    where = _matching(session, flag, period, cell, None, is_quarantined=is_quarantined)
    whose = select(FIX.c.patroller_id).where(*where)
    return set(session.scalars(select(Patroller.ref).where(Patroller.id.in_(whose))))


def quarantined(session: Session) -> int:
    """Return how many of the fixes that this session may see are quarantined."""
    asked = select(func.count()).select_from(FIX).where(visible(session, FIX), *QUARANTINE)
    return session.scalar(asked) or 0


def _matching(
    session: Session,
    flag: Flag | None,
    period: Period | None,
    cell: str | None,
    fix_id: int | None,
    *,
    is_quarantined: bool,
) -> list[ColumnElement[bool]]:
    where = conditions(session, FIX, "received_at", period=period, cell=cell)
    where += QUARANTINE if is_quarantined else (DOUBTED, FIX.c.standing != "withheld")
    where += [FIX.c.flags.bitwise_and(int(flag)) != 0] if flag else []
    return where + ([FIX.c.id == fix_id] if fix_id is not None else [])


def notes_on(session: Session, fix_ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """Return what staff said of fixes, by fix, the oldest first."""
    found: dict[int, list[dict[str, Any]]] = {}
    for row in session.execute(_notes(session).where(NOTE.c.fix_id.in_(fix_ids)).order_by(NOTE.c.id)).mappings():
        found.setdefault(row["fix_id"], []).append(dict(row))
    return found


def own_notes(session: Session, person_id: int, most: int) -> list[dict[str, Any]]:
    """Return what staff said of a person's own fixes, the newest first, with the time and standing of each fix."""
    own = own_patroller(session, person_id)
    if own is None:
        return []
    asked = _notes(session).add_columns(FIX.c.fix_at, FIX.c.standing).join(FIX, FIX.c.id == NOTE.c.fix_id)
    mine = asked.where(visible(session, FIX), FIX.c.patroller_id == own.id)
    return [dict(row) for row in session.execute(mine.order_by(NOTE.c.id.desc()).limit(most)).mappings()]


def _notes(session: Session) -> Select[Any]:
    writer = func.coalesce(func.nullif(Person.full_name, ""), Person.name).label("written_by")
    columns = [NOTE.c[name] for name in ("id", "fix_id", "act", "words", "written_at")]
    asked = select(*columns, writer).outerjoin(Person, Person.id == NOTE.c.written_by)
    return asked.where(visible(session, NOTE))


# --- deciding --------------------------------------------------------------------------------------


def release(session: Session, settings: Settings, actor: Actor, person_id: int, fix_id: int, reason: str) -> None:
    """Let a quarantined fix count, as a person who says why.

    Raises NoSuchDoubt, OwnFix, DayIsSealed, NoPlaceOnEarth, NothingToRelease.
    """
    fix = _decided(session, settings, person_id, fix_id)
    if fix["longitude"] is None or fix["flags"] & NO_PLACE:
        raise NoPlaceOnEarth(
            "此定位没有可信的位置,不能计入;可以附注说明",
            "this fix has no place where somebody can have been, so it cannot count; you can annotate it",
        )
    if fix["is_released"] or not fix["flags"] & QUARANTINED:
        raise NothingToRelease("此定位未被隔离,或已放行", "this fix is not quarantined, or has been released")
    stand_anew(session, fix_id, is_released=True)
    _say(session, actor, person_id, fix, "released", reason)


def withdraw_release(session: Session, settings: Settings, actor: Actor, person_id: int, fix_id: int) -> None:
    """Quarantine a fix again that was released. Raises NoSuchDoubt, OwnFix, DayIsSealed, NotReleased."""
    fix = _decided(session, settings, person_id, fix_id)
    if not fix["is_released"]:
        raise NotReleased("此定位没有被放行", "this fix has not been released")
    stand_anew(session, fix_id, is_released=False)
    _say(session, actor, person_id, fix, "withdrawn", "")


def annotate(session: Session, actor: Actor, person_id: int, fix_id: int, words: str) -> None:
    """Say something of a fix, as a person. Raises NoSuchDoubt."""
    _say(session, actor, person_id, _seen(session, fix_id), "noted", words)


def decided(session: Session, fix_id: int) -> dict[str, Any]:
    """Return how a fix stands and what was said of it, but nothing of where its patroller was. Raises NoSuchDoubt."""
    fix = _seen(session, fix_id)
    told = {name: fix[name] for name in ("id", "standing", "is_released")}
    return {**told, "flags": names_of(fix["flags"]), "notes": notes_on(session, [fix_id]).get(fix_id, [])}


def _decided(session: Session, settings: Settings, person_id: int, fix_id: int) -> dict[str, Any]:
    """Return a fix of which something is to be decided, which nobody else changes meanwhile."""
    newest = hold_off_sealing(session)
    hold_still(session)
    fix = _seen(session, fix_id)
    own = own_patroller(session, person_id)
    if own is not None and own.id == fix["patroller_id"]:
        raise OwnFix("不能放行自己的定位,由他人决定", "you cannot decide about a fix of your own; somebody else does")
    if fix["standing"] == "evidence" or is_late(fix["fix_at"], newest, settings.zone):
        raise DayIsSealed(
            "当天已封存,统计不再改变;可以附注说明",
            "the day is sealed and its figures stay as they are; you can annotate the fix",
        )
    return fix


def _seen(session: Session, fix_id: int) -> dict[str, Any]:
    asked = select(FIX).where(visible(session, FIX), FIX.c.id == fix_id, FIX.c.standing != "withheld")
    fix = session.execute(asked.with_for_update()).mappings().first()
    if fix is None:
        raise NoSuchDoubt("没有这个编号的定位", "there is no fix with that number")
    return dict(fix)


def _say(session: Session, actor: Actor, person_id: int, fix: dict[str, Any], act: NoteAct, words: str) -> None:
    said = {"fix_id": fix["id"], "act": act, "words": words, "written_by": person_id}
    session.add(FixNote(**said, written_at=datetime.now(UTC)))
    session.flush()
    walker = fix["patroller_id"]
    person = session.scalar(select(Patroller.person_id).where(Patroller.id == walker))
    whom = ("patroller", walker) if person is None else ("person", person)
    record(session, actor, f"fix.{act}", whom, fix=fix["id"])
