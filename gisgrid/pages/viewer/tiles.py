"""The tiles of the base layer over HTTP, and what the viewer is told of it."""

from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from gisgrid.maps.tiles.tile_set import TileSet
from gisgrid.settings import Settings

router = APIRouter(tags=["pages"])

TILES: Final = "tiles/{z}/{x}/{y}"
REMOTE_ZOOM: Final = 18
"""As deep as most services of tiles go; beyond it the pictures are enlarged."""
KEPT_S: Final = 86_400
Zoom = Annotated[int, Path(ge=0, le=30)]
Place = Annotated[int, Path(ge=0, le=2**30)]
PICTURE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"image/*": {}}},
    204: {"description": "no tile there"},
    304: {"description": "unchanged"},
}


@router.get("/tiles/{z}/{x}/{y}", response_class=Response, responses=PICTURE)
def get_tile(request: Request, z: Zoom, x: Place, y: Place) -> Response:
    """Return a tile of the base layer, where it is of this machine; nothing where it has none."""
    tiles: TileSet | None = request.app.state.tiles
    if tiles is None:
        return Response(status_code=HTTPStatus.NO_CONTENT.value)
    tag = f'"{tiles.version}"'
    headers = {"ETag": tag, "Cache-Control": f"private, max-age={KEPT_S}"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=HTTPStatus.NOT_MODIFIED.value, headers=headers)
    picture = tiles.tile(z, x, y)
    if picture is None:
        return Response(status_code=HTTPStatus.NO_CONTENT.value, headers=headers)
    return Response(picture, media_type=tiles.media_type, headers=headers)


def base_told(settings: Settings, tiles: TileSet | None) -> dict[str, Any]:
    """Return what the viewer's modules go by: `kind` is land, none or tiles, `url` a template; bounds in degrees."""
    layer = settings.base
    told: dict[str, Any] = {"attribution": settings.base_layer_attribution, "approval": settings.map_approval}
    if tiles is not None:
        zooms = {"minZoom": tiles.min_zoom, "maxZoom": tiles.max_zoom}
        return {**told, "kind": "tiles", "url": f"{TILES}?v={tiles.version}", **zooms, "bounds": tiles.bounds}
    if layer.url:
        return {**told, "kind": "tiles", "url": layer.url, "minZoom": 0, "maxZoom": REMOTE_ZOOM, "bounds": None}
    return {**told, "kind": layer.kind}
