"""Whether the levels nest: no overlap, no gap, no cell outside its parent. Sizes in metres, places in degrees.

Shapes are compared in the coordinates in which they are stored, so that nothing appears or vanishes by projecting; only
what is left over is measured, in the metric system. A leftover no wider than the tolerance is a note.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeAlias

import geopandas
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gisgrid.grid.layers.faults import LEVEL_NAMES, Fault, area, code_of, length, places_of, title_of
from gisgrid.grid.layers.pieces import Limits, Piece, leftovers, polygon_parts
from gisgrid.grid.layers.place import Geometries
from gisgrid.grid.layers.rings import mended
from gisgrid.grid.tables import LEVELS

_TOUCHING = 1e-7
"""Degrees, about a centimetre: a cell this near a gap is its neighbour."""

_FEW: Final = 20
"""A note names no more cells than these; beyond, it gives counts."""

_Small: TypeAlias = tuple[Piece, tuple[str, ...]]
"""A leftover within the tolerance, and the codes of the cells it concerns."""


@dataclass(frozen=True)
class Net:
    """The cells of one level: rows of the frame, valid polygons, their union."""

    level: str
    cells: geopandas.GeoDataFrame
    shapes: Geometries
    union: BaseGeometry
    unmatched: NDArray[np.bool_]
    """Which cells have an edge that is not exactly a neighbour's."""


def net_of(cells: geopandas.GeoDataFrame, level: str) -> Net:
    """Return one level, ready for comparison."""
    chosen = cells[cells["level"] == level].reset_index(drop=True)
    # in normal form rings run one way: GEOS takes ten times as long where two run against each other
    shapes = shapely.normalize(mended(np.asarray(chosen.geometry, dtype=object)))
    unmatched = ~shapely.is_empty(np.asarray(shapely.coverage_invalid_edges(shapes), dtype=object))
    union = shapely.union_all(shapes) if unmatched.any() else shapely.coverage_union_all(shapes)
    return Net(level, chosen, shapes, shapely.normalize(union), unmatched)


def nest_faults(cells: geopandas.GeoDataFrame, limits: Limits) -> list[Fault]:
    """Return every overlap, gap and trespass of a set whose parents are known, the notes included."""
    nets = [net_of(cells, level) for level in LEVELS]
    faults: list[Fault] = []
    for net in nets:
        faults.extend(_overlaps(net, limits))
    faults.extend(enclosed_gaps(nets[0], limits))
    for upper, lower in pairwise(nets):
        if len(lower.cells):
            faults.extend(_gaps(nets[0], upper, lower, limits))
            faults.extend(_outside(upper, lower, limits))
    return faults


# --- overlaps ------------------------------------------------------------------------------------


def _overlaps(net: Net, limits: Limits) -> list[Fault]:
    faults: list[Fault] = []
    small: list[_Small] = []
    for one, other in _suspects(net):
        found = leftovers(shapely.intersection(net.shapes[one], net.shapes[other]), limits)
        codes = tuple(code_of(net.cells.iloc[row]) for row in (one, other))
        small.extend((piece, codes) for piece in found.narrow)
        if found.wide:
            faults.append(_overlap(net, one, other, found.wide))
    return faults + _note("overlap", net, small, limits)


def _suspects(net: Net) -> Iterator[tuple[int, int]]:
    """Yield pairs that may overlap: their boxes meet, and one has an edge that is not exactly a neighbour's."""
    tree = shapely.STRtree(net.shapes)
    ones, others = tree.query(net.shapes)
    for one, other in zip(ones.tolist(), others.tolist(), strict=True):
        if one < other and (net.unmatched[one] or net.unmatched[other]):
            yield one, other


def _overlap(net: Net, one: int, other: int, wide: list[Piece]) -> Fault:
    pair = [net.cells.iloc[one], net.cells.iloc[other]]
    zh, en = " 与 ".join(map(title_of, pair)), " and ".join(map(title_of, pair))
    places_zh, places_en = _places(wide)
    return _fault(
        "overlap",
        (f"{zh} 重叠{places_zh}", f"{en} overlap{places_en}"),
        ("两格应共用同一条边界:以一格为准,裁剪另一格", "they must share one border: clip one by the other"),
        net,
        tuple(code_of(cell) for cell in pair),
        wide,
    )


# --- gaps ----------------------------------------------------------------------------------------


def _gaps(top: Net, upper: Net, lower: Net, limits: Limits) -> list[Fault]:
    """Return ground of the level above that no cell of this level has.

    A hole in the level above is none, nor is ground where the level above reaches out of the street: that is its fault.
    """
    found = leftovers(shapely.difference(upper.union, lower.union), limits)
    tree = shapely.STRtree(lower.shapes)
    own = [piece for piece in found.wide if top.union.is_empty or _holder(top, piece)]
    small = [(piece, _around(piece, lower, tree)) for piece in found.narrow]
    return [_gap(piece, upper, lower, tree) for piece in own] + _note("gap", lower, small, limits)


def enclosed_gaps(top: Net, limits: Limits) -> list[Fault]:
    """Return gaps between cells, whatever lies above them; a hole in a single cell is a lake, not a gap."""
    own = _holes(top.shapes)
    holes = [hole for hole in _holes(top.union) if not any(shapely.equals(hole, lake) for lake in own)]
    found = leftovers(shapely.MultiPolygon(holes), limits)
    tree = shapely.STRtree(top.shapes)
    faults = [_gap(piece, None, top, tree) for piece in found.wide]
    return faults + _note("gap", top, [(piece, _around(piece, top, tree)) for piece in found.narrow], limits)


def _holes(areas: BaseGeometry | Geometries) -> list[shapely.Polygon]:
    return [shapely.Polygon(ring) for part in polygon_parts(areas) for ring in part.interiors]


def _around(piece: Piece, net: Net, tree: shapely.STRtree) -> tuple[str, ...]:
    rows = tree.query(piece.geometry, predicate="dwithin", distance=_TOUCHING)
    return tuple(sorted(code_of(net.cells.iloc[row]) for row in rows))


def _gap(piece: Piece, upper: Net | None, lower: Net, tree: shapely.STRtree) -> Fault:
    zh, en = LEVEL_NAMES[lower.level]
    holder = _holder(upper, piece)
    inside_zh, inside_en = (f"{holder} 内", f" of {holder}") if holder else ("", "")
    return _fault(
        "gap",
        (
            f"{inside_zh}有一块地不属于任何{zh},宽 {length(piece.width_m)},{area(piece.area_m2)}",
            f"a piece{inside_en} belongs to no {en}: {length(piece.width_m)} wide, {area(piece.area_m2)}",
        ),
        (
            "补画缺少的网格,或把相邻网格的边界接上",
            "add the missing cell, or join the borders of its neighbours",
        ),
        lower,
        _around(piece, lower, tree),
        [piece],
    )


def _holder(upper: Net | None, piece: Piece, but: int | None = None) -> str:
    """Return the title of the cell in which a piece lies, other than row `but`; "" where there is none."""
    if upper is None:
        return ""
    point = shapely.Point(piece.longitude, piece.latitude)
    rows = np.flatnonzero(shapely.covers(upper.shapes, point))
    rows = rows[rows != but]
    return title_of(upper.cells.iloc[rows[0]]) if rows.size else ""


# --- outside -------------------------------------------------------------------------------------


def _outside(upper: Net, lower: Net, limits: Limits) -> list[Fault]:
    """Return cells that reach out of the parent they are said to have."""
    parents = {code: row for row, code in enumerate(upper.cells["code"])}
    faults: list[Fault] = []
    small: list[_Small] = []
    for row, parent in enumerate(lower.cells["parent_code"]):
        if parent not in parents:
            continue
        mother = parents[parent]
        found = leftovers(shapely.difference(lower.shapes[row], upper.shapes[mother]), limits)
        small.extend((piece, (code_of(lower.cells.iloc[row]), str(parent))) for piece in found.narrow)
        if found.wide:
            faults.append(_trespass(lower, row, upper, mother, found.wide))
    return faults + _note("outside", lower, small, limits)


def _trespass(lower: Net, row: int, upper: Net, mother: int, wide: list[Piece]) -> Fault:
    cell, parent = lower.cells.iloc[row], upper.cells.iloc[mother]
    places_zh, places_en = _places(wide)
    into = _holder(upper, wide[0], but=mother)
    into_zh, into_en = (f",伸入 {into}", f", into {into}") if into else ("", "")
    zh, en = LEVEL_NAMES[upper.level]
    return _fault(
        "outside",
        (
            f"{title_of(cell)} 超出所属{zh} {title_of(parent)}{into_zh}{places_zh}",
            f"{title_of(cell)} reaches out of its {en} {title_of(parent)}{into_en}{places_en}",
        ),
        ("按上级边界裁剪,或改正上级编码", "clip it by its parent, or correct which parent it has"),
        lower,
        (code_of(cell), code_of(parent)),
        wide,
    )


# --- words ---------------------------------------------------------------------------------------


def _places(wide: list[Piece]) -> tuple[str, str]:
    width = length(wide[0].width_m)
    if len(wide) == 1:
        return f",宽 {width}", f", {width} wide"
    return f" {len(wide)} 处,最宽 {width}", f" in {len(wide)} places, {width} at the widest"


def _fault(
    kind: str,
    what: tuple[str, str],
    remedy: tuple[str, str],
    net: Net,
    codes: tuple[str, ...],
    found: list[Piece],
) -> Fault:
    return Fault(
        kind,
        *what,
        *remedy,
        file=_files(net, codes),
        level=net.level,
        codes=codes,
        longitude=found[0].longitude,
        latitude=found[0].latitude,
        width_m=found[0].width_m,
        area_m2=sum(piece.area_m2 for piece in found),
        geometry=shapely.MultiPolygon([piece.geometry for piece in found]),
    )


def _files(net: Net, codes: Collection[str]) -> str:
    named = [code_of(cell) in codes for _, cell in net.cells.iterrows()]
    return ", ".join(dict.fromkeys(net.cells.loc[named, "file"]))


def _note(kind: str, net: Net, small: list[_Small], limits: Limits) -> list[Fault]:
    """Return one note on everything of a kind within the tolerance; it names file and cells where they are few."""
    if not small:
        return []
    codes = tuple(sorted({code for _, cells in small for code in cells}))
    pieces = sorted((piece for piece, _ in small), key=lambda piece: -piece.width_m)
    zh, en = LEVEL_NAMES[net.level]
    names = {"overlap": ("重叠", "overlaps"), "gap": ("缝隙", "gaps"), "outside": ("越界", "trespasses")}[kind]
    width = length(pieces[0].width_m)
    return [
        Fault(
            kind,
            f"{zh}层有 {len(pieces)} 处不超过 {limits.tolerance_m:g} m 的{names[0]},平均最宽 {width}",
            f"{names[1]} at {en} level within {limits.tolerance_m:g} m: {places_of(len(pieces))}, "
            f"at most {width} wide on average",
            "可用 --repair 接合;接合后仍有的,请在 GIS 软件里改",
            "--repair can close them; correct in a GIS program what it leaves",
            file=_files(net, codes),
            level=net.level,
            codes=codes if len(codes) <= _FEW else (),
            longitude=pieces[0].longitude,
            latitude=pieces[0].latitude,
            width_m=pieces[0].width_m,
            area_m2=sum(piece.area_m2 for piece in pieces),
            geometry=shapely.MultiPolygon([piece.geometry for piece in pieces]),
            is_note=True,
        )
    ]
