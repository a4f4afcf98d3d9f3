"""Invented patrols and incidents over any grid: the same for the same day, whatever number of days is asked for."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import geopandas
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gisgrid.sample.happen import Columns, happen
from gisgrid.sample.outing import outing, person
from gisgrid.sample.phone import USUAL, Habits
from gisgrid.sample.scene import Scene, lay_out

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
INCIDENTS_PER_BEAT: Final = 0.5
"""A day, on average."""

TEXT: Final = "object"
INSTANT: Final = "datetime64[us]"
PATROLS: Final = {"patroller_ref": TEXT, "ref": TEXT, "started_at": INSTANT, "ended_at": INSTANT}
FIXES: Final = {
    "client_id": TEXT,
    "patroller_ref": TEXT,
    "patroller_name": TEXT,
    "patrol_ref": TEXT,
    "fix_at": INSTANT,
    "received_at": INSTANT,
    "longitude": "float64",
    "latitude": "float64",
    "accuracy_m": "float64",
    "fault": TEXT,
}
INCIDENTS: Final = {
    "client_id": TEXT,
    "kind": TEXT,
    "description": TEXT,
    "reported_at": INSTANT,
    "received_at": INSTANT,
    "longitude": "float64",
    "latitude": "float64",
}


@dataclass(frozen=True)
class Simulation:
    """Four frames; times are datetime64[us, UTC], positions WGS 84 degrees as the phones tell them.

    patrollers: ref, name. patrols: patroller_ref, ref, started_at, ended_at.
    fixes, in the order in which they arrive each day: client_id, patroller_ref, patroller_name, patrol_ref, fix_at,
    received_at, longitude, latitude, accuracy_m, fault (missing where right; see `phone.mistaken`). A fix delivered
    twice is there twice.
    incidents: client_id, kind, description, reported_at, received_at, longitude, latitude.
    """

    patrollers: pd.DataFrame
    patrols: pd.DataFrame
    fixes: pd.DataFrame
    incidents: pd.DataFrame


def simulate(
    cells: geopandas.GeoDataFrame,
    mask: BaseGeometry | None,
    checkpoints: geopandas.GeoDataFrame,
    ways: geopandas.GeoDataFrame | None,
    *,
    until: date,
    days: int = 30,
    seed: int = 1,
    patrollers: int | None = None,
    zone: ZoneInfo = SHANGHAI,
    metric_crs: str = "EPSG:4547",
    habits: Habits = USUAL,
) -> Simulation:
    """Return the patrols and incidents of the local `days` that end with `until`, that day included.

    People walk on `ways` (lines; along those with `kind` "shore" things happen that happen at the sea). Without ways,
    some are made up between places on the patrollable ground. `patrollers` is by default two to a substation, `habits`
    say how well their phones work.
    What a person does on a day depends on the seed, the day and the person only: a longer run contains the shorter.
    Raises NoWays.
    """
    scene = lay_out(cells, mask, checkpoints, ways, zone, metric_crs, seed)
    staff = range(2 * len(scene.beats) if patrollers is None else patrollers)
    patrols, fixes, incidents = [], [], []
    for day in (until - timedelta(days=back) for back in reversed(range(days))):
        walked = [made for number in staff if (made := outing(scene, day, number, habits))]
        patrols += [patrol for patrol, _ in walked]
        fixes.append(_by_arrival([received for _, received in walked]))
        incidents.append(_incidents(scene, day))
    people = pd.DataFrame([person(number) for number in staff], columns=["ref", "name"])
    return Simulation(people, _frame(patrols, PATROLS), _frame(fixes, FIXES), _frame(incidents, INCIDENTS))


def arrived_by(moment: datetime, simulation: Simulation) -> Simulation:
    """Return what had begun, happened and arrived by a moment (with zone); outings still under way end there."""
    patrols, fixes, incidents = simulation.patrols, simulation.fixes, simulation.incidents
    begun = patrols[patrols["started_at"] <= moment]
    return Simulation(
        simulation.patrollers,
        begun.assign(ended_at=begun["ended_at"].where(begun["ended_at"] <= moment, moment)).reset_index(drop=True),
        fixes[fixes[["fix_at", "received_at"]].max(axis="columns") <= moment].reset_index(drop=True),
        incidents[incidents[["reported_at", "received_at"]].max(axis="columns") <= moment].reset_index(drop=True),
    )


def _incidents(scene: Scene, day: date) -> Columns:
    chance = np.random.default_rng([scene.seed, day.toordinal(), 0])
    columns, places = happen(day, INCIDENTS_PER_BEAT * len(scene.beats), scene.places, scene.zone, chance)
    longitude, latitude = scene.degrees(places).T
    return {**columns, "longitude": longitude, "latitude": latitude}


def _by_arrival(told: list[Columns]) -> Columns:
    """Join the fixes of a day's outings in the order in which they arrived."""
    day = {name: _column(told, name, kind) for name, kind in FIXES.items()}
    order = np.argsort(day["received_at"], kind="stable")
    return {name: column[order] for name, column in day.items()}


def _frame(parts: list[Columns], kinds: dict[str, str]) -> pd.DataFrame:
    frame = pd.DataFrame({name: _column(parts, name, kind) for name, kind in kinds.items()})
    # left to itself, pandas would tell a column without any text from one with some
    texts = frame.astype({name: "str" for name, kind in kinds.items() if kind == TEXT})
    return texts.assign(**{name: frame[name].dt.tz_localize("UTC") for name, kind in kinds.items() if kind == INSTANT})


def _column(parts: list[Columns], name: str, kind: str) -> NDArray[Any]:
    return np.concatenate([np.empty(0, dtype=kind), *(part[name] for part in parts)])
