"""Whose the fixes of a span are and which of them count, worked out anew from the shifts, whatever came first.

A fix sent by a device is that of whoever was signed on to it when it was measured, and waits under the device's own row
where nobody was. A fix of one's own is one's own. Both count within a shift and are withheld outside.
"""

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select, update
from sqlalchemy.orm import Session

from gisgrid.once import table_of
from gisgrid.parameters import Period
from gisgrid.patrols.judge import QUARANTINED
from gisgrid.patrols.people import device_patrollers, device_ref, patrol_ids
from gisgrid.patrols.tables import Fix, Patrol, Patroller, Shift
from gisgrid.sight import seeing_everything

FIX, SHIFT, PATROL = table_of(Fix), table_of(Shift), table_of(Patrol)

MEASURED_AT = case((FIX.c.received_at < FIX.c.fix_at, FIX.c.received_at), else_=FIX.c.fix_at)
"""As `CheckIn.measured_at`."""


def settle(session: Session, patroller_id: int, token_id: int | None, span: Period, *, is_barred: bool = False) -> None:
    """Settle a patroller's own fixes of a span, and all those of a device; what is evidence stays.

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
    session.execute(update(FIX).where(*mine, *_unsettled(span)).values(standing=standing(duty)))


def _settle_device(session: Session, token_id: int, span: Period, *, is_barred: bool) -> None:
    waiting = device_patrollers(session, [token_id])[token_id]
    carrier = _shift(SHIFT.c.token_id == FIX.c.token_id).scalar_subquery()
    owner = func.coalesce(carrier, waiting)
    sent = (FIX.c.token_id == token_id, *_unsettled(span))
    stays = and_(FIX.c.is_track, FIX.c.patroller_id == waiting) if is_barred else FIX.c.id.is_(None)
    moved = update(FIX).where(*sent, ~stays)
    session.execute(moved.values(patroller_id=owner, standing=standing(carrier.is_not(None))))
    _move_outings(session, sent)


def stand_anew(session: Session, fix_id: int, *, is_released: bool) -> None:
    """Release a fix, or take its release back, and work out how it stands: as `settle` would. Evidence stays so."""
    mine = SHIFT.c.patroller_id == FIX.c.patroller_id
    sent_by = or_(FIX.c.token_id.is_(None), SHIFT.c.token_id == FIX.c.token_id)
    duty = or_(~FIX.c.is_by_shift, exists(_shift(and_(mine, sent_by))))
    stands = case((FIX.c.standing == "evidence", FIX.c.standing), else_=standing(duty))
    with seeing_everything(session):  # a shift is seen by nobody but its patroller
        one = update(FIX).where(FIX.c.id == fix_id)
        session.execute(one.values(is_released=is_released))
        session.execute(one.values(standing=stands))


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


def standing(is_on_duty: ColumnElement[bool]) -> ColumnElement[str]:
    """Return how a fix stands by the shifts and by what the judge, and whoever released it, said of it."""
    is_doubted = and_(FIX.c.flags.bitwise_and(int(QUARANTINED)) != 0, ~FIX.c.is_released)
    return case((~is_on_duty, "withheld"), (is_doubted, "quarantined"), else_="counted")


def _unsettled(span: Period) -> tuple[ColumnElement[bool], ...]:
    within = (FIX.c.fix_at >= span.start, span.start <= MEASURED_AT, span.end > MEASURED_AT)  # the first has an index
    return (FIX.c.is_by_shift, *within, FIX.c.standing != "evidence")


def _move_outings(session: Session, sent: tuple[ColumnElement[bool], ...]) -> None:
    """Give fixes that have moved the outing of that name of their new owner."""
    stray = select(FIX.c.patroller_id, FIX.c.patrol_id, PATROL.c.ref).join(PATROL, PATROL.c.id == FIX.c.patrol_id)
    rows = session.execute(stray.where(*sent, PATROL.c.patroller_id != FIX.c.patroller_id).distinct()).all()
    outings = patrol_ids(session, [(row.patroller_id, row.ref) for row in rows])
    for row in rows:
        theirs = (FIX.c.patroller_id == row.patroller_id, FIX.c.patrol_id == row.patrol_id)
        session.execute(update(FIX).where(*theirs).values(patrol_id=outings[row.patroller_id, row.ref]))
