"""The search of the map over HTTP."""

from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import geopandas as gpd
from fastapi import APIRouter, Query
from sqlalchemy.orm import Session

from gisgrid.database import ReadSession
from gisgrid.grid.locate import grid_on
from gisgrid.incidents.reporter import as_reporter
from gisgrid.parameters import LocalZone
from gisgrid.parse import search_key
from gisgrid.search.cells import find_cells
from gisgrid.search.hits import Hits
from gisgrid.search.incidents import find_incidents
from gisgrid.search.people import find_people
from gisgrid.search.places import find_places
from gisgrid.search.schemas import GroupKind, HitEntry, HitGroup, SearchAnswer
from gisgrid.sight import NOTHING, Sight, seeing, sight_of
from gisgrid.staff.caller import Asker, Caller, sight_for
from gisgrid.staff.roles import Permission
from gisgrid.staff.scope import sight_of_cell

router = APIRouter(prefix="/api/search", tags=["search"])

Words = Annotated[str, Query(max_length=100, description="a name, a code, an address, or the end of a case number")]
Most = Annotated[int, Query(ge=1, le=20, description="hits of each kind at most")]
SEEKS_PEOPLE: tuple[Permission, ...] = ("tracks", "manage")


@router.get("")
def get_search(session: ReadSession, caller: Asker, zone: LocalZone, q: Words, limit: Most = 6) -> SearchAnswer:
    """Find cells, places, people and incidents by what they are called; width, case and blanks do not matter.

    Checkpoints, people and incidents are found by whom they are for, in their cells; a person's place is never told.
    Raises NoGrid.
    """
    key = search_key(q)
    if not key:
        return SearchAnswer(groups=[])
    grid = grid_on(session)
    groups: dict[GroupKind, Hits] = {
        "cells": find_cells(grid.cells, key, limit),
        "places": find_places(session, grid, _sight_of_places(session, caller), key, limit),
        "people": find_people(session, grid.cells, _sights_of_people(session, caller), key, limit),
        "incidents": _incidents(session, caller, grid.cells, zone, key, limit)
        if _may_see_incidents(caller)
        else Hits(),
    }
    return SearchAnswer(groups=[_told(kind, found) for kind, found in groups.items() if found.hits])


def _sight_of_places(session: Session, caller: Caller) -> Sight:
    """Return in which cells a caller finds checkpoints: the same as where they are listed."""
    seen = {"person": sight_of(session), "device": sight_of_cell(session, caller.cell_code)}
    return seen.get(caller.kind, NOTHING)


def _sights_of_people(session: Session, caller: Caller) -> list[Sight]:
    return [sight_for(session, caller, each) for each in SEEKS_PEOPLE if caller.may(each)]


def _may_see_incidents(caller: Caller) -> bool:
    return caller.may("incidents") or caller.may("report")


def _incidents(session: Session, caller: Caller, cells: gpd.GeoDataFrame, zone: ZoneInfo, key: str, limit: int) -> Hits:
    """Find incidents as where they are listed: a phone those of whoever is signed on to it."""
    own = sight_for(session, caller, "incidents")
    with seeing(session, own), as_reporter(session, caller, datetime.now(UTC)):
        return find_incidents(session, cells, zone, key, limit)


def _told(kind: GroupKind, found: Hits) -> HitGroup:
    hits = [HitEntry.model_validate(hit, from_attributes=True) for hit in found.hits]
    return HitGroup(kind=kind, hits=hits, is_more=found.is_more)
