import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from gisgrid.grid.layers.areas import areas, strays
from gisgrid.grid.layers.faults import Fault
from tests.grid.builders import METRIC, nested_squares, only
from tests.grid.layers.raw import raw_layer

SQUARE = shapely.box(114, 22, 114.1, 22.1)


def taken(geometry: BaseGeometry | None, code: str = "440307009") -> tuple[BaseGeometry | None, list[Fault]]:
    raw = raw_layer([geometry])
    faults: list[Fault] = []
    (found,) = areas(raw, raw.frame.assign(code=code, row=1), faults)
    return found, faults


@pytest.mark.parametrize("geometry", [SQUARE, shapely.MultiPolygon([SQUARE])])
def test_polygons_are_taken_as_they_are(geometry: BaseGeometry) -> None:
    assert taken(geometry) == (geometry, [])


def test_a_collection_of_polygons_is_a_multipolygon() -> None:
    assert taken(shapely.GeometryCollection([SQUARE])) == (shapely.MultiPolygon([SQUARE]), [])


@pytest.mark.parametrize(
    ("geometry", "said"),
    [
        (None, "no geometry"),
        (shapely.Polygon(), "is empty"),
        (shapely.MultiPolygon(), "is empty"),
        (shapely.Point(114, 22), "not a polygon but a Point"),
        (shapely.LineString([(114, 22), (114, 23)]), "not a polygon but a LineString"),
        (shapely.GeometryCollection([SQUARE, shapely.Point(0, 0)]), "not a polygon but a GeometryCollection"),
        (shapely.Polygon([(0, 0), (1, 0), (float("inf"), 1), (0, 0)]), "not a finite number"),
    ],
)
def test_a_row_without_area_is_a_fault(geometry: BaseGeometry | None, said: str) -> None:
    found, (fault,) = taken(geometry)
    assert found is None
    assert said in fault.en
    assert (fault.file, fault.codes) == ("cells.shp", ("440307009",))


def test_a_row_without_code_is_named_by_its_number() -> None:
    assert taken(None, "")[1][0].codes == ("#1",)


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        (shapely.Polygon([(114, 22.6), (114.1, 22.6), (0, 0)]), "far from here"),
        (shapely.box(-179, 22, 179, 23), "across the antimeridian"),
    ],
)
def test_a_wild_vertex_is_found(shape: BaseGeometry, said: str) -> None:
    cells = only(nested_squares(), "community").assign(file="a.shp", row=1)
    cells.loc[1, "geometry"] = shape
    (fault,) = strays(cells, METRIC)
    assert said in fault.en
    assert fault.codes == ("440307009002",)


def test_cells_at_home_are_no_strays() -> None:
    assert strays(nested_squares().assign(file="", row=1), METRIC) == []
