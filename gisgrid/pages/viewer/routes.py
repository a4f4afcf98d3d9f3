"""The viewer over HTTP: its page, and folium's script and the styles of it, made once."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from gisgrid.database import ReadSession
from gisgrid.grid.locate import has_grid
from gisgrid.grid.own.store import own_layers
from gisgrid.pages.frame import PAGES, account_of, see_other
from gisgrid.pages.viewer.shell import script, styles, viewer
from gisgrid.staff.caller import Asker
from gisgrid.tagged import tagged

router = APIRouter(tags=["pages"])

UNCHANGED: dict[str, Any] = {"description": "unchanged"}
SCRIPT: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/javascript": {"schema": {"type": "string"}}}},
    304: UNCHANGED,
}
SHEET: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/css": {"schema": {"type": "string"}}}},
    304: UNCHANGED,
}


@router.head("/", response_class=HTMLResponse, responses=PAGES)
@router.get("/", response_class=HTMLResponse, responses=PAGES)
def get_viewer(request: Request, session: ReadSession, caller: Asker) -> Response:
    """Show the map everyone works on; a phone on duty is led to where one signs on to it."""
    if caller.kind == "device":
        return see_other("/device")
    sight = request.state.sight
    page = viewer(request, account_of(session, caller), sight, own_layers(session), has_grid=has_grid(session))
    return HTMLResponse(page)


@router.get("/map.js", response_class=Response, responses=SCRIPT)
def get_map_script(request: Request) -> Response:
    """Return folium's script for the viewer's map."""
    return tagged(request, script(), "text/javascript")


@router.get("/viewer.css", response_class=Response, responses=SHEET)
def get_viewer_styles(request: Request) -> Response:
    """Return the styles of the viewer."""
    return tagged(request, styles(), "text/css")
