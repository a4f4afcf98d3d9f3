"""The way from files to a set that may be stored: read, derive, number, link, repair, check. Stores nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import geopandas

from gisgrid.grid.layers.check import Rules, check_cells
from gisgrid.grid.layers.codes import Background
from gisgrid.grid.layers.derive import derive_parents, missing_levels
from gisgrid.grid.layers.faults import Fault, Unusable
from gisgrid.grid.layers.gather import Gathered, Reading, gather
from gisgrid.grid.layers.nest import enclosed_gaps, net_of
from gisgrid.grid.layers.parents import find_parents, identified, linked
from gisgrid.grid.layers.pieces import Limits
from gisgrid.grid.layers.proposals import Proposal, invented_communities, make_codes
from gisgrid.grid.layers.repair import Change, repair
from gisgrid.grid.layers.understood import Understood


@dataclass(frozen=True)
class Wishes:
    """What is asked for besides checking."""

    repair: bool = False
    derive_parents: bool = False
    keep_holes: bool = False
    make_codes: bool = False
    street_code: str | None = None


@dataclass
class Examined:
    """The cells of the files as they would be stored, sorted by code, and all there is to say about them.

    `faults` holds the notes too; the set is acceptable when `is_acceptable`.
    """

    cells: geopandas.GeoDataFrame
    faults: list[Fault] = field(default_factory=list)
    layers: list[Understood] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    proposals: list[Proposal] = field(default_factory=list)

    @property
    def is_acceptable(self) -> bool:
        """Whether nothing but notes was found."""
        return all(fault.is_note for fault in self.faults)


def examine(files: Sequence[str], reading: Reading, rules: Rules, wishes: Wishes) -> Examined:
    """Read `[LEVEL=]FILE[#LAYER]`… and return the set with everything wrong in it, repaired and completed as wished."""
    gathered = gather(files, reading)
    examined = _begin(gathered)
    if examined.cells.empty:
        return examined
    limits = Limits(rules.tolerance_m, rules.metric_crs)
    background = _background(gathered, wishes)
    if wishes.derive_parents:
        _derive(examined, limits, wishes)
    parents, orphans = find_parents(examined.cells)
    examined.faults.extend(orphans)
    if wishes.make_codes:
        examined.cells, examined.proposals = make_codes(examined.cells, parents, wishes.street_code)
        examined.faults.extend(invented_communities(examined.proposals))
    examined.cells = linked(examined.cells, parents)
    if wishes.repair:
        _repair(examined, limits)
    examined.cells = examined.cells.sort_values("code", kind="stable", ignore_index=True)
    examined.faults.extend(check_cells(examined.cells, rules, background))
    return examined


def _begin(gathered: Gathered) -> Examined:
    return Examined(gathered.cells, list(gathered.faults), gathered.layers)


def _background(gathered: Gathered, wishes: Wishes) -> Background:
    return Background(
        {layer.file: layer.columns for layer in gathered.layers},
        [upper for upper, _ in missing_levels(gathered.cells)] if wishes.derive_parents else [],
        gathered.unread,
    )


def _derive(examined: Examined, limits: Limits, wishes: Wishes) -> None:
    if wishes.repair:
        _repair(examined, limits)  # hairline gaps would else become holes of the parents
    if not wishes.keep_holes:
        for _, lower in missing_levels(examined.cells)[:1]:
            examined.faults.extend(enclosed_gaps(net_of(examined.cells, lower), limits))
    try:
        examined.cells = derive_parents(examined.cells, wishes.street_code)
    except Unusable as error:
        examined.faults.append(error.fault)


def _repair(examined: Examined, limits: Limits) -> None:
    cells = examined.cells
    known = cells if "identifier" in cells else linked(cells, find_parents(cells)[0])
    repaired, changes = repair(identified(known), limits)
    examined.cells = cells.assign(geometry=repaired.geometry.to_numpy()).set_geometry("geometry", crs=cells.crs)
    examined.changes.extend(changes)
