"""Incidents over HTTP."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import shapely
from fastapi import APIRouter, Request

from gisgrid.database import ReadSession, WriteSession
from gisgrid.geometry import feature
from gisgrid.incidents.kinds import kinds
from gisgrid.incidents.report import Report, report
from gisgrid.incidents.reports import incident, incidents_page
from gisgrid.incidents.schemas import (
    IncidentCollection,
    IncidentCreate,
    IncidentFeature,
    IncidentProperties,
    KindEntry,
)
from gisgrid.intake.arrivals import Answers, Outcome, take_in
from gisgrid.parameters import BoxQuery, LocalZone, PageQuery, PeriodQuery
from gisgrid.wire import JsonBody, NameQuery, body_schema, next_links

router = APIRouter(prefix="/api", tags=["incidents"])


@router.post("/incidents", openapi_extra=body_schema(IncidentCreate))
def post_incidents(session: WriteSession, zone: LocalZone, body: JsonBody) -> Answers:
    """Store one incident or a list of them, each once, and answer item by item where it lies.

    A list is answered with a list in the same order; a bad item never fails the others. A place outside every cell is
    kept. A repeat is no error: the same client_id gives the same answer with status `repeated`.
    """
    received_at = datetime.now(UTC)

    def act(items: Sequence[IncidentCreate]) -> list[Outcome]:
        return report(session, [Report(received_at=received_at, **item.model_dump()) for item in items], zone)

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


@router.get("/incident-kinds")
def get_incident_kinds() -> list[KindEntry]:
    """List the kinds of incident, in the order of their table."""
    return [KindEntry.model_validate(kind, from_attributes=True) for kind in kinds().values()]


def _feature(row: dict[str, Any]) -> IncidentFeature:
    point = shapely.Point(row["longitude"], row["latitude"])
    properties = {name: row[name] for name in IncidentProperties.model_fields}
    return IncidentFeature.model_validate(feature(point, properties, row["id"]))
