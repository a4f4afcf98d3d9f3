import json
import zipfile
from pathlib import Path

import pytest
import shapely

from gisgrid.grid.layers.fields import Fields
from gisgrid.grid.layers.gather import COLUMNS, Gathered, Reading, gather
from tests.grid.builders import METRIC, nested_squares, only, write_gbk_shapefile, write_levels

CELLS = nested_squares()
READING = Reading(METRIC)


def codes_by_level(gathered: Gathered) -> dict[str, list[str]]:
    return {str(level): sorted(rows["code"]) for level, rows in gathered.cells.groupby("level")}


ALL = codes_by_level(Gathered(CELLS))


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".shp", ".kml", ".fgb", ".parquet"])
def test_one_file_per_level(tmp_path: Path, suffix: str) -> None:
    gathered = gather(write_levels(CELLS, tmp_path, suffix, METRIC), READING)
    assert gathered.faults == []
    assert codes_by_level(gathered) == ALL
    assert tuple(gathered.cells.columns) == COLUMNS
    parents = dict(zip(gathered.cells["code"], gathered.cells["parent_code"], strict=True))
    assert parents == dict(zip(CELLS["code"], CELLS["parent_code"].fillna(""), strict=True))
    assert gathered.cells.crs.to_epsg() == 4326


def test_one_file_with_a_level_field(tmp_path: Path) -> None:
    path = tmp_path / "all.geojson"
    words = {"street": "街道", "community": "2", "substation": "Substation"}
    CELLS.assign(层级=CELLS["level"].map(words)).drop(columns="level").to_file(path)
    gathered = gather([str(path)], READING)
    assert (gathered.faults, codes_by_level(gathered)) == ([], ALL)
    assert gathered.layers[0].fields.level == "层级"
    assert gathered.layers[0].level == "街道 street 1, 社区 community 3, 工作分站 substation 6"


def test_one_file_whose_codes_tell_the_level(tmp_path: Path) -> None:
    path = tmp_path / "all.geojson"
    CELLS.drop(columns="level").to_file(path)
    gathered = gather([str(path)], READING)
    assert codes_by_level(gathered) == ALL
    assert gathered.layers[0].level_from == ("按编码位数推断", "guessed from the length of the codes")


def test_one_geopackage_with_a_layer_per_level(tmp_path: Path) -> None:
    path = tmp_path / "葵涌.gpkg"
    for level, name in (("street", "街道界"), ("community", "社区界"), ("substation", "网格")):
        only(CELLS, level).drop(columns="level").to_file(path, layer=name)
    assert codes_by_level(gather([str(path)], READING)) == ALL


def test_an_archive_of_shapefiles_in_gbk(tmp_path: Path) -> None:
    for level in ALL:
        write_gbk_shapefile(only(CELLS, level), tmp_path / f"{level}.shp")
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for part in tmp_path.glob("*.*"):
            if part.suffix != ".zip":
                archive.write(part, f"图层/{part.name}")
    gathered = gather([str(tmp_path / "all.zip")], READING)
    assert (gathered.faults, codes_by_level(gathered)) == ([], ALL)
    assert "社区1" in gathered.cells["name"].tolist()
    assert {layer.encoding for layer in gathered.layers} == {"GB18030"}


def test_a_level_that_is_named_comes_first(tmp_path: Path) -> None:
    path = tmp_path / "street.geojson"
    only(CELLS, "community").to_file(path)  # its name and its level field speak of other levels
    assert codes_by_level(gather([f"substation={path}"], READING)) == {"substation": ALL["community"]}


def test_a_level_that_is_named_decides_which_fields_are_meant(tmp_path: Path) -> None:
    path = tmp_path / "all.geojson"
    layer = only(CELLS, "substation").rename(columns={"code": "网格编码", "parent_code": "社区编码"})
    layer.to_file(path)
    fields = gather([f"substation={path}"], READING).layers[0].fields
    assert (fields.code, fields.parent) == ("网格编码", "社区编码")


def test_rows_of_unknown_level_are_told(tmp_path: Path) -> None:
    path = tmp_path / "all.geojson"
    only(CELLS, "community").assign(level=["community", "海洋", None]).to_file(path)
    gathered = gather([str(path)], READING)
    (fault,) = gathered.faults
    assert (fault.kind, fault.codes) == ("level", ("440307009002", "440307009003"))
    assert "--level-field" in fault.remedy_en
    assert codes_by_level(gathered) == {"community": ["440307009001"]}


def test_fields_may_be_named(tmp_path: Path) -> None:
    path = tmp_path / "street.geojson"
    only(CELLS, "street").rename(columns={"code": "A", "name": "B"}).to_file(path)
    gathered = gather([str(path)], Reading(METRIC, fields=Fields(code="A", name="B")))
    assert gathered.cells[["code", "name"]].iloc[0].tolist() == ["440307009", "葵涌街道"]


def test_codes_kept_as_numbers_are_whole(tmp_path: Path) -> None:
    path = tmp_path / "substation.gpkg"
    layer = only(CELLS, "substation")
    layer.assign(code=layer["code"].astype(float)).to_file(path)
    assert codes_by_level(gather([str(path)], READING)) == {"substation": ALL["substation"]}


def test_codes_written_with_spaces_or_as_decimals_are_read_and_told(tmp_path: Path) -> None:
    path = tmp_path / "substation.gpkg"
    layer = only(CELLS, "substation")
    layer.assign(code=layer["code"] + ".0", parent_code=layer["parent_code"].str.replace("009", "009 ")).to_file(path)
    gathered = gather([str(path)], READING)
    assert (
        gathered.cells[["code", "parent_code"]].to_numpy().tolist()
        == layer[["code", "parent_code"]].to_numpy().tolist()
    )
    (note,) = gathered.faults
    assert note.is_note
    assert "taken off 6 codes: '440307009001001.0' is read as '440307009001001'" in note.en


def test_files_that_give_no_cell_are_remembered_by_level(tmp_path: Path) -> None:
    points = tmp_path / "community.geojson"
    layer = only(CELLS, "community")
    layer.assign(geometry=layer.geometry.representative_point()).to_file(points)
    assert gather([str(points)], READING).unread == {"community"}
    assert gather(["substation.shp"], READING).unread == {"substation"}
    assert gather(["x.shp"], READING).unread == {"street", "community", "substation"}
    assert gather(write_levels(CELLS, tmp_path, ".gpkg"), READING).unread == set()


def test_what_is_illustrative_stays_so(tmp_path: Path) -> None:
    path = tmp_path / "community.geojson"
    only(CELLS, "community").assign(is_illustrative=[True, False, True], note="示意").to_file(path)
    cells = gather([str(path)], READING).cells
    assert cells["is_illustrative"].tolist() == [True, False, True]
    assert cells["note"].tolist() == ["示意"] * 3


def test_every_file_is_looked_at_whatever_is_wrong_with_the_others(tmp_path: Path) -> None:
    good, *_ = write_levels(only(CELLS, "street"), tmp_path, ".geojson")
    empty = tmp_path / "empty_community.geojson"
    empty.touch()
    nothing = tmp_path / "no_substation.geojson"
    nothing.write_text(json.dumps({"type": "FeatureCollection", "features": []}))
    swapped = tmp_path / "substation.fgb"
    layer = only(CELLS, "substation")
    layer.assign(geometry=shapely.transform(layer.geometry.to_numpy(), lambda xy: xy[:, ::-1])).to_file(swapped)
    gathered = gather([good, str(empty), str(nothing), str(swapped), "nowhere.shp"], READING)
    assert codes_by_level(gathered) == {"street": ["440307009"]}
    told = [(fault.file, fault.kind) for fault in gathered.faults]
    assert told == [
        ("empty_community.geojson", "file"),
        ("no_substation.geojson", "file"),
        ("substation.fgb", "place"),
        ("nowhere.shp", "file"),
    ]


def test_a_file_that_cannot_be_opened_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (path,) = write_levels(only(CELLS, "street"), tmp_path, ".gpkg")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)  # the tests may run as root, who may open everything
    (fault,) = gather([path], READING).faults
    assert fault.en == "the file cannot be opened (Permission denied)"


def test_a_row_that_is_no_polygon_is_a_fault_and_the_rest_is_read(tmp_path: Path) -> None:
    path = tmp_path / "community.geojson"
    layer = only(CELLS, "community")
    layer.loc[1, "geometry"] = layer.geometry[1].representative_point()
    layer.to_file(path)
    gathered = gather([str(path)], READING)
    assert [(fault.kind, fault.codes) for fault in gathered.faults] == [("geometry", ("440307009002",))]
    assert codes_by_level(gathered) == {"community": ["440307009001", "440307009003"]}


def test_an_override_is_shown_beside_what_was_declared(tmp_path: Path) -> None:
    (path,) = write_levels(only(CELLS, "street"), tmp_path, ".gpkg")
    assert gather([path], Reading(METRIC, crs="gcj02")).layers[0].crs == "gcj02 (--crs; EPSG:4326)"
