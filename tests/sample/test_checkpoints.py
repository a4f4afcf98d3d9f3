import shapely

from gisgrid.sample.cells import sample_cells
from gisgrid.sample.checkpoints import sample_checkpoints
from gisgrid.sample.patrollable import sample_mask


def test_columns_and_marks() -> None:
    checkpoints = sample_checkpoints()
    assert list(checkpoints.columns) == ["code", "name", "radius_m", "is_illustrative", "geometry"]
    assert 40 <= len(checkpoints) <= 60
    assert checkpoints["code"].is_unique
    assert checkpoints["code"].is_monotonic_increasing
    assert checkpoints["name"].is_unique
    assert checkpoints["is_illustrative"].all()
    assert set(checkpoints["radius_m"]) == {50.0}


def test_all_lie_where_people_patrol() -> None:
    assert shapely.covers(sample_mask(), sample_checkpoints().geometry.to_numpy()).all()


def test_the_code_names_the_substation_and_each_has_one() -> None:
    cells = sample_cells().set_index("code").geometry
    checkpoints = sample_checkpoints()
    owner = checkpoints["code"].str.split("-").str[0]
    assert shapely.covers(cells.loc[owner].to_numpy(), checkpoints.geometry.to_numpy()).all()
    assert owner.nunique() == 22
