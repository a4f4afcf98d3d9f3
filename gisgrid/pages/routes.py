"""Pages over HTTP. They carry no inline script or style, so that a strict policy can forbid both."""

from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse

from gisgrid.pages import manual
from gisgrid.pages.administration import audit, devices, offices, people
from gisgrid.pages.drawing import files
from gisgrid.pages.frame import FOLDER
from gisgrid.pages.incidents import emergencies, entry, exchange, incident, incidents, orders, surveys
from gisgrid.pages.own import export, me, month, publications, sign_in, track
from gisgrid.pages.patrols import (
    alarms,
    checkpoints,
    doubts,
    live,
    objections,
    plans,
    reports,
    rounds,
    suggestions,
)
from gisgrid.pages.phone import device, install, patrol
from gisgrid.pages.viewer import routes as viewer
from gisgrid.pages.viewer import tiles

router = APIRouter(tags=["pages"])
MAP = (viewer.router, tiles.router, files.router)
PHONE = (device.router, install.router, patrol.router)
OWN = (sign_in.router, publications.router, me.router, track.router, month.router, export.router)
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
    entry.router,
    incident.router,
    surveys.router,
)
ADMINISTRATION = (people.router, devices.router, offices.router, audit.router)
ROUTERS: Final = (router, manual.router, *MAP, *PHONE, *OWN, *PATROLS, *INCIDENTS, *ADMINISTRATION)
"""Of all pages; each router is named in the application, whose guard looks at the routes one by one."""

FILE: dict[int | str, dict[str, Any]] = {200: {"content": {"*/*": {}}}, 304: {"description": "unchanged"}}


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
