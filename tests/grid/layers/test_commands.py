"""`gisgrid check` and `gisgrid load` as a person types them, on real files and both databases."""

import json
import os
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from click.testing import Result
from sqlalchemy import func, select
from typer.testing import CliRunner

from gisgrid.cli import cli
from gisgrid.errors import GisgridError
from gisgrid.geometry import UnknownCrs
from gisgrid.grid.layers.commands import BadExpectation, CellsVanish, NoFiles
from gisgrid.grid.layers.store import FirstDayNeeded
from gisgrid.grid.tables import Cell, LayerSet, PatrollableArea
from gisgrid.migrations import DatabaseNotReady, open_session
from gisgrid.settings import Settings
from tests.grid.builders import METRIC, changed, nested_squares, only, write_gbk_shapefile, write_levels

CELLS = nested_squares()
COUNTS = "1/3/6"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GISGRID_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(cli, list(arguments))
    if isinstance(result.exception, GisgridError):
        raise result.exception
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result


def check(*arguments: str) -> Result:
    return run("check", "--expect", COUNTS, *arguments)


def faults_of(result: Result) -> list[dict[str, Any]]:
    return [fault for fault in json.loads(result.stdout)["faults"] if not fault["is_note"]]


# --- check ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".shp", ".kml", ".fgb", ".parquet"])
def test_good_files_pass(tmp_path: Path, suffix: str) -> None:
    result = check(*write_levels(CELLS, tmp_path, suffix))
    assert result.exit_code == 0
    assert "合格:街道 1、社区 3、工作分站 6 / acceptable: street 1, community 3, substation 6" in result.output


def test_shapefiles_in_gbk_and_gauss_krueger_pass(tmp_path: Path) -> None:
    paths = [
        write_gbk_shapefile(only(CELLS, level), tmp_path / f"{level}.shp")
        for level in ("street", "community", "substation")
    ]
    result = check(*map(str, paths))
    assert result.exit_code == 0
    for said in ("GB18030", "EPSG:4547", "code = 编码", "guessed from the name"):
        assert said in result.output


def spoiled(kind: str) -> gpd.GeoDataFrame:
    code = "440307009001002"
    bow_tie = shapely.Polygon([(1000, 0), (2000, -1000), (2000, 0), (1000, -1000)])
    made = {
        "overlap": lambda: changed(CELLS, "440307009001", lambda _: shapely.box(0, -1000, 2002, 0)),
        "gap": lambda: CELLS[CELLS["code"] != code],
        "ring": lambda: changed(CELLS, code, lambda _: bow_tie),
        "place": lambda: CELLS.assign(geometry=shapely.transform(CELLS.geometry.to_numpy(), lambda xy: xy[:, ::-1])),
    }
    return made[kind]()


@pytest.mark.parametrize(
    ("kind", "file", "codes", "size"),
    [
        ("overlap", "community.gpkg", ["440307009001", "440307009002"], "2.0"),
        ("gap", "substation.gpkg", ["440307009001001", "440307009002001"], "1000"),
        ("ring", "substation.gpkg", ["440307009001002"], None),
        ("place", "street.gpkg", [], None),
    ],
)
def test_each_fault_names_file_cell_place_size_and_remedy(
    tmp_path: Path, kind: str, file: str, codes: list[str], size: str | None
) -> None:
    result = check(*write_levels(spoiled(kind), tmp_path, ".gpkg"), "--json")
    assert result.exit_code == 1
    fault = next(fault for fault in faults_of(result) if fault["kind"] == kind)
    assert (fault["file"], fault["codes"]) == (file, codes)
    assert fault["longitude"] == pytest.approx(114.02, abs=0.03)
    assert fault["latitude"] == pytest.approx(22.65, abs=0.01)
    assert size is None or fault["width_m"] == pytest.approx(float(size), rel=0.02)
    assert fault["width_m"] or fault["area_m2"] or fault["count"]
    assert all(fault[text] for text in ("zh", "en", "remedy_zh", "remedy_en"))


@pytest.mark.parametrize(
    ("kind", "remedy"),
    [
        ("overlap", "clip one by the other"),
        ("gap", "add the missing cell"),
        ("ring", "correct the order of the vertices"),
        ("place", "swap x and y"),
    ],
)
def test_the_table_says_it_all_to_a_person(tmp_path: Path, kind: str, remedy: str) -> None:
    result = check(*write_levels(spoiled(kind), tmp_path, ".geojson"))
    assert result.exit_code == 1
    for said in ("问题 Faults", "哪里 Where", "多大 Size", "怎么办 Remedy", "不合格", "nothing stored"):
        assert said in result.output
    assert remedy.split(maxsplit=1)[0] in result.output, "the rest may be on the next line of its column"


def test_an_empty_file_and_a_missing_one_are_told_together(tmp_path: Path) -> None:
    Path("empty_street.geojson").touch()
    result = check("empty_street.geojson", "none.shp", "--json")
    assert result.exit_code == 1
    assert [fault["file"] for fault in faults_of(result)][:2] == ["empty_street.geojson", "none.shp"]


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_the_live_database_is_no_layer(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GISGRID_DATABASE_URL", settings.database_url)
    result = check(settings.database_url.removeprefix("sqlite:///"), "--json")
    assert "database in use" in faults_of(result)[0]["en"]


def test_the_map_shows_the_faults(tmp_path: Path) -> None:
    result = check(*write_levels(spoiled("overlap"), tmp_path, ".gpkg"), "--map", "faults.html")
    assert result.exit_code == 1
    page = Path("faults.html").read_text(encoding="utf-8")
    assert "440307009001 社区1 与 440307009002 社区2 重叠" in page


def test_no_map_without_cells() -> None:
    assert "无图可画" in check("none.shp", "--map", "faults.html").output
    assert not Path("faults.html").exists()


def test_text_from_files_is_no_markup(tmp_path: Path) -> None:
    cells = CELLS.replace({"name": {"社区1": "[bold]x[/bold]"}})
    cells = changed(cells, "440307009001", lambda _: shapely.box(0, -1000, 2002, 0))
    result = check(*write_levels(cells, tmp_path, ".gpkg"))
    assert "[bold]x[/bold]" in result.output


def test_repair_says_what_it_moved(tmp_path: Path) -> None:
    cells = changed(CELLS, "440307009001002", lambda _: shapely.box(1000.3, -1000, 2000, 0))
    result = check(*write_levels(cells, tmp_path, ".gpkg"), "--repair", "--json")
    assert result.exit_code == 0
    (change, *_) = json.loads(result.stdout)["changes"]
    assert change["code"] == "440307009001001"
    assert change["largest_move_m"] == pytest.approx(0.3, abs=0.001)
    table = check(*write_levels(cells, tmp_path, ".geojson"), "--repair")
    assert "最大移动 Largest move" in table.output


def test_substations_alone_may_make_a_grid(tmp_path: Path) -> None:
    layer = only(CELLS, "substation").assign(
        社区=lambda frame: frame["parent_code"].map({f"44030700900{number}": f"社区{number}" for number in (1, 2, 3)})
    )
    layer[["name", "社区", "geometry"]].to_file("网格.gpkg")
    result = check("网格.gpkg", "--derive-parents", "--make-codes", "--street-code", "440307009")
    assert result.exit_code == 0
    assert "440307009003002" in result.output
    assert "建议编码 Proposed codes" in result.output


def test_options_reach_the_reading(tmp_path: Path) -> None:
    layers = CELLS.rename(columns={"code": "A", "name": "B", "level": "C", "parent_code": "D"})
    layers.to_crs(METRIC).set_crs(None, allow_override=True).to_parquet("all.parquet")
    fields = ["--code-field", "A", "--name-field", "B", "--level-field", "C", "--parent-field", "D"]
    assert check("all.parquet", "--crs", METRIC, *fields).exit_code == 0
    assert check("all.parquet", *fields).exit_code == 1
    assert check("all.parquet", "--crs", METRIC, *fields, "--tolerance", "0.001").exit_code == 0


def test_a_local_system_has_a_name_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    local = "+proj=tmerc +lat_0=22 +lon_0=114 +k=1 +x_0=0 +y_0=0 +ellps=GRS80 +units=m"
    monkeypatch.setenv("GISGRID_LOCAL_CRS", local)
    CELLS.to_crs(local).set_crs(None, allow_override=True).to_parquet("all.parquet")
    assert check("all.parquet", "--crs", "local").exit_code == 0


@pytest.mark.parametrize("expected", ["1/3", "1/3/x", "1/3/-6", ""])
def test_three_counts_are_expected(expected: str) -> None:
    with pytest.raises(BadExpectation, match="1/9/22"):
        run("check", "a.geojson", "--expect", expected)


def test_an_unknown_system_is_told_once() -> None:
    with pytest.raises(UnknownCrs):
        check("a.geojson", "b.geojson", "--crs", "moon")


@pytest.mark.parametrize("command", ["check", "load"])
def test_files_must_be_named(command: str) -> None:
    with pytest.raises(NoFiles):
        run(command)


# --- load ----------------------------------------------------------------------------------------


@pytest.fixture
def database(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("GISGRID_DATABASE_URL", settings.database_url)
    return settings.database_url


def load(*arguments: str) -> Result:
    return run("load", "--expect", COUNTS, *arguments)


def stored(database: str) -> tuple[int, int, int]:
    """Return how many layer sets, cells and patrollable areas are stored."""
    with open_session(database) as session:
        tables = (LayerSet, Cell, PatrollableArea)
        sets, cells, areas = (session.scalar(select(func.count()).select_from(table)) or 0 for table in tables)
    return sets, cells, areas


def test_an_acceptable_set_is_stored(tmp_path: Path, database: str) -> None:
    result = load(*write_levels(CELLS, tmp_path, ".geojson"), "--name", "第一版")
    assert result.exit_code == 0
    assert "已存入“第一版”,自 2000-01-01 起生效" in result.output
    assert stored(database) == (1, 10, 0)
    with open_session(database) as session:
        layer_set = session.scalars(select(LayerSet)).one()
    assert (layer_set.name, "street.geojson" in layer_set.source) == ("第一版", True)
    assert os.sep not in layer_set.source


def test_nothing_is_stored_of_a_set_with_a_fault(tmp_path: Path, database: str) -> None:
    assert load(*write_levels(spoiled("overlap"), tmp_path, ".geojson")).exit_code == 1
    assert stored(database) == (0, 0, 0)


def test_replacing_asks_for_the_first_day(tmp_path: Path, database: str) -> None:
    paths = write_levels(CELLS, tmp_path, ".gpkg")
    load(*paths)
    with pytest.raises(FirstDayNeeded, match="--first-day"):
        load(*paths)
    assert load(*paths, "--first-day", "2026-12-01").exit_code == 0
    assert stored(database) == (2, 20, 0)


def test_cells_that_vanish_are_shown_and_must_be_meant(tmp_path: Path, database: str) -> None:
    load(*write_levels(CELLS, tmp_path, ".gpkg"))
    renamed = CELLS.replace({"code": {"440307009003002": "440307009003009"}})
    paths = write_levels(renamed, tmp_path, ".fgb")
    with pytest.raises(CellsVanish, match="--yes"):
        load(*paths, "--first-day", "2026-12-01")
    assert stored(database) == (1, 10, 0)
    result = load(*paths, "--first-day", "2026-12-01", "--yes")
    assert "消失的网格 Cells that vanish" in result.output
    assert "440307009003002" in result.output
    assert stored(database) == (2, 20, 0)


def test_a_mask_may_be_loaded_alone_or_with_a_grid(tmp_path: Path, database: str) -> None:
    only(CELLS, "substation").to_file("mask.gpkg")
    assert load("--mask", "mask.gpkg").exit_code == 0
    assert stored(database) == (0, 0, 6)
    result = load(*write_levels(CELLS, tmp_path, ".geojson"), "--mask", "mask.gpkg")
    assert "6 areas" in result.output
    assert stored(database) == (1, 10, 6)


def test_a_bad_mask_is_not_stored(tmp_path: Path, database: str) -> None:
    only(CELLS, "substation").assign(geometry=lambda layer: layer.geometry.representative_point()).to_file("mask.gpkg")
    result = load("--mask", "mask.gpkg")
    assert result.exit_code == 1
    assert stored(database) == (0, 0, 0)


def test_a_database_that_is_not_made_is_told(tmp_path: Path) -> None:
    with pytest.raises(DatabaseNotReady, match="gisgrid init"):
        load(*write_levels(CELLS, tmp_path, ".geojson"))
