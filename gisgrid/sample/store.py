"""Keep a simulation: in the database, through the doors that real check-ins and incidents use, or as tables."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from gisgrid.database import session_scope
from gisgrid.geometry import WGS84
from gisgrid.incidents.records.bring import bring_records
from gisgrid.incidents.report import store_incidents
from gisgrid.intake.arrivals import counted
from gisgrid.intake.imports import SLICE
from gisgrid.patrols.arrival.check_in import store_fixes
from gisgrid.sample.course import records
from gisgrid.sample.simulate import Simulation
from gisgrid.settings import Settings

Store = Callable[[Session, pd.DataFrame, Settings], dict[str, int]]


def store_simulation(
    engine: Engine, simulation: Simulation, settings: Settings, progress: Callable[[int], None] = lambda rows: None
) -> tuple[dict[str, int], dict[str, int]]:
    """Store fixes and incidents in the order in which they arrived, slice by slice; each goes in once.

    `progress` is told the rows of each slice. Returns the counts of fixes and of incidents, as `store_fixes` does.
    """
    fixes = _in_slices(engine, store_fixes, simulation.fixes, settings, progress)
    return fixes, _in_slices(engine, _store_incidents, simulation.incidents, settings, progress)


def _store_incidents(session: Session, incidents: pd.DataFrame, settings: Settings) -> dict[str, int]:
    """Store incidents with what became of them so far; those of later today as they will be reported."""
    now = datetime.now(UTC)
    is_past = incidents["reported_at"] <= now
    tally = Counter(counted(bring_records(session, settings, records(incidents[is_past], now), WGS84)))
    tally.update(store_incidents(session, incidents[~is_past], settings))
    return dict(tally)


def _in_slices(
    engine: Engine, store: Store, frame: pd.DataFrame, settings: Settings, progress: Callable[[int], None]
) -> dict[str, int]:
    tally: Counter[str] = Counter()
    for start in range(0, max(len(frame), 1), SLICE):
        part = frame.iloc[start : start + SLICE]
        with session_scope(engine, write=True) as session:
            tally.update(store(session, part, settings))
        progress(len(part))
    return dict(tally)


def write_simulation(folder: Path, simulation: Simulation) -> list[Path]:
    """Write patrollers, patrols, fixes and incidents as CSV into a folder; return the files.

    Times are UTC. `gisgrid check-ins import` and `gisgrid incidents import` read the last two.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name in ("patrollers", "patrols", "fixes", "incidents"):
        paths.append(folder / f"{name}.csv")
        frame: pd.DataFrame = getattr(simulation, name)
        frame.to_csv(paths[-1], index=False, date_format="%Y-%m-%dT%H:%M:%SZ", lineterminator="\n")
    return paths
