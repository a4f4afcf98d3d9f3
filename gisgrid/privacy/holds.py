"""Holds: a stretch of somebody's track that is kept beyond its time, as evidence of an incident."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gisgrid.audit.record import Actor, record
from gisgrid.errors import Conflict, NotFound
from gisgrid.incidents.reports import require_incident
from gisgrid.parameters import Period
from gisgrid.patrols.sealed import hold_off_sealing
from gisgrid.patrols.tables import Hold, Patroller
from gisgrid.privacy.rules import FIX, HOLD
from gisgrid.privacy.subject import patroller_called, words_for
from gisgrid.settings import Settings


class NothingToHold(Conflict):
    """No fix of that person and time is left to be kept."""


class NoSuchHold(NotFound):
    """No hold has that number."""


class Held(NamedTuple):
    """A hold, whose track it is, and how many fixes it keeps."""

    hold: Hold
    patroller: str
    fixes: int


def hold(
    session: Session,
    settings: Settings,
    actor: Actor,
    patroller: str,
    period: Period,
    reason: str,
    incident: int | None = None,
) -> Hold:
    """Keep the track of a person (their ref) in a period, for `evidence_days` from its last day on.

    Raises NoSuchPatroller, NoSuchIncident, WordsNeeded, NothingToHold.
    """
    hold_off_sealing(session)
    walker, words = patroller_called(session, patroller), words_for(reason, "留证原因", "reason")
    if incident is not None:
        require_incident(session, incident)
    made = Hold(
        patroller_id=walker.id,
        start_at=period.start,
        end_at=period.end,
        until=period.last_moment.astimezone(settings.zone).date() + timedelta(days=settings.evidence_days),
        incident=incident,
        reason=words,
        made_at=datetime.now(UTC),
    )
    _require_fixes(session, made)
    session.add(made)
    session.flush()
    _record(session, actor, "hold.made", made)
    return made


def _require_fixes(session: Session, wished: Hold) -> None:
    """Check that there is something to keep, or will be. Raises NothingToHold."""
    if wished.end_at <= datetime.now(UTC) and not _fixes(session, wished):
        raise NothingToHold(
            "该人员在此时段没有可留证的打卡:没有记录,或已按保存期限清除",
            "that person has no fix in that period that could be kept: there was none, or it is gone",
        )


def _fixes(session: Session, held: Hold) -> int:
    within = (FIX.c.fix_at >= held.start_at, FIX.c.fix_at < held.end_at)
    standing = FIX.c.standing.in_(("counted", "evidence"))
    mine = FIX.c.patroller_id == held.patroller_id
    return session.scalar(select(func.count()).select_from(FIX).where(mine, *within, standing)) or 0


def holds(session: Session) -> list[Held]:
    """Return all holds, the newest first."""
    asked = select(Hold, Patroller.ref).join(Patroller, Patroller.id == Hold.patroller_id).order_by(Hold.id.desc())
    return [Held(held, ref, _fixes(session, held)) for held, ref in session.execute(asked)]


def holds_on(session: Session, patroller_id: int) -> Sequence[Hold]:
    """Return the holds on somebody's track."""
    return session.scalars(select(Hold).where(HOLD.c.patroller_id == patroller_id).order_by(Hold.id)).all()


def release(session: Session, actor: Actor, hold_id: int) -> None:
    """End a hold; what it kept of sealed days goes with the next purge. Raises NoSuchHold."""
    held = session.get(Hold, hold_id)
    if held is None:
        raise NoSuchHold(
            "没有这个编号的留证;列出全部:gisgrid retention holds",
            "no hold has that number; see which there are: gisgrid retention holds",
        )
    _record(session, actor, "hold.released", held)
    session.delete(held)
    session.flush()


def _record(session: Session, actor: Actor, action: str, held: Hold) -> None:
    person = session.scalar(select(Patroller.person_id).where(Patroller.id == held.patroller_id))
    told = {"hold": held.id, "patroller": held.patroller_id, "incident": held.incident, "until": str(held.until)}
    record(session, actor, action, None if person is None else ("person", person), **told)
