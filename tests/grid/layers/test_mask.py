from pathlib import Path

import pytest
import shapely
from sqlalchemy import Engine, select

from gisgrid.database import session_scope
from gisgrid.grid.layers.gather import Reading
from gisgrid.grid.layers.mask import read_mask, store_mask
from gisgrid.grid.locate import patrollable_mask
from gisgrid.grid.tables import PatrollableArea
from tests.grid.builders import METRIC, nested_squares, only

GROUND = only(nested_squares(), "substation")[["name", "is_illustrative", "geometry"]]
READING = Reading(METRIC)


@pytest.mark.parametrize("suffix", [".geojson", ".shp", ".gpkg"])
def test_a_mask_is_read_like_cells(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"mask{suffix}"
    GROUND.rename(columns={"name": "名称", "is_illustrative": "is_illus"}).to_crs(METRIC).to_file(path)
    mask, faults = read_mask([str(path)], READING, 0.5)
    assert faults == []
    assert mask["name"].tolist() == GROUND["name"].tolist()
    assert shapely.hausdorff_distance(mask.geometry.to_numpy(), GROUND.geometry.to_numpy()).max() < 1e-8


def test_what_is_no_valid_area_is_told(tmp_path: Path) -> None:
    west, south, east, north = GROUND.geometry[0].bounds
    bow_tie = shapely.Polygon([(west, south), (east, north), (east, south), (west, north)])
    path = tmp_path / "mask.gpkg"
    GROUND.assign(geometry=[GROUND.geometry[0].representative_point(), bow_tie, *GROUND.geometry[2:]]).to_file(path)
    mask, faults = read_mask([str(path)], READING, 0.5)
    assert [(fault.kind, fault.codes, fault.file) for fault in faults] == [
        ("geometry", ("#1",), "mask.gpkg"),
        ("ring", ("#2",), "mask.gpkg"),
    ]
    assert len(mask) == 5


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    mask, (fault,) = read_mask([str(tmp_path / "none.shp")], READING, 0.5)
    assert fault.kind == "file"
    assert mask.empty


def test_a_new_mask_takes_the_place_of_the_former(engine: Engine) -> None:
    for ground in (GROUND, GROUND.iloc[:2].assign(is_illustrative=True)):
        with session_scope(engine, write=True) as session:
            assert store_mask(session, ground) == len(ground)
    with session_scope(engine) as session:
        rows = session.scalars(select(PatrollableArea)).all()
        whole = patrollable_mask(session)
    assert [(row.name, row.is_illustrative) for row in rows] == [("分站1-1", True), ("分站1-2", True)]
    assert whole is not None
    assert whole.equals(shapely.union_all(GROUND.geometry[:2].to_numpy()))
