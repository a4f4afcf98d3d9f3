"""Incidents over HTTP."""

from collections.abc import Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal

import shapely
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from gisgrid.database import ReadSession, WriteSession, session_scope
from gisgrid.documents.case_sheet import case_sheet
from gisgrid.errors import GisgridError
from gisgrid.geometry import feature
from gisgrid.incidents.emergencies.start import report_at_once
from gisgrid.incidents.handling import Named, handlers, name_handler, remove_handler
from gisgrid.incidents.kinds.stored import edition_now, edition_on
from gisgrid.incidents.on_map import on_map
from gisgrid.incidents.report import Report
from gisgrid.incidents.reporter import as_reporter, reporter_of, sender_of
from gisgrid.incidents.reports import incident, incidents_page
from gisgrid.incidents.schemas import (
    HandlerCreate,
    HandlerEntry,
    IncidentAnswers,
    IncidentCollection,
    IncidentCreate,
    IncidentFeature,
    IncidentProperties,
    IncidentRecorded,
    KindEntry,
    MappedIncidents,
    MapSquares,
)
from gisgrid.incidents.search import SearchQuery, sought
from gisgrid.incidents.sheet import sheet_of
from gisgrid.intake.arrivals import Answers, Outcome, take_in
from gisgrid.parameters import BoxQuery, DayQuery, LocalZone, PageQuery, PeriodQuery
from gisgrid.patrols.duty.shift_routes import actor_of
from gisgrid.settings import Settings
from gisgrid.staff.caller import Asker, Caller
from gisgrid.wire import JsonBody, NameQuery, body_schema, next_links, read_item

router = APIRouter(prefix="/api", tags=["incidents"])

PDF: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"application/pdf": {}}}}
ONE_HANDLER = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": HandlerCreate.model_json_schema()}}}
}


@router.post("/incidents", openapi_extra=body_schema(IncidentCreate), response_model=IncidentAnswers)
def post_incidents(request: Request, session: WriteSession, asker: Asker, body: JsonBody) -> Answers:
    """Store one incident or a list of them, each once, and answer item by item where it lies.

    A list is answered with a list in the same order; a bad item never fails the others. A place outside every cell is
    kept. A repeat is no error: the same client_id gives the same answer with status `repeated`. A complaint names the
    unit that it is about, and is kept from there. What is an emergency starts its contingency plan.
    """
    settings: Settings = request.app.state.settings
    received_at = datetime.now(UTC)

    def act(items: Sequence[IncidentCreate]) -> list[Outcome]:
        sent = [_report(session, asker, item, received_at) for item in items]
        return report_at_once(session, settings, sent, actor_of(asker))

    return take_in(session, body, IncidentCreate, act, IncidentRecorded)


@router.get("/incidents")
def get_incidents(
    request: Request,
    session: ReadSession,
    asker: Asker,
    zone: LocalZone,
    page: PageQuery,
    search: SearchQuery,
    cell: NameQuery = None,
    period: PeriodQuery = None,
    bbox: BoxQuery = None,
    kind: NameQuery = None,
) -> IncidentCollection:
    """List incidents by cell (code at any level), time, box, kind and how they stand, in the order of their reports.

    A phone is shown what whoever is signed on to it reported or has to handle.
    """
    now = datetime.now(UTC)
    with as_reporter(session, asker, now) as caller:
        more = sought(session, search, caller, now)
        matched, rows = incidents_page(session, zone, page, period=period, cell=cell, box=bbox, kind=kind, more=more)
    return IncidentCollection(
        features=[_feature(row) for row in rows],
        numberMatched=matched,
        numberReturned=len(rows),
        links=next_links(request, page, matched),
    )


@router.get("/incidents/map")
def get_map(
    request: Request,
    session: ReadSession,
    asker: Asker,
    cell: NameQuery = None,
    period: PeriodQuery = None,
    only: Annotated[Literal["open", "all"], Query(description="`open`: those alone, of any day")] = "all",
) -> MappedIncidents | MapSquares:
    """Return what a map marks: the incidents that are open, of any day, and those of a period.

    More than 10,000 are told as how many lie in each square of 500 m. A phone is shown what it is shown as a list.
    """
    settings: Settings = request.app.state.settings
    now = datetime.now(UTC)
    with as_reporter(session, asker, now):
        return on_map(session, settings, now, period=period, cell=cell, only_open=only == "open")


@router.get("/incidents/{identifier}")
def get_incident(session: ReadSession, asker: Asker, zone: LocalZone, identifier: int) -> IncidentFeature:
    """Return one incident."""
    with as_reporter(session, asker, datetime.now(UTC)):
        return _feature(incident(session, zone, identifier))


@router.get("/incidents/{identifier}/sheet.pdf", response_class=Response, responses=PDF)
def get_sheet(request: Request, asker: Asker, identifier: int) -> Response:
    """Return the case sheet, to be printed: what is on record with map, steps and photos. That is recorded."""
    settings: Settings = request.app.state.settings
    with session_scope(request.app.state.engine, write=True, sight=request.state.sight) as session:
        sheet = sheet_of(session, settings, actor_of(asker), identifier, datetime.now(UTC))
    name = f'inline; filename="{sheet.number}.pdf"'
    headers = {"Content-Disposition": name, "Cache-Control": "private, no-store"}
    # made after the commit: it takes long
    return Response(case_sheet(sheet), media_type="application/pdf", headers=headers)


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
def get_incident_kinds(session: ReadSession, zone: LocalZone, day: DayQuery = None) -> list[KindEntry]:
    """List the kinds of incident with their filing conditions, as of a day (today, if left out), in their order."""
    edition = edition_now(session, zone) if day is None else edition_on(session, day)
    return [KindEntry.model_validate(kind, from_attributes=True) for kind in edition.kinds.values()]


def _report(session: Session, asker: Caller, item: IncidentCreate, received_at: datetime) -> Report:
    reporter = reporter_of(session, asker, min(item.reported_at, received_at))
    return Report(received_at=received_at, reported_by=reporter, sender=sender_of(asker), **item.model_dump())


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
