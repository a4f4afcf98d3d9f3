"""Pages over HTTP. They carry no inline script or style, so that a strict policy can forbid both."""

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from fastapi.staticfiles import StaticFiles

from gisgrid.pages.shell import FOLDER, MOUNTS, empty_map, viewer

router = APIRouter(include_in_schema=False)


@router.head("/")
@router.get("/")
def get_viewer(request: Request) -> HTMLResponse:
    """Show the map everyone works on."""
    settings = request.app.state.settings
    return HTMLResponse(viewer(settings.timezone, settings.reach_m))


@router.get("/map.js")
def get_map_script() -> Response:
    """Return folium's script for the viewer's map."""
    return Response(empty_map().script, media_type="text/javascript")


@router.get("/docs")
def get_docs() -> FileResponse:
    """Show the API, to be tried out."""
    return FileResponse(FOLDER / "templates" / "docs.html", media_type="text/html")


@router.get("/favicon.ico")
def get_icon() -> FileResponse:
    """Return the icon that browsers ask for beside any answer."""
    return FileResponse(FOLDER / "static" / "viewer" / "icon.svg", media_type="image/svg+xml")


def mount_static(app: FastAPI) -> None:
    """Serve scripts, styles and vendored files under /static."""
    for address, folder in MOUNTS.items():
        app.mount(address, StaticFiles(directory=folder), name=address)
