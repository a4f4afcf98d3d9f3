"""Whose the fixes of a span are and which of them count, worked out anew from the shifts, whatever came first.

A fix sent by a device is that of whoever was signed on to it when it was measured, and waits under the device's own row
where nobody was. A fix of one's own is one's own. Both count within a shift and are withheld outside.
"""

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, select, update
from sqlalchemy.orm import Session

from gisgrid.once import table_of
from gisgrid.parameters import Period
from gisgrid.patrols.people import device_patroller, device_ref, patrol_ids
from gisgrid.patrols.tables import Fix, Patrol, Patroller, Shift
from gisgrid.sight import seeing_everything

FIX, SHIFT, PATROL = table_of(Fix), table_of(Shift), table_of(Patrol)

MEASURED_AT = case((FIX.c.received_at < FIX.c.fix_at, FIX.c.received_at), else_=FIX.c.fix_at)
"""As `CheckIn.measured_at`."""


def settle(session: Session, patroller_id: int, token_id: int | None, span: Period, *, is_barred: bool = False) -> None:
    """Settle a patroller's own fixes of a span, and all those of a device; what is quarantined or evidence stays.

    `is_barred`: waiting fixes that are a track stay where they are, since the patroller has not agreed to tracks.
    """
    if span.start >= span.end:
        return
    with seeing_everything(session):  # what others may see is not what is true
        _settle_own(session, patroller_id, span)
        if token_id is not None:
            _settle_device(session, token_id, span, is_barred=is_barred)


def _settle_own(session: Session, patroller_id: int, span: Period) -> None:
    mine = (FIX.c.patroller_id == patroller_id, FIX.c.token_id.is_(None))
    duty = exists(_shift(SHIFT.c.patroller_id == FIX.c.patroller_id))
    session.execute(update(FIX).where(*mine, *_unsettled(span)).values(standing=_standing(duty)))


def _settle_device(session: Session, token_id: int, span: Period, *, is_barred: bool) -> None:
    waiting = device_patroller(session, token_id)
    carrier = _shift(SHIFT.c.token_id == FIX.c.token_id).scalar_subquery()
    owner = func.coalesce(carrier, waiting)
    sent = (FIX.c.token_id == token_id, *_unsettled(span))
    stays = and_(FIX.c.is_track, FIX.c.patroller_id == waiting) if is_barred else FIX.c.id.is_(None)
    moved = update(FIX).where(*sent, ~stays, ~_has_another(owner))
    session.execute(moved.values(patroller_id=owner, standing=_standing(carrier.is_not(None))))
    _move_outings(session, sent)


def waiting(session: Session, token_id: int) -> int:
    """Return how many fixes of a device wait for whoever carried it to sign on late."""
    asked = select(func.count()).select_from(FIX).join(Patroller, Patroller.id == FIX.c.patroller_id)
    theirs = (FIX.c.token_id == token_id, Patroller.ref == device_ref(token_id))
    with seeing_everything(session):
        return session.scalar(asked.where(*theirs, FIX.c.is_by_shift, FIX.c.standing == "withheld")) or 0


def _shift(whose: ColumnElement[bool]) -> Select[tuple[int]]:
    """Return the patroller of the shift in which a fix lies."""
    within = (SHIFT.c.started_at <= MEASURED_AT, SHIFT.c.ended_at > MEASURED_AT)
    return select(SHIFT.c.patroller_id).where(whose, *within).correlate(FIX)


def _standing(counts: ColumnElement[bool]) -> ColumnElement[str]:
    return case((counts, "counted"), else_="withheld")


def _unsettled(span: Period) -> tuple[ColumnElement[bool], ...]:
    within = (FIX.c.fix_at >= span.start, span.start <= MEASURED_AT, span.end > MEASURED_AT)  # the first has an index
    return (FIX.c.is_by_shift, *within, FIX.c.standing.in_(("counted", "withheld")))


def _has_another(owner: ColumnElement[int]) -> ColumnElement[bool]:
    """Return the condition that the owner has another fix of the same client_id, which was sent on another way."""
    other = FIX.alias()
    same = (other.c.patroller_id == owner, other.c.client_id == FIX.c.client_id, other.c.id != FIX.c.id)
    return exists(select(other.c.id).where(*same).correlate(FIX))


def _move_outings(session: Session, sent: tuple[ColumnElement[bool], ...]) -> None:
    """Give fixes that have moved the outing of that name of their new owner."""
    stray = select(FIX.c.patroller_id, FIX.c.patrol_id, PATROL.c.ref).join(PATROL, PATROL.c.id == FIX.c.patrol_id)
    rows = session.execute(stray.where(*sent, PATROL.c.patroller_id != FIX.c.patroller_id).distinct()).all()
    outings = patrol_ids(session, [(row.patroller_id, row.ref) for row in rows])
    for row in rows:
        theirs = (FIX.c.patroller_id == row.patroller_id, FIX.c.patrol_id == row.patrol_id)
        session.execute(update(FIX).where(*theirs).values(patrol_id=outings[row.patroller_id, row.ref]))
