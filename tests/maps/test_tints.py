import geopandas as gpd
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.maps.tints import TINTS, tints


def squares(width: int, height: int) -> gpd.GeoDataFrame:
    places = [(x, y) for x in range(width) for y in range(height)]
    return gpd.GeoDataFrame(
        {"code": [f"{x:02d}{y:02d}" for x, y in places]}, geometry=[shapely.box(x, y, x + 1, y + 1) for x, y in places]
    )


@given(st.integers(1, 7), st.integers(1, 7))
def test_neighbours_differ(width: int, height: int) -> None:
    areas = squares(width, height)
    chosen = tints(areas)
    assert set(chosen) == set(areas["code"])
    for one in areas.itertuples():
        for other in areas.itertuples():
            if one.code < other.code and one.geometry.touches(other.geometry):
                assert chosen[one.code] != chosen[other.code]


def test_tints_are_used_alike() -> None:
    assert len(set(tints(squares(1, TINTS)).values())) == TINTS


def test_the_order_of_rows_does_not_matter() -> None:
    areas = squares(3, 3)
    assert tints(areas) == tints(areas.iloc[::-1])
