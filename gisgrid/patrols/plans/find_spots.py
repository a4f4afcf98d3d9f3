"""Where the places of rounds lay when each began: a checkpoint that has been moved since does not undo them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

import numpy as np
import shapely
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gisgrid.geometry import points_to_metric
from gisgrid.grid.index import OUTSIDE
from gisgrid.grid.locate import Grid, NoGrid, grid_on, located
from gisgrid.grid.tables import LEVELS
from gisgrid.patrols.plans.rounds import Round
from gisgrid.patrols.plans.spots import Spot
from gisgrid.patrols.plans.tables import FormerCheckpoint
from gisgrid.patrols.plans.terms import Place
from gisgrid.patrols.tables import Checkpoint

NOWHERE: Final = (None, None, None)


class Version(NamedTuple):
    """What a checkpoint was for a while, `until` some time; None is what it is now."""

    row: int
    name: str
    longitude: float
    latitude: float
    radius_m: float
    dwell_s: float
    needs_code: bool
    is_retired: bool
    until: datetime | None


Versions = Mapping[str, Sequence[Version]]


def spots_of(session: Session, rounds: Iterable[Round], metric_crs: str) -> dict[Round, Spot]:
    """Return the place of each round as it stood when the round began; a round without one is left out.

    Cells are those of the grid in force on the day of the round.
    """
    rounds = list(rounds)
    versions = checkpoint_versions(session, {each.place.code for each in rounds if each.place.kind == "checkpoint"})
    stood = {each: _stood(versions, each.place, each.start_at) for each in rounds if each.place.kind == "checkpoint"}
    there = {(each.place, version, each.day) for each, version in stood.items() if version is not None}
    checkpoints = _checkpoint_spots(session, list(there), metric_crs)
    cells = _cell_spots(session, {(each.place, each.day) for each in rounds if each.place.kind == "cell"}, metric_crs)
    found = {
        each: cells.get((each.place, each.day))
        if each.place.kind == "cell"
        else checkpoints.get((each.place, stood[each], each.day))
        for each in rounds
    }
    return {each: spot for each, spot in found.items() if spot is not None}


def spots_now(session: Session, places: Collection[Place], day: date, metric_crs: str) -> dict[Place, Spot]:
    """Return places as they stand now, in the cells of a day; one that does not stand is left out."""
    checkpoints = [place.code for place in places if place.kind == "checkpoint"]
    found = standing_checkpoints(session, day, metric_crs, checkpoints) if checkpoints else []
    cells = _cell_spots(session, {(place, day) for place in places if place.kind == "cell"}, metric_crs)
    return {spot.place: spot for spot in (*found, *cells.values())}


def standing_checkpoints(
    session: Session, day: date, metric_crs: str, codes: Collection[str] | None = None
) -> list[Spot]:
    """Return the checkpoints that stand now, in the cells of a day, by code; only some of them, if asked."""
    versions = checkpoint_versions(session, codes)
    latest = {code: its[-1] for code, its in versions.items() if not its[-1].is_retired}
    there = [(Place("checkpoint", code), version, day) for code, version in sorted(latest.items())]
    return list(_checkpoint_spots(session, there, metric_crs).values())


def checkpoint_versions(session: Session, codes: Collection[str] | None = None) -> Versions:
    """Return what checkpoints have been, by code, the oldest first; of all of them where no codes are given."""
    its = Checkpoint
    place = (func.ST_X(its.geometry), func.ST_Y(its.geometry))
    asked = select(its.code, its.id, its.name, *place, its.radius_m, its.dwell_s, its.code_days, its.retired_at)
    rows = session.execute(asked if codes is None else asked.where(its.code.in_(codes))).all()
    now = {row[0]: _latest(*row[1:]) for row in rows}
    former: dict[int, list[FormerCheckpoint]] = defaultdict(list)
    order = select(FormerCheckpoint).order_by(FormerCheckpoint.until, FormerCheckpoint.id)
    for each in session.scalars(order.where(FormerCheckpoint.checkpoint_id.in_([its.row for its in now.values()]))):
        former[each.checkpoint_id].append(each)
    return {code: [*(_version(each, its.name) for each in former[its.row]), its] for code, its in now.items()}


def _latest(
    row: int,
    name: str,
    longitude: float,
    latitude: float,
    radius_m: float,
    dwell_s: float,
    code_days: int | None,
    retired_at: datetime | None,
) -> Version:
    needs_code, is_retired = code_days is not None, retired_at is not None
    return Version(row, name, longitude, latitude, radius_m, dwell_s, needs_code, is_retired, None)


def _version(former: FormerCheckpoint, name: str) -> Version:
    columns = ("longitude", "latitude", "radius_m", "dwell_s", "needs_code", "is_retired", "until")
    return Version(former.checkpoint_id, name, *(getattr(former, column) for column in columns))


def _stood(versions: Versions, place: Place, moment: datetime) -> Version | None:
    """Return what a checkpoint was at a time, None where it did not stand."""
    its = versions.get(place.code, ())
    stood = next((each for each in its if each.until is None or moment < each.until), None)
    return None if stood is None or stood.is_retired else stood


Key = tuple[Place, Version | None, date]


def _checkpoint_spots(
    session: Session, there: Sequence[tuple[Place, Version, date]], metric_crs: str
) -> dict[Key, Spot]:
    longitude = np.array([version.longitude for _, version, _ in there], dtype=np.float64)
    latitude = np.array([version.latitude for _, version, _ in there], dtype=np.float64)
    x, y = points_to_metric(longitude, latitude, metric_crs)
    lies = located(session, longitude, latitude, [day for *_, day in there])
    made: dict[Key, Spot] = {}
    for number, (place, its, day) in enumerate(there):
        ids = lies.cell_ids[number].tolist()
        made[place, its, day] = Spot(
            place,
            its.row,
            its.name,
            its.longitude,
            its.latitude,
            float(x[number]),
            float(y[number]),
            its.radius_m,
            its.dwell_s,
            its.needs_code,
            tuple(None if cell == OUTSIDE else cell for cell in ids),
            tuple(lies.codes[number]),
        )
    return made


def _cell_spots(
    session: Session, there: Collection[tuple[Place, date]], metric_crs: str
) -> dict[tuple[Place, date], Spot]:
    found: dict[tuple[Place, date], Spot] = {}
    for day in {day for _, day in there}:
        try:
            grid = grid_on(session, day)
        except NoGrid:
            continue
        codes = {place.code for place, its_day in there if its_day == day}
        found |= {(spot.place, day): spot for spot in cell_spots(grid, codes, metric_crs)}
    return found


def cell_spots(grid: Grid, codes: Collection[str], metric_crs: str) -> list[Spot]:
    """Return the cells of a grid that have some codes, each with a point inside for its position."""
    cells = grid.cells[grid.cells["code"].isin(list(codes))]
    points = shapely.point_on_surface(cells.geometry.to_numpy())
    longitude, latitude = shapely.get_x(points), shapely.get_y(points)
    x, y = points_to_metric(longitude, latitude, metric_crs)
    parents = dict(zip(grid.cells["code"], grid.cells["parent_code"], strict=True))
    ids = dict(zip(grid.cells["code"], grid.cells["id"].tolist(), strict=True))
    made = []
    for number, cell in enumerate(cells.itertuples()):
        lineage = _lineage(cell.code, cell.level, parents)
        rows = tuple(None if code is None else ids[code] for code in lineage)
        made.append(
            Spot(
                Place("cell", cell.code),
                0,
                cell.name,
                float(longitude[number]),
                float(latitude[number]),
                float(x[number]),
                float(y[number]),
                cells=rows,
                codes=lineage,
            )
        )
    return made


def _lineage(code: str, level: str, parents: Mapping[str, str | None]) -> tuple[str | None, ...]:
    """Return the codes of a cell and of those above it, by level; None below its own."""
    above: str | None = code
    found: list[str | None] = list(NOWHERE)
    for place in range(LEVELS.index(level), -1, -1):
        found[place], above = above, parents.get(above or "")
    return tuple(found)
