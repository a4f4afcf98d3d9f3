"""Codes proposed by the rule: 9 digits of the street, 3 of the community, 3 of the substation.

Inside a parent the sequence runs as one reads: row by row from the north, in each row from west to east.
"""

from dataclasses import dataclass
from typing import Final

import geopandas
import numpy as np
import shapely
from numpy.typing import NDArray

from gisgrid.grid.layers.faults import Fault
from gisgrid.grid.layers.levels import level_of_code
from gisgrid.grid.layers.parents import NONE
from gisgrid.grid.layers.place import Geometries
from gisgrid.grid.tables import LEVELS

_MOST: Final = 999


@dataclass(frozen=True)
class Proposal:
    """A code made for a cell; `before` is what the file had, or ""."""

    level: str
    code: str
    name: str
    before: str


def make_codes(
    cells: geopandas.GeoDataFrame, parents: NDArray[np.intp], street_code: str | None = None
) -> tuple[geopandas.GeoDataFrame, list[Proposal]]:
    """Return the cells with a code for each that has no well-formed one, and the codes made.

    A well-formed code stays and its number is not given again. A cell whose parent has no well-formed code gets none,
    as does one past the 999th of its parent. `street_code` is for a single street without a code.
    """
    codes = [
        code if level_of_code(code) == level else "" for code, level in zip(cells["code"], cells["level"], strict=True)
    ]
    levels = cells["level"].to_numpy()
    streets = np.flatnonzero(levels == LEVELS[0])
    if street_code and len(streets) == 1:
        codes[streets[0]] = codes[streets[0]] or street_code
    shapes = np.asarray(cells.geometry, dtype=object)
    for level in LEVELS[1:]:
        for parent in np.unique(parents[(levels == level) & (parents != NONE)]):
            _number(codes, np.flatnonzero((levels == level) & (parents == parent)), codes[parent], shapes)
    made = [
        Proposal(str(level), code, name, before)
        for level, code, name, before in zip(cells["level"], codes, cells["name"], cells["code"], strict=True)
        if code and code != before
    ]
    made.sort(key=lambda proposal: (LEVELS.index(proposal.level), proposal.code))
    return cells.assign(code=[code or before for code, before in zip(codes, cells["code"], strict=True)]), made


def invented_communities(made: list[Proposal]) -> list[Fault]:
    """Return a note where codes of communities were made: official ones exist, and follow no such rule."""
    codes = tuple(proposal.code for proposal in made if proposal.level == "community")
    if not codes:
        return []
    return [
        Fault(
            "code",
            f"{len(codes)} 个社区的编码是按位置暂编的,不是官方编码",
            f"the codes of {len(codes)} communities were made up by position; they are not the official ones",
            "把官方社区编码填入图层,并用 --parent-field 指明该字段",
            "put the official codes into a field of the layer and name it with --parent-field",
            level="community",
            codes=codes,
            is_note=True,
        )
    ]


def _number(codes: list[str], rows: NDArray[np.intp], prefix: str, shapes: Geometries) -> None:
    if not prefix:
        return
    taken = {codes[row] for row in rows}
    free = (code for code in (f"{prefix}{number:03}" for number in range(1, _MOST + 1)) if code not in taken)
    for row in rows[reading_order(shapes[rows])]:
        if not codes[row]:
            codes[row] = next(free, "")


def reading_order(shapes: Geometries) -> NDArray[np.intp]:
    """Return the order in which to number shapes: rows from the north, in each row from the west.

    A row is the northernmost shape left and all whose middle lies north of that shape's southern end.
    """
    middle = shapely.get_coordinates(shapely.centroid(shapes))
    south = shapely.bounds(shapes)[:, 1]
    left = sorted(range(len(shapes)), key=lambda at: (-middle[at, 1], middle[at, 0]))
    order: list[int] = []
    while left:
        row = [at for at in left if middle[at, 1] > south[left[0]] or at == left[0]]
        order.extend(sorted(row, key=lambda at: (middle[at, 0], -middle[at, 1])))
        left = [at for at in left if at not in row]
    return np.array(order, dtype=np.intp)
