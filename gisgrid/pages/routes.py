"""Pages over HTTP. They carry no inline script or style, so that a strict policy can forbid both."""

from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, Response

from gisgrid.database import ReadSession
from gisgrid.grid.locate import has_grid
from gisgrid.grid.own.store import own_layers
from gisgrid.pages import (
    alarms,
    audit,
    checkpoints,
    device,
    devices,
    doubts,
    emergencies,
    exchange,
    export,
    incident,
    incident_entry,
    incidents,
    install,
    live,
    map_files,
    me,
    month,
    objections,
    offices,
    orders,
    patrol,
    people,
    plans,
    publications,
    reports,
    rounds,
    sign_in,
    suggestions,
    surveys,
    tiles,
    track,
)
from gisgrid.pages.frame import FOLDER, PAGES, account_of, see_other
from gisgrid.pages.shell import script, styles, viewer
from gisgrid.staff.caller import Asker
from gisgrid.tagged import tagged

router = APIRouter(tags=["pages"])
WAYS_IN = (sign_in.router, device.router, install.router)
OWN = (patrol.router, publications.router, me.router, track.router, month.router, export.router)
PATROLS = (
    live.router,
    alarms.router,
    rounds.router,
    suggestions.router,
    plans.router,
    checkpoints.router,
    doubts.router,
    objections.router,
    reports.router,
)
INCIDENTS = (
    emergencies.router,
    orders.router,
    exchange.router,
    incidents.router,
    incident_entry.router,
    incident.router,
    surveys.router,
)
ADMINISTRATION = (people.router, devices.router, offices.router, audit.router)
ROUTERS: Final = (router, tiles.router, map_files.router, *WAYS_IN, *OWN, *PATROLS, *INCIDENTS, *ADMINISTRATION)
"""Of all pages; each router is named in the application, whose guard looks at the routes one by one."""

UNCHANGED: dict[str, Any] = {"description": "unchanged"}
SCRIPT: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/javascript": {"schema": {"type": "string"}}}},
    304: UNCHANGED,
}
SHEET: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/css": {"schema": {"type": "string"}}}},
    304: UNCHANGED,
}
FILE: dict[int | str, dict[str, Any]] = {200: {"content": {"*/*": {}}}, 304: UNCHANGED}


@router.head("/", response_class=HTMLResponse, responses=PAGES)
@router.get("/", response_class=HTMLResponse, responses=PAGES)
def get_viewer(request: Request, session: ReadSession, caller: Asker) -> Response:
    """Show the map everyone works on; a phone on duty is led to where one signs on to it."""
    if caller.kind == "device":
        return see_other("/device")
    answers = request.state.sight.answers
    page = viewer(request, account_of(session, caller), answers, own_layers(session), has_grid=has_grid(session))
    return HTMLResponse(page)


@router.get("/map.js", response_class=Response, responses=SCRIPT)
def get_map_script(request: Request) -> Response:
    """Return folium's script for the viewer's map."""
    return tagged(request, script(), "text/javascript")


@router.get("/viewer.css", response_class=Response, responses=SHEET)
def get_viewer_styles(request: Request) -> Response:
    """Return the styles of the viewer."""
    return tagged(request, styles(), "text/css")


@router.get("/docs", response_class=HTMLResponse)
def get_docs() -> FileResponse:
    """Show the API, to be tried out."""
    return FileResponse(FOLDER / "templates" / "docs.html", media_type="text/html")


@router.get("/openapi.json")
def get_openapi(request: Request) -> dict[str, Any]:
    """Return the description of every route."""
    described: dict[str, Any] = request.app.openapi()
    return described


@router.get("/favicon.ico", response_class=FileResponse, responses=FILE)
def get_icon() -> FileResponse:
    """Return the icon that browsers ask for beside any answer."""
    return FileResponse(FOLDER / "static" / "viewer" / "icon.svg", media_type="image/svg+xml")
