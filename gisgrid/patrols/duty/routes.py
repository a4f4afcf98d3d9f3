"""What a page for patrollers asks first: who sends from this browser, who is on duty, and what is taken from them."""

from fastapi import APIRouter
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.database import ReadSession
from gisgrid.patrols.duty.consent import barred_from_tracks, consents_of
from gisgrid.patrols.duty.schemas import Duty, Sender, ShiftRecord
from gisgrid.patrols.duty.settle import waiting
from gisgrid.patrols.duty.shifts import OnDuty, on_duty
from gisgrid.patrols.people import own_patroller
from gisgrid.patrols.tables import Patroller
from gisgrid.staff.caller import Asker, Caller
from gisgrid.staff.people import person_of

router = APIRouter(prefix="/api/duty", tags=["shifts"])


@router.get("")
def get_duty(session: ReadSession, caller: Asker) -> Duty | None:
    """Return who sends from here, a device or somebody signed in, and the shift that their fixes of now lie in.

    Null for whoever may not check in.
    """
    if not caller.may("check_in"):
        return None
    return _of_device(session, caller) if caller.kind == "device" else _of_person(session, caller)


def _of_device(session: Session, caller: Caller) -> Duty:
    token_id = caller.token or 0
    found = on_duty(session, token_id=token_id)
    walker = found.shift.patroller_id if found else None
    return Duty(
        sender=Sender(kind="device", id=token_id, called=caller.name),
        patroller=session.scalar(select(Patroller.ref).where(Patroller.id == walker)),
        shift=_record(found),
        may_track=walker is None or not barred_from_tracks(session, [walker]),
        waiting=waiting(session, token_id),
    )


def _of_person(session: Session, caller: Caller) -> Duty:
    number = caller.person or 0
    person, own = person_of(session, number), own_patroller(session, number)
    has_agreed = any(each.covers == "track" and not each.withdrawn_at for each in consents_of(session, number))
    return Duty(
        sender=Sender(kind="person", id=number, called=person.full_name or person.name),
        patroller=own.ref if own else person.name,
        shift=_record(on_duty(session, person_id=number)),
        may_track=has_agreed or not caller.is_volunteer,
        waiting=0,
    )


def _record(found: OnDuty | None) -> ShiftRecord | None:
    if found is None:
        return None
    shift = found.shift
    times = {"started_at": shift.started_at, "ended_at": shift.ended_at, "signed_on_at": shift.signed_on_at}
    return ShiftRecord(id=shift.id, person=found.called, **times)
