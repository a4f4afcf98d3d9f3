"""Own layers over HTTP, for whoever sees the grid."""

from typing import Annotated

from fastapi import APIRouter, Query

from gisgrid.database import ReadSession
from gisgrid.grid.own.present import MOST, drawn
from gisgrid.grid.own.schemas import LayerEntry, OwnCollection, OwnFeatureRecord
from gisgrid.grid.own.store import own_layers
from gisgrid.parameters import BoxQuery
from gisgrid.wire import NamePath

router = APIRouter(prefix="/api/layers", tags=["grid"])

Zoom = Annotated[int, Query(ge=0, le=24, description="zoom of a web map, for which lines are simplified")]


@router.get("")
def get_layers(session: ReadSession) -> list[LayerEntry]:
    """List the layers of one's own: roads, buildings, addresses and the like."""
    return [LayerEntry.model_validate(layer, from_attributes=True) for layer in own_layers(session)]


@router.get("/{name}")
def get_layer(session: ReadSession, name: NamePath, bbox: BoxQuery = None, zoom: Zoom = 24) -> OwnCollection:
    """Return a layer's features in a box, clipped to it; above 10,000 of them none, and a note says so."""
    found = drawn(session, name, bbox, zoom)
    is_much = found.matched > MOST
    note = f"此范围有 {found.matched} 个要素,放大后显示 / {found.matched} features here: zoom in to see them"
    return OwnCollection(
        features=[OwnFeatureRecord.model_validate(each) for each in found.features],
        numberMatched=found.matched,
        numberReturned=len(found.features),
        note=note if is_much else None,
    )
