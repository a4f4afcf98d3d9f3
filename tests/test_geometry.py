import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st
from prcoords import wgs_bd, wgs_gcj
from pyproj import Transformer

from gisgrid.geometry import (
    UnknownCrs,
    crs_name,
    feature,
    from_metric,
    geometries_to_wgs84,
    is_on_earth,
    label_place,
    points_to_metric,
    to_metric,
    to_wgs84,
)

KUICHONG = (114.4157, 22.6379)


def metres_apart(one: tuple[float, float], other: tuple[float, float]) -> float:
    x, y = points_to_metric(*zip(one, other, strict=True), "EPSG:4547")
    return math.dist((x[0], y[0]), (x[1], y[1]))


@pytest.mark.parametrize(
    ("given", "canonical"),
    [
        ("wgs84", "EPSG:4326"),
        ("EPSG:4326", "EPSG:4326"),
        ("epsg:4326", "EPSG:4326"),
        ("GCJ-02", "gcj02"),
        ("BD09", "bd09"),
        ("EPSG:4547", "EPSG:4547"),
        ("epsg:4490", "EPSG:4490"),
    ],
)
def test_names_of_coordinate_systems(given: str, canonical: str) -> None:
    assert crs_name(given) == canonical


@pytest.mark.parametrize("name", ["EPSG:999999", "火星", "\ud800", "+proj=nonsense", "x" * 5000])
def test_an_unknown_system_is_told_with_the_known_ones(name: str) -> None:
    with pytest.raises(UnknownCrs, match="gcj02"):
        to_wgs84(1, 2, name)


@pytest.mark.parametrize(
    ("crs", "shift", "least_m", "most_m"), [("gcj02", wgs_gcj, 560, 600), ("bd09", wgs_bd, 1150, 1300)]
)
def test_vendors_shifts_are_undone_to_millimetres(crs: str, shift: object, least_m: float, most_m: float) -> None:
    shifted = shift(KUICHONG[::-1])  # type: ignore[operator]
    longitude, latitude = to_wgs84(shifted.lon, shifted.lat, crs)
    assert least_m < metres_apart(KUICHONG, (shifted.lon, shifted.lat)) < most_m
    assert metres_apart(KUICHONG, (float(longitude), float(latitude))) < 0.002


def test_outside_china_vendors_do_not_shift() -> None:
    assert to_wgs84([2.35], [48.86], "gcj02") == ([2.35], [48.86])


@given(st.floats(), st.floats())
@example(72.004, 1.0)  # at the border of China
@example(137.83, 55.827)
def test_wgs84_comes_back_bit_for_bit_and_nothing_raises(x: float, y: float) -> None:
    assert np.array_equal(np.array(to_wgs84(x, y)), np.array([x, y]), equal_nan=True)
    for crs in ("gcj02", "bd09", "EPSG:4547"):
        to_wgs84([x], [y], crs)


def test_a_projected_system_and_a_proj_string_agree() -> None:
    x, y = points_to_metric(*KUICHONG, "EPSG:4547")
    proj = "+proj=tmerc +lat_0=0 +lon_0=114 +k=1 +x_0=500000 +y_0=0 +ellps=GRS80 +units=m +no_defs"
    for crs in ("EPSG:4547", proj):
        assert metres_apart(KUICHONG, tuple(map(float, to_wgs84(x, y, crs)))) < 0.001


@pytest.mark.parametrize("system", ["EPSG:4547", "EPSG:4490", "EPSG:32650", "EPSG:2435"])
def test_every_thread_gets_what_proj_says_bit_for_bit(system: str) -> None:
    """Of Beijing 1954 (EPSG:2435) there are several ways to WGS 84, by place."""
    spots = np.random.default_rng(1).uniform((114.2, 22.4), (114.7, 22.8), (1000, 2)).T
    there = Transformer.from_crs("EPSG:4326", system, always_xy=True).transform(*spots)
    back = Transformer.from_crs(system, "EPSG:4326", always_xy=True).transform(*there)
    with ThreadPoolExecutor(2) as threads:
        for _ in range(4):
            assert np.array_equal(threads.submit(points_to_metric, *spots, system).result(), there)
            assert np.array_equal(threads.submit(to_wgs84, *there, system).result(), back)


def test_a_local_system_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnknownCrs, match="GISGRID_LOCAL_CRS"):
        crs_name("local")
    monkeypatch.setenv("GISGRID_LOCAL_CRS", "+proj=tmerc +lon_0=114 +x_0=500000 +ellps=GRS80 +units=m")
    assert (
        metres_apart(KUICHONG, tuple(map(float, to_wgs84(*points_to_metric(*KUICHONG, "EPSG:4547"), "local")))) < 0.001
    )


def test_geometries_lose_their_height_and_keep_wgs84_bits() -> None:
    flat = geometries_to_wgs84([shapely.from_wkt("POLYGON Z ((114 22 5, 115 22 5, 115 23 5, 114 22 5))")], "wgs84")
    assert flat[0].equals_exact(shapely.from_wkt("POLYGON ((114 22, 115 22, 115 23, 114 22))"), 0)
    assert not flat[0].has_z


def test_metres_are_metres_and_the_way_back_is_exact_enough() -> None:
    square = shapely.box(*KUICHONG, KUICHONG[0] + 0.01, KUICHONG[1] + 0.01)
    metric = to_metric(square, "EPSG:4547")
    assert metric.area == pytest.approx(1_138_000, rel=0.005)  # 0.01° is 1,027 m by 1,107 m here
    assert from_metric(metric, "EPSG:4547").equals_exact(square, 1e-9)


@pytest.mark.parametrize(
    ("longitude", "latitude", "on_earth"),
    [(114, 22, True), (180, -90, True), (22, 114, False), (math.nan, 1, False), (1, math.inf, False)],
)
def test_on_earth(longitude: float, latitude: float, on_earth: bool) -> None:
    assert is_on_earth(longitude, latitude) is on_earth


def test_a_feature_keeps_every_digit() -> None:
    point = shapely.Point(114.41570000000001, 22.637900000000002)
    made = feature(point, {"name": "葵涌"}, "440307009001")
    assert made == {
        "type": "Feature",
        "id": "440307009001",
        "geometry": {"type": "Point", "coordinates": (114.41570000000001, 22.637900000000002)},
        "properties": {"name": "葵涌"},
    }


@pytest.mark.parametrize(
    ("shape", "inside"),
    [
        ("POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))", "POLYGON ((1.9 1.9, 2.1 1.9, 2.1 2.1, 1.9 2.1, 1.9 1.9))"),
        # a ring of land: the centroid lies in the hole
        ("POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (2 2, 7 2, 7 7, 2 7, 2 2))", None),
        # the larger of two parts
        (
            "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 1, 0 0)), ((5 5, 9 5, 9 9, 5 9, 5 5)))",
            "POLYGON ((5 5, 9 5, 9 9, 5 9, 5 5))",
        ),
        # a bow-tie, as a check of layers hands it over
        ("POLYGON ((0 0, 4 4, 4 0, 0 4, 0 0))", None),
        ("POLYGON ((0 0, 4 0, 2 0, 0 0))", "LINESTRING (0 0, 4 0)"),
    ],
)
def test_label_place_lies_on_the_cell(shape: str, inside: str | None) -> None:
    geometry = shapely.from_wkt(shape)
    place, room = label_place(geometry, 6)
    assert shapely.make_valid(geometry).intersects(place)
    assert inside is None or shapely.from_wkt(inside).covers(place)
    assert room >= 0
