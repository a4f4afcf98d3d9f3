"""Shifts: a patroller signs on and off. What is measured within a shift counts; what lies outside is withheld.

Times are those at which something was so, not those at which it was told: one may sign on late, and sign off with an
earlier time, as far back as withheld fixes are kept.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import false, or_, select
from sqlalchemy.orm import Session

from gisgrid.audit.record import Actor, record
from gisgrid.errors import Conflict, NotFound, Refused
from gisgrid.locks import be_alone, share
from gisgrid.once import table_of
from gisgrid.parameters import Period
from gisgrid.patrols.duty.consent import barred_from_tracks
from gisgrid.patrols.duty.settle import settle
from gisgrid.patrols.people import patroller_of
from gisgrid.patrols.sealed import hold_off_sealing
from gisgrid.patrols.tables import Patroller, Shift
from gisgrid.sight import seeing_everything
from gisgrid.staff.tables import Person

LONGEST: Final = timedelta(hours=16)
"""A shift that nobody ends is over then: who forgets to sign off does not take the recording home for good."""
LEEWAY: Final = timedelta(minutes=5)
"""How far clocks may differ."""
LOCK: Final = (0x67697367, 0x73686966)
"""The numbers under which PostgreSQL keeps those who sign on and those who check in apart."""
SHIFT = table_of(Shift)


class BadShiftTime(Refused):
    """A time in the future, or so long ago that what was withheld then is gone."""


class DeviceTaken(Conflict):
    """At that time somebody else was signed on to the device."""


class NotSignedOn(NotFound):
    """There is no shift to end at that time."""


class PinNeeded(Refused):
    """To end a shift at an earlier time changes what counts: that is for its patroller."""


class OnDuty(NamedTuple):
    """A shift with its patroller: the row of the person, and what they are called."""

    shift: Shift
    person: int
    called: str


def hold_still(session: Session) -> None:
    """Keep the shifts as they are until the transaction ends."""
    share(session, *LOCK)


def wait_to_change(session: Session) -> None:
    """Wait until nobody relies on the shifts, to change them. Comes before anything is written to the audit."""
    hold_off_sealing(session)
    be_alone(session, *LOCK)


def sign_on(
    session: Session,
    actor: Actor,
    person_id: int,
    token_id: int | None,
    started_at: datetime | None = None,
    *,
    back: timedelta,
) -> Shift:
    """Begin a shift of a person, on a device if it is one's; who is on it at that time already stays so.

    It ends the shift that the person has elsewhere, and that of another person on the device, who is then told of by
    the audit. A late one fits in before the next that there is. Raises BadShiftTime, DeviceTaken.
    """
    now = datetime.now(UTC)
    start = _within_reach(started_at or now, now, back)
    wait_to_change(session)
    with seeing_everything(session):
        own = patroller_of(session, person_id)
        second = start.replace(microsecond=0)
        near = _ending_after(session, second, own.id, token_id)
        if started_at is None and not any(_covers(shift, second) for shift in near):
            start = second  # phones tell whole seconds: a fix of this one may well have come after signing on
        here = [shift for shift in near if _covers(shift, start)]
        mine = [shift for shift in here if (shift.patroller_id, shift.token_id) == (own.id, token_id)]
        if mine:
            return mine[0]
        if now - start > LEEWAY and any(shift.patroller_id != own.id for shift in here):
            raise _taken()
        for shift in here:
            _end(session, actor, shift, start)
        following = [shift.started_at for shift in near if shift.started_at > start]
        shift = Shift(
            patroller_id=own.id,
            token_id=token_id,
            started_at=start,
            ended_at=min([start + LONGEST, *following]),
            signed_on_at=now,
        )
        _begin(session, actor, shift, person_id)
    return shift


def _begin(session: Session, actor: Actor, shift: Shift, person_id: int) -> None:
    session.add(shift)
    session.flush()
    is_barred = bool(barred_from_tracks(session, [shift.patroller_id]))
    settle(session, shift.patroller_id, shift.token_id, Period(shift.started_at, shift.ended_at), is_barred=is_barred)
    told = {"shift": shift.id, "device": shift.token_id, "started_at": shift.started_at.isoformat()}
    record(session, actor, "shift.on", ("person", person_id), **told)


def sign_off(
    session: Session,
    actor: Actor,
    *,
    person_id: int | None = None,
    token_id: int | None = None,
    ended_at: datetime | None = None,
    back: timedelta,
) -> OnDuty:
    """End the shift of a person, or the one on a device; at an earlier time only together with the person.

    Raises BadShiftTime, NotSignedOn, PinNeeded.
    """
    now = datetime.now(UTC)
    end = _within_reach(ended_at or now, now, back)
    if person_id is None and now - end > LEEWAY:
        raise PinNeeded("补签退(写更早的时间)需本人姓名和 PIN 码", "an earlier end needs the patroller's name and PIN")
    wait_to_change(session)
    with seeing_everything(session):
        found = on_duty(session, person_id=person_id, token_id=token_id, at=end)
        if found is None:
            raise NotSignedOn(
                "此时没有在岗的班次,无需签退", "nobody is signed on at that time; there is nothing to end"
            )
        _end(session, actor, found.shift, end)
    return found


def _end(session: Session, actor: Actor, shift: Shift, end: datetime) -> None:
    """Bring the end of a shift near."""
    former, shift.ended_at = shift.ended_at, end
    session.flush()
    settle(session, shift.patroller_id, shift.token_id, Period(end, former))
    person = session.scalar(select(Patroller.person_id).where(Patroller.id == shift.patroller_id))
    told = {"shift": shift.id, "device": shift.token_id, "ended_at": end.isoformat()}
    record(session, actor, "shift.off", None if person is None else ("person", person), **told)


def on_duty(
    session: Session, *, person_id: int | None = None, token_id: int | None = None, at: datetime | None = None
) -> OnDuty | None:
    """Return the shift at a time, now if none is named: of a person, on a device, or of the person on the device."""
    moment = at or datetime.now(UTC)
    whose = [Person.id == person_id] if person_id is not None else []
    where = [SHIFT.c.token_id == token_id] if token_id is not None else []
    asked = select(Shift, Person.id, Person.name, Person.full_name)
    asked = asked.join(Patroller, Patroller.id == Shift.patroller_id).join(Person, Person.id == Patroller.person_id)
    within = (SHIFT.c.started_at <= moment, moment < SHIFT.c.ended_at)
    with seeing_everything(session):
        row = session.execute(asked.where(*(whose + where or [false()]), *within)).first()
    return None if row is None else OnDuty(row[0], row[1], row.full_name or row.name)


def _within_reach(moment: datetime, now: datetime, back: timedelta) -> datetime:
    """Return a time that is not after now. Raises BadShiftTime."""
    if not now - back <= moment <= now + LEEWAY:
        hours = round(back.total_seconds() / 3600)
        raise BadShiftTime(
            f"时间不能在将来,也不能早于 {hours} 小时之前",
            f"the time must not lie in the future, nor more than {hours} hours back",
        )
    return min(moment, now)


def _ending_after(session: Session, moment: datetime, patroller_id: int, token_id: int | None) -> Sequence[Shift]:
    """Return the shifts of a patroller, and of a device, that are not over at a time."""
    theirs = SHIFT.c.patroller_id == patroller_id
    whose = theirs if token_id is None else or_(theirs, SHIFT.c.token_id == token_id)
    return session.scalars(select(Shift).where(whose, SHIFT.c.ended_at > moment).order_by(SHIFT.c.started_at)).all()


def _covers(shift: Shift, moment: datetime) -> bool:
    return shift.started_at <= moment < shift.ended_at


def _taken() -> DeviceTaken:
    return DeviceTaken(
        "那时此设备由他人签到使用;请由其先补签退,或从较晚的时间签到",
        "somebody else was signed on to the device at that time: have them sign off with an earlier time first, or "
        "start later",
    )
