import numpy as np
import pytest
import shapely

from gisgrid.geometry import WGS84
from gisgrid.grid.layers.faults import Fault, Unusable
from gisgrid.grid.layers.place import WORLD, Frame, area_of_use, fitting_system, placed
from tests.grid.builders import METRIC, nested_squares, only
from tests.grid.layers.raw import raw_layer

STREET = only(nested_squares(), "street")
PROJ = "+proj=tmerc +lat_0=0 +lon_0=114 +k=1 +x_0=38500000 +y_0=0 +ellps=GRS80 +units=m"


def there(crs: str) -> list[shapely.Geometry]:
    return STREET.to_crs(crs).geometry.tolist()


def swapped(geometries: list[shapely.Geometry]) -> list[shapely.Geometry]:
    return shapely.transform(geometries, lambda xy: xy[:, ::-1]).tolist()


def put(geometries: list[shapely.Geometry], declared: str | None, wished: str | None = None, metric: str = METRIC):
    raw = raw_layer(geometries, declared)
    return placed(raw, np.array(geometries, dtype=object), wished, metric)


def refused(geometries: list[shapely.Geometry], declared: str | None, wished: str | None = None) -> Fault:
    with pytest.raises(Unusable) as error:
        put(geometries, declared, wished)
    assert error.value.fault.file == "cells.shp"
    return error.value.fault


@pytest.mark.parametrize("crs", [WGS84, METRIC, "EPSG:4490", "EPSG:4526", "EPSG:32650", PROJ])
@pytest.mark.parametrize("is_wish", [False, True])
def test_a_layer_lands_where_it_is(crs: str, is_wish: bool) -> None:
    (shape,) = put(there(crs), None if is_wish else crs, crs if is_wish else None)
    assert shapely.hausdorff_distance(shape, STREET.geometry[0]) < 1e-8


def test_a_wish_overrides_what_is_declared() -> None:
    (shape,) = put(there(METRIC), WGS84, METRIC)
    assert shapely.hausdorff_distance(shape, STREET.geometry[0]) < 1e-8


def test_vendors_systems_are_undone() -> None:
    (shape,) = put(there(WGS84), WGS84, "gcj02")
    west = STREET.geometry[0].bounds[0] - shape.bounds[0]
    assert 0.004 < west < 0.006, "some five hundred metres"


def test_a_third_dimension_is_dropped() -> None:
    (shape,) = put([shapely.force_3d(STREET.geometry[0], 9.0)], WGS84)
    assert not shape.has_z


@pytest.mark.parametrize("declared", [None, 'LOCAL_CS["plan"]'])
def test_no_system_is_an_error_that_says_how_to_name_one(declared: str | None) -> None:
    raw = raw_layer(there(WGS84), None)
    fault = refused(there(WGS84), None) if declared is None else None
    if fault is None:
        with pytest.raises(Unusable) as error:
            placed(type(raw)(raw.source, raw.frame, raw.driver, declared), STREET.geometry.to_numpy(), None, METRIC)
        fault = error.value.fault
    assert (fault.kind, "--crs EPSG:4547" in fault.remedy_en) == ("crs", True)


@pytest.mark.parametrize("crs", [WGS84, METRIC, "EPSG:4490"])
def test_swapped_axes_are_recognised(crs: str) -> None:
    fault = refused(swapped(there(crs)), crs)
    assert "axes are swapped" in fault.en
    assert fault.where.startswith("114.02"), "where it would lie the right way round"
    assert fault.size == "1 行 rows"


def test_metres_taken_for_degrees_are_explained() -> None:
    fault = refused(there(METRIC), WGS84)
    assert fault.kind == "crs"
    assert "no coordinate of EPSG:4326" in fault.en
    assert "EPSG:4547" in fault.remedy_en


def test_a_layer_elsewhere_is_told_where() -> None:
    fault = refused([shapely.box(10, 50, 10.1, 50.1)], WGS84)
    assert "it lies at 10.0500, 50.0500" in fault.en
    assert "GISGRID_METRIC_CRS=EPSG:32632" in fault.remedy_en


@pytest.mark.parametrize(
    ("longitude", "latitude", "system"),
    [
        (114.4, 22.6, "EPSG:4547"),
        (104.0, 30.7, "EPSG:4544"),
        (75, 39, "EPSG:4534"),
        (135, 48, "EPSG:4554"),
        (10.05, 50.05, "EPSG:32632"),
        (151.2, -33.9, "EPSG:32756"),
        (180, 0, "EPSG:32601"),
    ],
)
def test_a_fitting_system_is_one_whose_area_of_use_holds_the_place(
    longitude: float, latitude: float, system: str
) -> None:
    assert fitting_system(longitude, latitude) == system
    assert area_of_use(system).holds(longitude, latitude) or longitude == 180


def test_one_wild_cell_does_not_move_the_layer() -> None:
    shapes = [*([STREET.geometry[0]] * 2), shapely.box(0, 0, 1, 1)]
    assert len(put(shapes, WGS84)) == 3


def test_nothing_but_missing_geometries_is_no_place() -> None:
    assert put([None], WGS84).tolist() == [None]  # type: ignore[list-item]


def test_the_area_of_use_is_a_degree_wider() -> None:
    assert area_of_use(METRIC) == Frame(111.5, 20.52, 116.5, 46.45)
    assert area_of_use(PROJ) == WORLD
    assert not WORLD.holds(float("nan"), 0)
