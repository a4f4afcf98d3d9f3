"""Cells by their code or name: the ground is for everybody who sees the grid."""

from typing import Final

import geopandas as gpd

from gisgrid.search.hits import Hit, Hits, best, bounds_of, names_of, rank

LEVELS: Final = {
    "street": ("街道", "street"),
    "community": ("社区", "community"),
    "substation": ("工作分站", "substation"),
}


def find_cells(cells: gpd.GeoDataFrame, key: str, limit: int) -> Hits:
    """Return the cells of a grid that a key names, the largest first where they answer as well."""
    order = cells.assign(depth=cells["level"].map(list(LEVELS).index)).sort_values(["depth", "code"])
    parents = dict(zip(cells["code"], cells["parent_code"], strict=True))
    found, is_more = best(((rank(key, row.name, row.code), row) for row in order.itertuples(index=False)), limit)
    return Hits([_hit(cells, row, parents) for row in found], is_more)


def _hit(cells: gpd.GeoDataFrame, row: object, parents: dict[str, str | None]) -> Hit:
    code, name, level, shape = (getattr(row, column) for column in ("code", "name", "level", "geometry"))
    above: list[str] = []
    parent = parents[code]
    while parent is not None:
        above.insert(0, parent)
        parent = parents.get(parent)
    return Hit("cell", code, name, *LEVELS[level], names_of(cells, above), bounds_of(*shape.bounds))
