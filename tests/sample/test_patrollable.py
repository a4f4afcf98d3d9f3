import shapely

from gisgrid.geometry import to_metric
from gisgrid.sample.cells import sample_cells
from gisgrid.sample.figures import METRIC_CRS
from gisgrid.sample.ground import coast
from gisgrid.sample.patrollable import sample_mask, sample_patrollable


def km2(shape: shapely.Geometry) -> float:
    return float(shapely.area(to_metric(shape, METRIC_CRS))) / 1e6


def test_about_a_quarter_of_the_street_is_patrolled() -> None:
    street = sample_cells().geometry.iloc[0]
    assert 0.25 < km2(sample_mask()) / km2(street) < 0.30


def test_the_mask_lies_on_the_street() -> None:
    assert km2(sample_mask().difference(sample_cells().geometry.iloc[0])) < 1e-6


def test_every_substation_has_ground_to_patrol_and_baguang_little() -> None:
    cells, mask = sample_cells().set_index("name"), sample_mask()
    share = {name: km2(shape.intersection(mask)) / km2(shape) for name, shape in cells.geometry.items()}
    assert min(share.values()) > 0.05
    assert share["坝光社区"] < 0.15
    assert share["葵涌社区"] > 0.7


def test_the_shore_is_patrolled() -> None:
    shore = shapely.line_interpolate_point(coast().geoms[0], range(100, 3000, 250))
    assert shapely.distance(shore, to_metric(sample_mask(), METRIC_CRS)).max() < 10


def test_one_marked_row_with_a_valid_shape() -> None:
    layer = sample_patrollable()
    assert layer[["name", "is_illustrative"]].to_dict("records") == [
        {"name": "可巡逻范围(示意)", "is_illustrative": True}
    ]
    assert layer.geometry.iloc[0].geom_type == "MultiPolygon"
    assert layer.geometry.iloc[0].is_valid
