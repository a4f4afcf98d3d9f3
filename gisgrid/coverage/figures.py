"""From a session to the figures of a period: its fixes on the grids in force in it, and what is kept of sealed days."""

from datetime import UTC, date, datetime, time
from functools import lru_cache
from itertools import pairwise
from threading import RLock
from typing import NamedTuple

import pandas as pd
import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.coverage.ground import Ground
from gisgrid.coverage.measure import Figures, Span, measure
from gisgrid.coverage.sealed import Sealed, sealed_in, with_sealed, without_days
from gisgrid.grid.locate import Grid, grid_on, layer_set_on, patrollable_mask
from gisgrid.grid.tables import LayerSet
from gisgrid.parameters import Period
from gisgrid.patrols.duty.heartbeats import beats_in, beats_version
from gisgrid.patrols.fixes import fixes_frame, fixes_version
from gisgrid.settings import Settings

KEPT_FIGURES = 16


class Basis(NamedTuple):
    """What figures are made from: equal ones give equal figures, since fixes come and go, but never change."""

    settings: Settings
    period: Period
    layer_sets: tuple[tuple[int, date, datetime], ...]
    mask: bytes | None
    sealed: Sealed
    fixes: tuple[int, ...]
    beats: tuple[int, ...]


class Measured(NamedTuple):
    """The figures of all levels, and what they were measured on; the last grid is that of the areas."""

    basis: Basis
    layer_sets: list[LayerSet]
    grids: list[Grid]
    figures: dict[str, Figures]


_kept: dict[Basis, dict[str, Figures]] = {}
_measuring = RLock()


def measured(session: Session, settings: Settings, period: Period) -> Measured:
    """Measure a period, or return what the same measurement gave before. Raises NoGrid.

    The session sees everything: figures are the same for everybody.
    """
    layer_sets = _layer_sets(session, period, settings)
    grids = [grid_on(session, layer_set.first_day) for layer_set in layer_sets]
    while True:
        basis = _basis(session, settings, period, layer_sets)
        figures = _figures(session, basis, layer_sets, grids)
        if sealed_in(session, period, settings.zone) == basis.sealed:  # else half of a day was counted twice or never
            return Measured(basis, layer_sets, grids, figures)


def _basis(session: Session, settings: Settings, period: Period, layer_sets: list[LayerSet]) -> Basis:
    mask = patrollable_mask(session)
    return Basis(
        settings,
        period,
        tuple((layer_set.id, layer_set.first_day, layer_set.created_at) for layer_set in layer_sets),
        None if mask is None else shapely.to_wkb(mask),
        sealed_in(session, period, settings.zone),
        fixes_version(session, period),
        beats_version(session, period),
    )


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


def _figures(session: Session, basis: Basis, layer_sets: list[LayerSet], grids: list[Grid]) -> dict[str, Figures]:
    settings, sealed = basis.settings, basis.sealed
    with _measuring:  # a viewer asks for all levels at once: the first measures, the others wait for it
        if basis not in _kept:
            fixes = without_days(fixes_frame(session, basis.period), sealed.days, settings.zone)
            parts = _parts(fixes, layer_sets, settings)
            grounds = [_ground(grid, basis.mask, settings.metric_crs) for grid in grids]
            spans = [Span(*pair) for pair in zip(grounds, parts, strict=True)]
            found = measure(spans, settings, beats_in(session, basis.period))
            if len(_kept) >= KEPT_FIGURES:
                _kept.clear()
            _kept[basis] = with_sealed(session, found, sealed)
        return _kept[basis]


@lru_cache(maxsize=4)
def _ground(grid: Grid, mask: bytes | None, metric_crs: str) -> Ground:
    return Ground(grid, None if mask is None else shapely.from_wkb(mask), metric_crs)


def _parts(fixes: pd.DataFrame, layer_sets: list[LayerSet], settings: Settings) -> list[pd.DataFrame]:
    """Cut the fixes, which are in the order of their time, at the first days of all layer sets but the first."""
    midnights = [datetime.combine(each.first_day, time(), settings.zone).astimezone(UTC) for each in layer_sets[1:]]
    cuts = [0, *fixes["fix_at"].searchsorted(pd.DatetimeIndex(midnights, tz="UTC")), len(fixes)]
    return [fixes.iloc[start:end] for start, end in pairwise(cuts)]
