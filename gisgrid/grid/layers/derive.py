"""Parents dissolved from their children, for an office that owns the finest layer only."""

from itertools import pairwise
from typing import Any

import geopandas
import pandas as pd
import shapely

from gisgrid.grid.layers.faults import LEVEL_NAMES, Fault, Unusable, code_of
from gisgrid.grid.layers.levels import CODE_LENGTHS, level_of_code
from gisgrid.grid.layers.rings import mended
from gisgrid.grid.tables import LEVELS


def missing_levels(cells: geopandas.GeoDataFrame) -> list[tuple[str, str]]:
    """Return the levels without cells above one that has some, each with the level below it, the lowest first."""
    present = set(cells["level"])
    lowest = max((LEVELS.index(level) for level in present), default=0)
    return [(upper, lower) for upper, lower in reversed(list(pairwise(LEVELS[: lowest + 1]))) if upper not in present]


def derive_parents(cells: geopandas.GeoDataFrame, street_code: str | None = None) -> geopandas.GeoDataFrame:
    """Return the cells with the missing levels dissolved from the level below.

    The parent is what a child's file says, a code or a name, or else the beginning of its official code; the parent of
    every community is `street_code` where that is given. A parent known by name has the code with which those of all
    its children begin, or "" until codes are made.
    Raises Unusable where nothing tells a child's parent.
    """
    for upper, lower in missing_levels(cells):
        children = cells[cells["level"] == lower]
        said = street_code if upper == "street" else None
        parents = [said or _parent_of(child, upper) for _, child in children.iterrows()]
        known = children.assign(parent_code=parents)
        made = _dissolved(known, upper)
        known = known.assign(
            parent_code=known["parent_code"].map(dict(zip(made.pop("said"), _keys(made), strict=True)))
        )
        cells = pd.concat([made, known, cells[cells["level"] != lower]], ignore_index=True)
    return geopandas.GeoDataFrame(cells, geometry="geometry", crs=cells.crs)


def _parent_of(child: pd.Series, upper: str) -> str:
    if child["parent_code"]:
        return str(child["parent_code"])
    if level_of_code(child["code"]) == child["level"]:
        return str(child["code"])[: CODE_LENGTHS[upper]]
    zh, en = LEVEL_NAMES[upper]
    raise Unusable(
        Fault(
            "parent",
            f"看不出 {code_of(child)} {child['name']} 属于哪个{zh},无法合并",
            f"nothing tells the {en} of {code_of(child)} {child['name']}, so none can be derived",
            "用 --parent-field 指明上级字段,街道编码用 --street-code",
            "name the field of the parent with --parent-field, the street's code with --street-code",
            file=child["file"],
            level=child["level"],
            codes=(code_of(child),),
        )
    )


def _keys(parents: geopandas.GeoDataFrame) -> list[str]:
    """Return how children call their parents: by code, by name where there is none."""
    return [code or name for code, name in zip(parents["code"], parents["name"], strict=True)]


def _dissolved(children: geopandas.GeoDataFrame, upper: str) -> geopandas.GeoDataFrame:
    groups = children.groupby("parent_code", sort=True)
    rows = [_parent(str(said), group, upper) for said, group in groups]
    return geopandas.GeoDataFrame(rows, geometry="geometry", crs=children.crs)


def _parent(said: str, children: geopandas.GeoDataFrame, upper: str) -> dict[str, Any]:
    shapes = mended(children.geometry.to_numpy())
    names = [name for name in children["parent_name"].unique() if name]
    return {
        "said": said,
        "level": upper,
        "code": _code(said, names, children, upper),
        "name": names[0] if len(names) == 1 else said,
        "parent_code": "",
        "parent_name": "",
        "is_illustrative": bool(children["is_illustrative"].any()),
        "note": "由下级合并 / dissolved from its children",
        "file": ", ".join(dict.fromkeys(children["file"])),
        "row": int(children["row"].min()),
        "geometry": dissolved(shapes),
    }


def _code(said: str, names: list[str], children: geopandas.GeoDataFrame, upper: str) -> str:
    """Return a parent's code: what is said, if it is one, or the beginning on which its children's codes agree."""
    if level_of_code(said) == upper:
        return said
    codes = children["code"].tolist()
    beginnings = {str(code)[: CODE_LENGTHS[upper]] for code in codes}
    if len(beginnings) == 1 and {level_of_code(code) for code in codes} == set(children["level"]):
        return beginnings.pop()
    return said if names and said not in names else ""  # beside a name, what is said is a code of another rule


def dissolved(shapes: Any) -> Any:
    """Return the union of valid polygons, with every vertex of its border where they match exactly."""
    return shapely.coverage_union_all(shapes) if shapely.coverage_is_valid(shapes) else shapely.union_all(shapes)
