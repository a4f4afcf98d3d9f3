"""Tints for neighbouring areas, as on a political map: no two that touch share one while the tints suffice."""

import geopandas as gpd
import numpy as np

TINTS = 6  # t0 to t5 in static/map.css


def tints(areas: gpd.GeoDataFrame) -> dict[str, str]:
    """Choose a CSS class for each code: in code order, the tint used least among those no neighbour has."""
    ordered = areas.sort_values("code")
    codes = ordered["code"].tolist()
    pairs = ordered.sindex.query(ordered.geometry, predicate="intersects")
    chosen: dict[int, int] = {}
    for number in range(len(codes)):
        near = {chosen[int(other)] for other in pairs[1][pairs[0] == number] if int(other) in chosen}
        used = np.bincount(list(chosen.values()), minlength=TINTS)
        chosen[number] = min(range(TINTS), key=lambda tint: (tint in near, used[tint], tint))
    return {codes[number]: f"t{tint}" for number, tint in chosen.items()}
