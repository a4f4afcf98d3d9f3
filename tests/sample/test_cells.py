from collections import Counter
from itertools import pairwise

import geopandas
import numpy as np
import pytest
import shapely

from gisgrid.geometry import to_metric
from gisgrid.sample.cells import DECIMALS, sample_cells
from gisgrid.sample.figures import METRIC_CRS, cell_figures

Edge = tuple[tuple[float, float], ...]


@pytest.fixture(scope="module")
def cells() -> geopandas.GeoDataFrame:
    return sample_cells()


def of_level(cells: geopandas.GeoDataFrame, level: str) -> geopandas.GeoDataFrame:
    return cells[cells["level"] == level]


def edges(shape: shapely.Polygon) -> list[Edge]:
    points = [tuple(point) for point in shapely.get_coordinates(shape.exterior).tolist()]
    return [tuple(sorted(pair)) for pair in pairwise(points)]


def area_m2(shapes: object) -> np.ndarray:
    return shapely.area(to_metric(shapes, METRIC_CRS))


def test_counts_and_columns(cells: geopandas.GeoDataFrame) -> None:
    assert cells["level"].value_counts().to_dict() == {"substation": 22, "community": 9, "street": 1}
    assert list(cells.columns) == ["level", "code", "name", "parent_code", "is_illustrative", "note", "geometry"]
    assert cells.crs.to_epsg() == 4326
    assert cells["code"].is_monotonic_increasing
    assert cells["code"].is_unique
    assert cells["is_illustrative"].all()
    assert cells["note"].str.contains("示意").all()


def test_real_codes_and_names(cells: geopandas.GeoDataFrame) -> None:
    street = of_level(cells, "street").iloc[0]
    assert (street["code"], street["name"], street["parent_code"]) == ("440307009", "葵涌街道", None)
    communities = of_level(cells, "community")
    names = ["葵涌", "葵新", "三溪", "高源", "土洋", "溪涌", "坝光", "官湖", "葵丰"]
    assert communities["name"].tolist() == [f"{name}社区" for name in names]
    assert communities["code"].tolist() == [f"440307009{number:03}" for number in range(1, 10)]
    assert set(communities["parent_code"]) == {"440307009"}


def test_the_one_substation_on_record_says_so(cells: geopandas.GeoDataFrame) -> None:
    recorded = cells[cells["note"].str.contains("有据可查")]
    assert recorded["name"].tolist() == ["石下工作分站"]


def test_substation_codes_run_from_west_to_east(cells: geopandas.GeoDataFrame) -> None:
    for parent, children in of_level(cells, "substation").groupby("parent_code"):
        assert children["code"].tolist() == [f"{parent}{number:03}" for number in range(1, len(children) + 1)]
        for point in (shapely.centroid, shapely.point_on_surface):
            west_to_east = shapely.get_x(point(children.geometry.to_numpy()))
            assert (np.diff(west_to_east) > 0).all()


def test_every_cell_is_one_valid_piece_without_holes(cells: geopandas.GeoDataFrame) -> None:
    shapes = cells.geometry.to_numpy()
    assert (shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON).all()
    assert shapely.is_valid(shapes).all()
    assert (shapely.get_num_interior_rings(shapes) == 0).all()
    assert shapely.is_ccw(shapely.get_exterior_ring(shapes)).all()


@pytest.mark.parametrize("level", ["community", "substation"])
def test_each_level_is_a_coverage(cells: geopandas.GeoDataFrame, level: str) -> None:
    assert shapely.coverage_is_valid(of_level(cells, level).geometry.to_numpy())


@pytest.mark.parametrize("level", ["street", "community"])
def test_children_make_their_parent_edge_by_edge(cells: geopandas.GeoDataFrame, level: str) -> None:
    for parent in of_level(cells, level).itertuples():
        children = cells[cells["parent_code"] == parent.code]
        met = Counter(edge for child in children.geometry for edge in edges(child))
        assert max(met.values()) == (2 if len(children) > 1 else 1)
        assert {edge for edge, times in met.items() if times == 1} == set(edges(parent.geometry))


@pytest.mark.parametrize("level", ["street", "community"])
def test_areas_add_up(cells: geopandas.GeoDataFrame, level: str) -> None:
    for parent in of_level(cells, level).itertuples():
        children = area_m2(cells.loc[cells["parent_code"] == parent.code, "geometry"].to_numpy())
        assert children.sum() == pytest.approx(area_m2(parent.geometry), rel=1e-9)


def test_sizes_are_those_published(cells: geopandas.GeoDataFrame) -> None:
    size = dict(zip(cells["name"], area_m2(cells.geometry.to_numpy()) / 1e6, strict=True))
    assert size["葵涌街道"] == pytest.approx(103.9, abs=0.3)
    assert size["坝光社区"] == pytest.approx(39, abs=0.5)
    assert max(size[f"{name}社区"] for name in ("葵涌", "葵新", "三溪", "葵丰")) < 6
    assert min(size.values()) > 0.5


def test_coordinates_have_seven_decimals(cells: geopandas.GeoDataFrame) -> None:
    coordinates = shapely.get_coordinates(cells.geometry.to_numpy())
    assert (coordinates == np.round(coordinates, DECIMALS)).all()


def test_places_lie_in_their_cells(cells: geopandas.GeoDataFrame) -> None:
    places = cell_figures().dropna(subset="longitude").set_index("code")
    shapes = cells.set_index("code").geometry.loc[places.index]
    assert shapely.covers(shapes.to_numpy(), shapely.points(places["longitude"], places["latitude"])).all()


def test_borders_wind(cells: geopandas.GeoDataFrame) -> None:
    shapes = to_metric(of_level(cells, "substation").geometry.to_numpy(), METRIC_CRS)
    borders = shapely.line_merge(
        shapely.intersection(shapes[:, None], shapes[None, :])[np.triu_indices(len(shapes), 1)]
    )
    long = [line for line in borders if line.geom_type == "LineString" and line.length > 1500]
    assert len(long) > 15
    straight = [shapely.distance(shapely.get_point(line, 0), shapely.get_point(line, -1)) for line in long]
    assert np.median(shapely.length(long) / straight) > 1.2
    pieces = np.concatenate([np.hypot(*np.diff(shapely.get_coordinates(line), axis=0).T) for line in long])
    assert pieces.max() < 250


def test_a_caller_may_change_what_it_got() -> None:
    mine = sample_cells()
    mine["name"] = "x"
    assert "x" not in set(sample_cells()["name"])
