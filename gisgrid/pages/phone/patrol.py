"""The page for patrollers: an application that a phone installs and that works without a network.

The page itself says nothing of anybody: whoever has a phone in hand may open it, and what is somebody's it asks for
afterwards. Its parts are kept in the phone by a service worker, all of one version: that of their content.
"""

import json
from functools import cache
from hashlib import sha256
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from gisgrid.maps.assets import STATIC as MAP_STATIC
from gisgrid.pages.frame import ENGINE, FOLDER, PAGES, said
from gisgrid.settings import Settings

router = APIRouter(prefix="/patrol", tags=["patrol"])

ADDRESS: Final = "/patrol"
TEMPLATE: Final = "phone/patrol.html"
PAGE: Final = FOLDER / "templates" / TEMPLATE
WORKER: Final = FOLDER / "static" / "patroller" / "worker.js"
SHARED: Final = (
    *("static/viewer/elements.js", "static/viewer/icon.svg"),
    *(f"static/pages/{name}.js" for name in ("spelling", "theme", "dark")),
)
LEAFLET: Final = ("map.css", "vendor/leaflet/leaflet.css", "vendor/leaflet/leaflet.js")
SCRIPT: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"text/javascript": {"schema": {"type": "string"}}}}}


@router.get("", response_class=HTMLResponse, responses=PAGES)
def get_patrol(request: Request) -> HTMLResponse:
    """Show the page for patrollers, the same to everybody."""
    return HTMLResponse(ENGINE.get_template(TEMPLATE).render(said(request) | _told(request)))


@router.get("/worker.js", response_class=Response, responses=SCRIPT)
def get_worker(request: Request) -> Response:
    """Return the service worker, which names what it keeps and in which version."""
    files, content = _parts()
    version = sha256(repr((content, _told(request))).encode()).hexdigest()[:16]
    shell = json.dumps({"version": version, "files": [ADDRESS, *files]})
    script = f"const SHELL = {shell};\n{WORKER.read_text(encoding='utf-8')}"
    # a script may look after its own folder and below unless told otherwise, and the page lies beside its folder
    return Response(script, media_type="text/javascript", headers={"Service-Worker-Allowed": ADDRESS})


def _told(request: Request) -> dict[str, Any]:
    """Return what the page goes by besides the language."""
    settings: Settings = request.app.state.settings
    return {"zone": settings.zone, "withheld_hours": settings.withheld_hours}


@cache
def _parts() -> tuple[list[str], str]:
    """Return the addresses of the page's parts, and a hash over all that they hold."""
    own = [f"static/patroller/{path.name}" for path in sorted(WORKER.parent.iterdir()) if path != WORKER]
    places = {f"/{path}": FOLDER / path for path in (*own, *SHARED)}
    places |= {f"/static/maps/{path}": MAP_STATIC / path for path in LEAFLET}
    held = sha256(b"".join(sha256(place.read_bytes()).digest() for place in (PAGE, WORKER, *places.values())))
    return list(places), held.hexdigest()
