"""From a session to the figures of a period: its days on the grids in force in it, and what is kept of sealed days."""

from collections import OrderedDict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from threading import RLock
from typing import Final, NamedTuple

import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.coverage.days.find import (
    GroundOn,
    Part,
    Progress,
    database_of,
    days_of,
    microseconds,
    name_of,
    parts_of,
    silent,
)
from gisgrid.coverage.days.raw_folder import raw_days
from gisgrid.coverage.days.reduce import Day, no_day
from gisgrid.coverage.ground.levels import Ground
from gisgrid.coverage.group import Group
from gisgrid.coverage.measure import Figures, measure
from gisgrid.coverage.sealed import Sealed, sealed_in, with_sealed
from gisgrid.grid.locate import Grid, grid_on, layer_set_on, patrollable_mask
from gisgrid.grid.tables import LayerSet
from gisgrid.parameters import Period
from gisgrid.settings import Settings

KEPT_FIGURES: Final = 64
"""A map through time asks for a period and up to sixty parts of it."""
STEP: Final = timedelta(minutes=5)
"""What has not ended yet is told up to the last of these: asked twice within one, it gives the same figures."""


class Basis(NamedTuple):
    """What figures are made from: equal ones give equal figures."""

    database: str
    period: Period
    until: datetime
    days: tuple[tuple[date, str, int], ...]
    grounds: tuple[str, ...]
    mask: bytes | None
    sealed: Sealed
    group: Group | None


class Measured(NamedTuple):
    """The figures of all levels, and what they were measured on; the last grid is that of the areas.

    `without_file`: where they were measured from files of raw days, the days that have none; else None.
    """

    basis: Basis
    layer_sets: list[LayerSet]
    grids: list[Grid]
    figures: dict[str, Figures]
    without_file: tuple[date, ...] | None = None


_kept: OrderedDict[Basis, dict[str, Figures]] = OrderedDict()
_measuring = RLock()


def measured(
    session: Session,
    settings: Settings,
    period: Period,
    group: Group | None = None,
    *,
    raw: Path | None = None,
    progress: Progress = silent,
) -> Measured:
    """Measure a period, or return what the same measurement gave before; of a group of people, if one is given.

    The session sees everything: figures are the same for everybody. From `raw`, a folder of raw days, if it is given:
    then the database gives the grids alone. Raises NoGrid, and with `raw` what `raw_days` raises.
    """
    layer_sets = _layer_sets(session, period, settings)
    grids = [grid_on(session, layer_set.first_day) for layer_set in layer_sets]
    mask = _mask(session)
    grounds = [_ground_on(*pair, mask, settings) for pair in zip(layer_sets, grids, strict=True)]
    if raw is not None:
        basis = Basis(
            database_of(session),
            period,
            _until(period),
            (),
            tuple(each.name for each in grounds),
            mask,
            Sealed(),
            group,
        )
        parts = parts_of(session, settings, period, grounds)
        days = raw_days(raw, settings, parts, group)
        missing = tuple(part.day for part in parts if part.day not in days and part.period.start < basis.until)
        figures = _measure(list(days.values()), settings, basis, grounds)
        return Measured(basis, layer_sets, grids, figures, missing)
    while True:
        sealed = sealed_in(session, period, settings.zone)
        parts = parts_of(session, settings, period, grounds, sealed.days)
        stamp = tuple((part.day, part.on.name, part.changes) for part in parts)
        basis = Basis(
            database_of(session),
            period,
            _until(period),
            stamp,
            tuple(each.name for each in grounds),
            mask,
            sealed,
            group,
        )
        figures = _figures(session, settings, basis, parts, grounds, progress)
        if sealed_in(session, period, settings.zone) == sealed:  # else half of a day was counted twice or never
            return Measured(basis, layer_sets, grids, figures)


def parts_between(session: Session, settings: Settings, first: date, last: date) -> list[Part]:
    """Return the days from a first to a last one that are not sealed, on their grounds. Raises NoGrid."""
    period = Period.last_days((last - first).days + 1, last, settings.zone)
    layer_sets, mask = _layer_sets(session, period, settings), _mask(session)
    grounds = [_ground_on(each, grid_on(session, each.first_day), mask, settings) for each in layer_sets]
    return parts_of(session, settings, period, grounds, sealed_in(session, period, settings.zone).days)


def _mask(session: Session) -> bytes | None:
    mask = patrollable_mask(session)
    return None if mask is None else bytes(shapely.to_wkb(mask))


def _until(period: Period) -> datetime:
    """Return the end of what can be told about a period: its own, or about now."""
    now = datetime.now(UTC)
    return min(period.end, max(period.start, now - (now - datetime.min.replace(tzinfo=UTC)) % STEP))


def _layer_sets(session: Session, period: Period, settings: Settings) -> list[LayerSet]:
    """Return the layer sets in force within a period, in the order of time. Raises NoGrid."""
    first, last = local_day(period.start, settings), local_day(period.last_moment, settings)
    latest = layer_set_on(session, last)
    known = session.scalars(select(LayerSet).where(LayerSet.first_day <= last).order_by(LayerSet.first_day)).all()
    return [
        *(before for before, after in pairwise(known) if after.first_day > first),
        latest,
    ]


def local_day(moment: datetime, settings: Settings) -> date:
    """Return the local day of a time."""
    return moment.astimezone(settings.zone).date()


def _figures(
    session: Session,
    settings: Settings,
    basis: Basis,
    parts: list[Part],
    grounds: list[GroundOn],
    progress: Progress,
) -> dict[str, Figures]:
    with _measuring:  # a viewer asks for all levels at once: the first measures, the others wait for it
        if basis not in _kept:
            found = _measure(days_of(session, settings, parts, basis.group, progress), settings, basis, grounds)
            _kept[basis] = with_sealed(session, found, basis.sealed) if basis.group is None else found
            while len(_kept) > KEPT_FIGURES:
                _kept.popitem(last=False)
        return _kept[basis]


def _measure(days: Sequence[Day], settings: Settings, basis: Basis, grounds: Sequence[GroundOn]) -> dict[str, Figures]:
    found = days or [no_day(grounds[-1].ground, settings)]
    span = microseconds(basis.period.start), microseconds(basis.until)
    return measure(found, [each.ground for each in grounds], *span)


def _ground_on(layer_set: LayerSet, grid: Grid, mask: bytes | None, settings: Settings) -> GroundOn:
    name = name_of(settings, layer_set.id, layer_set.first_day, layer_set.created_at, mask)
    return GroundOn(layer_set.first_day, _ground(grid, mask, settings.metric_crs), name)


@lru_cache(maxsize=4)
def _ground(grid: Grid, mask: bytes | None, metric_crs: str) -> Ground:
    return Ground(grid, None if mask is None else shapely.from_wkb(mask), metric_crs)
