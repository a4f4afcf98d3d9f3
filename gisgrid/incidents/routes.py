"""Incidents over HTTP."""

from collections.abc import Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import shapely
from fastapi import APIRouter, Request

from gisgrid.database import ReadSession, WriteSession
from gisgrid.errors import GisgridError
from gisgrid.geometry import feature
from gisgrid.incidents.handling import Named, handlers, name_handler, remove_handler
from gisgrid.incidents.kinds import kinds
from gisgrid.incidents.report import Report, report
from gisgrid.incidents.reports import incident, incidents_page
from gisgrid.incidents.schemas import (
    HandlerCreate,
    HandlerEntry,
    IncidentCollection,
    IncidentCreate,
    IncidentFeature,
    IncidentProperties,
    KindEntry,
)
from gisgrid.intake.arrivals import Answers, Outcome, take_in
from gisgrid.parameters import BoxQuery, LocalZone, PageQuery, PeriodQuery
from gisgrid.patrols.duty.shift_routes import actor_of
from gisgrid.staff.caller import Asker, Caller
from gisgrid.wire import JsonBody, NameQuery, body_schema, next_links, read_item

router = APIRouter(prefix="/api", tags=["incidents"])

ONE_HANDLER = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": HandlerCreate.model_json_schema()}}}
}


@router.post("/incidents", openapi_extra=body_schema(IncidentCreate))
def post_incidents(session: WriteSession, asker: Asker, zone: LocalZone, body: JsonBody) -> Answers:
    """Store one incident or a list of them, each once, and answer item by item where it lies.

    A list is answered with a list in the same order; a bad item never fails the others. A place outside every cell is
    kept. A repeat is no error: the same client_id gives the same answer with status `repeated`. A complaint names the
    unit that it is about, and is kept from there.
    """
    received_at = datetime.now(UTC)

    def act(items: Sequence[IncidentCreate]) -> list[Outcome]:
        given = [item.model_dump() for item in items]
        sent = [Report(received_at=received_at, reported_by=asker.person, **fields) for fields in given]
        return report(session, sent, zone, actor_of(asker))

    return take_in(session, body, IncidentCreate, act)


@router.get("/incidents")
def get_incidents(
    request: Request,
    session: ReadSession,
    page: PageQuery,
    cell: NameQuery = None,
    period: PeriodQuery = None,
    bbox: BoxQuery = None,
    kind: NameQuery = None,
) -> IncidentCollection:
    """List incidents by cell (code at any level), time, box and kind, in the order in which they were reported."""
    matched, rows = incidents_page(session, page, period=period, cell=cell, box=bbox, kind=kind)
    return IncidentCollection(
        features=[_feature(row) for row in rows],
        numberMatched=matched,
        numberReturned=len(rows),
        links=next_links(request, page, matched),
    )


@router.get("/incidents/{identifier}")
def get_incident(session: ReadSession, identifier: int) -> IncidentFeature:
    """Return one incident."""
    return _feature(incident(session, identifier))


@router.get("/incidents/{identifier}/handlers")
def get_handlers(session: ReadSession, identifier: int) -> list[HandlerEntry]:
    """List who was named to handle an incident; whoever holds the role for its cell handles it too."""
    return _entries(handlers(session, identifier))


@router.post("/incidents/{identifier}/handlers", openapi_extra=ONE_HANDLER)
def post_handler(session: WriteSession, asker: Asker, identifier: int, body: JsonBody) -> list[HandlerEntry]:
    """Name somebody to handle a confidential incident, which its handlers alone may do; answer who is named now."""
    item = read_item(HandlerCreate, body)
    if isinstance(item, GisgridError):
        raise item
    return _entries(name_handler(session, _person(asker), identifier, item.person, item.reason))


@router.delete("/incidents/{identifier}/handlers/{person}", status_code=HTTPStatus.NO_CONTENT)
def delete_handler(session: WriteSession, asker: Asker, identifier: int, person: int) -> None:
    """Take somebody, by the number of their account, off a confidential incident; its handlers alone may do so."""
    remove_handler(session, _person(asker), identifier, person)


@router.get("/incident-kinds")
def get_incident_kinds() -> list[KindEntry]:
    """List the kinds of incident, in the order of their table."""
    return [KindEntry.model_validate(kind, from_attributes=True) for kind in kinds().values()]


def _person(asker: Caller) -> int:
    if asker.person is None:
        raise AssertionError("no person, and yet with the permission to see incidents")
    return asker.person


def _entries(named: Sequence[Named]) -> list[HandlerEntry]:
    return [HandlerEntry.model_validate(each, from_attributes=True) for each in named]


def _feature(row: dict[str, Any]) -> IncidentFeature:
    point = shapely.Point(row["longitude"], row["latitude"])
    properties = {name: row[name] for name in IncidentProperties.model_fields}
    return IncidentFeature.model_validate(feature(point, properties, row["id"]))
