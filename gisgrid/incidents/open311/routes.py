"""Open311 GeoReport v2 over HTTP: every address ends in .json or .xml and is answered in that form."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response

from gisgrid.database import ReadSession, WriteSession
from gisgrid.errors import NotAcceptable
from gisgrid.incidents.kinds.stored import edition_now
from gisgrid.incidents.open311.discovery import discovery, require_jurisdiction
from gisgrid.incidents.open311.fields import SentFields
from gisgrid.incidents.open311.requests import Wanted, by_token, request_shown, requests_found
from gisgrid.incidents.open311.schemas import (
    DISCOVERY,
    KEYED,
    REQUEST,
    RESPONSES,
    DefinitionEntry,
    ReceivedEntry,
    RequestEntry,
    ServiceEntry,
    TokenEntry,
    many,
    one,
)
from gisgrid.incidents.open311.service_list import service_definition, services
from gisgrid.incidents.open311.submit import submit
from gisgrid.incidents.open311.written import MEDIA, Format, written
from gisgrid.parameters import LocalZone
from gisgrid.settings import Settings
from gisgrid.staff.caller import Asker
from gisgrid.wire import NamePath

router = APIRouter(prefix="/open311/v2", tags=["open311"], responses=RESPONSES, default_response_class=Response)


class UnknownFormat(NotAcceptable):
    """An ending that is neither .json nor .xml."""


ENDING: Final = Path(max_length=100, json_schema_extra={"enum": ["json", "xml"]})


def _format(ending: Annotated[str, ENDING]) -> Format:
    for form in MEDIA:
        if ending == form:
            return form
    raise UnknownFormat("只有 .json 和 .xml 两种格式", "there are two forms: .json and .xml")


FormatPath = Annotated[Format, Depends(_format)]
ListQuery = Annotated[str, Query(max_length=20_000)]
TextQuery = Annotated[str, Query(max_length=100)]


def _jurisdiction(session: ReadSession, jurisdiction_id: TextQuery = "") -> None:
    require_jurisdiction(session, jurisdiction_id)


HERE: Final = [Depends(_jurisdiction)]


def _answer(form: Format, root: str, value: Mapping[str, Any] | Sequence[Any]) -> Response:
    return Response(written(form, root, value), media_type=f"{MEDIA[form]}; charset=utf-8")


@router.get("/discovery.{ending}", responses=DISCOVERY)
def get_discovery(request: Request, form: FormatPath) -> Response:
    """Tell where the service is and what it speaks."""
    settings: Settings = request.app.state.settings
    return _answer(form, "discovery", discovery(settings.origin))


@router.get("/services.{ending}", responses=many(ServiceEntry), dependencies=HERE)
def get_services(session: ReadSession, zone: LocalZone, form: FormatPath) -> Response:
    """List what citizens may report by an app."""
    return _answer(form, "services", services(edition_now(session, zone)))


@router.get("/services/{code}.{ending}", responses=one(DefinitionEntry), dependencies=HERE)
def get_service(session: ReadSession, zone: LocalZone, code: NamePath, form: FormatPath) -> Response:
    """Return what else is asked for with a service."""
    return _answer(form, "service_definition", service_definition(edition_now(session, zone), code))


@router.post("/requests.{ending}", responses=many(ReceivedEntry), openapi_extra=REQUEST)
def post_request(
    form: FormatPath,
    fields: SentFields,
    session: WriteSession,
    asker: Asker,
    zone: LocalZone,
    jurisdiction_id: TextQuery = "",
) -> Response:
    """Take in what a citizen reports; answer its number. It is verified before it is filed.

    No picture is fetched and no address is looked up: it takes lat and long.
    """
    require_jurisdiction(session, fields.get("jurisdiction_id", jurisdiction_id).strip())
    return _answer(form, "service_requests", [submit(session, asker, zone, fields)])


@router.get("/requests.{ending}", responses=many(RequestEntry), openapi_extra=KEYED, dependencies=HERE)
def get_requests(
    session: ReadSession,
    zone: LocalZone,
    form: FormatPath,
    service_request_id: ListQuery = "",
    service_code: ListQuery = "",
    start_date: TextQuery = "",
    end_date: TextQuery = "",
    status: TextQuery = "",
) -> Response:
    """List requests of citizens' apps, the latest first: by number, or within 90 days by service, time and status."""
    wanted = Wanted(service_request_id, service_code, start_date, end_date, status)
    return _answer(form, "service_requests", requests_found(session, zone, wanted))


@router.get("/requests/{case_number}.{ending}", responses=many(RequestEntry), openapi_extra=KEYED, dependencies=HERE)
def get_request(session: ReadSession, zone: LocalZone, case_number: NamePath, form: FormatPath) -> Response:
    """Return one request, in a list."""
    return _answer(form, "service_requests", request_shown(session, zone, case_number))


@router.get("/tokens/{token}.{ending}", responses=many(TokenEntry), openapi_extra=KEYED, dependencies=HERE)
def get_token(session: ReadSession, zone: LocalZone, token: NamePath, form: FormatPath) -> Response:
    """Return the number behind a token; numbers are given at once, so that they are their own tokens."""
    return _answer(form, "service_requests", by_token(session, zone, token))
