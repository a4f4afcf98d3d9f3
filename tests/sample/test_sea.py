import shapely

from gisgrid.geometry import to_metric
from gisgrid.sample.figures import METRIC_CRS
from gisgrid.sample.ground import coast, ground
from gisgrid.sample.sea import SIMPLER_M, UNDER_M, sample_sea


def sea_in_metres() -> shapely.Geometry:
    return to_metric(shapely.union_all(sample_sea().geometry.to_numpy()), METRIC_CRS)


def test_two_bays_wash_the_coast_and_leave_the_ground_dry() -> None:
    bays, sea = sample_sea(), sea_in_metres()
    assert bays["name"].tolist() == ["大鹏湾(示意)", "大亚湾(示意)"]
    assert bays.geometry.is_valid.all()
    assert shapely.area(shapely.intersection(sea, shapely.buffer(ground(), -UNDER_M - SIMPLER_M))) == 0
    assert all(shapely.distance(part, sea) == 0 for part in shapely.get_parts(coast()))


def test_behind_the_borders_on_land_there_is_land() -> None:
    """North of the middle of the street and south of it, as far from the ends of the coast as can be."""
    sea, (west, south, east, north) = sea_in_metres(), ground().bounds
    middle = (west + east) / 2
    for y in (north + 300, south - 3000):
        assert not shapely.intersects(sea, shapely.Point(middle + 3000, y))
