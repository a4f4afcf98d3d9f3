"""Calls for help over HTTP: raised by whoever walks, seen and acknowledged by those who answer for the place."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from sqlalchemy.orm import Session

from gisgrid.database import ReadSession, WriteSession
from gisgrid.grid.place import cell_names
from gisgrid.intake.arrivals import described
from gisgrid.parameters import LocalZone, PageQuery
from gisgrid.patrols.alarms.calls import Sos, acknowledge, alarm_seen, alarms_page, raise_alarm
from gisgrid.patrols.alarms.schemas import AlarmAnswer, AlarmCreate, AlarmRecord, Alarms
from gisgrid.staff.caller import Asker, Caller
from gisgrid.wire import JsonBody, one_schema, read_one

router = APIRouter(prefix="/api/alarms", tags=["alarms"])

AlarmId = Annotated[int, Path(ge=1, le=2**53)]


@router.post("", openapi_extra=one_schema(AlarmCreate))
def post_alarm(session: WriteSession, caller: Asker, zone: LocalZone, body: JsonBody) -> AlarmAnswer:
    """Call for help, on shift or off. A device calls for whoever is signed on to it.

    The same client_id is one call; sent again with a position that the first had not, it brings that.
    """
    sent = read_one(AlarmCreate, body)
    received_at = datetime.now(UTC)
    given = {**sent.model_dump(), "raised_at": sent.raised_at or received_at}
    raised = raise_alarm(session, caller, Sos(received_at=received_at, **given), zone)
    told = _seen(session, caller, raised.id)
    return AlarmAnswer(status="stored" if raised.is_new else "repeated", **told.model_dump())


@router.get("")
def get_alarms(session: ReadSession, page: PageQuery, is_open: Annotated[bool, Query(alias="open")] = False) -> Alarms:
    """List the calls for help in one's cells, the newest first; with `open=true` those that nobody has acknowledged."""
    matched, rows = alarms_page(session, page, is_open=is_open)
    names = cell_names(session, rows)
    found = [AlarmRecord.model_validate(described(row, names)) for row in rows]
    return Alarms(alarms=found, numberMatched=matched, numberReturned=len(found))


@router.get("/{alarm_id}")
def get_alarm(session: ReadSession, caller: Asker, alarm_id: AlarmId) -> AlarmRecord:
    """Return a call for help, to those who answer for the place and to whoever called: has somebody seen to it?"""
    return _seen(session, caller, alarm_id)


@router.post("/{alarm_id}/acknowledge")
def post_acknowledgement(session: WriteSession, caller: Asker, alarm_id: AlarmId) -> AlarmRecord:
    """Say that one sees to a call for help. Where somebody does already, it stays theirs."""
    acknowledge(session, caller.person or 0, alarm_id)
    return _seen(session, caller, alarm_id)


def _seen(session: Session, caller: Caller, alarm_id: int) -> AlarmRecord:
    row = alarm_seen(session, caller, alarm_id)
    return AlarmRecord.model_validate(described(row, cell_names(session, [row])))
