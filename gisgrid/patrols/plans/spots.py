"""What a place is on the ground at a time: where, how far round, how long one stays, whether a code is shown. Pure."""

from dataclasses import dataclass

from gisgrid.patrols.plans.terms import Place


@dataclass(frozen=True, slots=True)
class Spot:
    """A checkpoint, or a cell, which has no radius: whoever is located in it is there.

    `row` is that of the checkpoint, 0 for a cell. `x`, `y` are metres. `cells` are the rows of street, community and
    substation in the grid of that day, `codes` their codes; None outside, and below the level of a cell.
    """

    place: Place
    row: int
    name: str
    longitude: float
    latitude: float
    x: float
    y: float
    radius_m: float | None = None
    dwell_s: float = 0
    needs_code: bool = False
    cells: tuple[int | None, ...] = (None, None, None)
    codes: tuple[str | None, ...] = (None, None, None)
