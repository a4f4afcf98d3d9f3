"""`gisgrid locate` and `gisgrid join`, as they are typed."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner, Result

from gisgrid.cli import cli
from gisgrid.database import session_scope
from gisgrid.grid.join import SameFile
from gisgrid.grid.layers.store import store_cells
from gisgrid.grid.place import NotOnEarth
from gisgrid.grid.points import NoSuchFolder
from tests.grid.builders import METRIC, nested_squares

CELLS = nested_squares()

pytestmark = pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)


@pytest.fixture(autouse=True)
def _loaded(engine: Engine, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GISGRID_DATABASE_URL", database_url)
    with session_scope(engine, write=True) as session:
        store_cells(session, CELLS, name="t", source="t", first_day=date(2026, 1, 1), metric_crs=METRIC)


def locate(*typed: str) -> Result:
    return CliRunner().invoke(cli, ["locate", *typed])


def test_a_point_is_named_and_one_outside_is_told() -> None:
    spot = CELLS[CELLS.code == "440307009002001"].geometry.iloc[0].representative_point()
    found = locate(str(spot.x), str(spot.y))
    assert (found.exit_code, "440307009002001" in found.stdout) == (0, True)
    outside = locate("-1", "-1")
    assert (outside.exit_code, outside.stdout.count("网格之外")) == (1, 3)


@pytest.mark.parametrize(
    "typed", [("22.6379", "114.4157"), ("nan", "1"), ("1", "inf"), ("1", "1e999", "--crs", "EPSG:4547")]
)
def test_what_is_no_place_on_earth_is_told_as_over_http(typed: tuple[str, ...]) -> None:
    refused = locate(*typed)
    assert isinstance(refused.exception, NotOnEarth)
    assert "先经度后纬度" in str(refused.exception)


def join(source: Path, target: Path) -> Result:
    return CliRunner().invoke(cli, ["join", str(source), str(target)])


@pytest.mark.parametrize(
    ("encoding", "name", "told"),
    [
        ("gb18030", "结果.csv", "编码:原文件 GB18030,结果 GB18030 / encoding: GB18030 read, GB18030 written"),
        ("gb18030", "结果.tsv", "编码:原文件 GB18030,结果 UTF-8 / encoding: GB18030 read, UTF-8 written"),
        ("utf-8", "结果.csv", None),
        ("gb18030", "结果.parquet", None),
    ],
)
def test_the_encoding_is_told_where_it_matters(tmp_path: Path, encoding: str, name: str, told: str | None) -> None:
    (tmp_path / "点.csv").write_text("地点,经度,纬度\n码头,1,1\n街口,2,2\n", encoding=encoding)
    done = join(tmp_path / "点.csv", tmp_path / name)
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert [line for line in lines if "编码" in line] == ([told] if told else [])
    written = {"结果.csv": encoding, "结果.tsv": "utf-8-sig"}.get(name)
    assert written is None or "码头" in (tmp_path / name).read_text(encoding=written)
    assert "2 行 rows" in done.stderr
    assert "?" not in done.stderr


def test_a_file_never_replaces_its_source_and_no_folder_is_made(tmp_path: Path) -> None:
    source = tmp_path / "p.csv"
    source.write_text("lon,lat\n1,1\n")
    (tmp_path / "other.csv").symlink_to(source)
    for name in ("p.csv", "other.csv"):
        assert isinstance(join(source, tmp_path / name).exception, SameFile)
    assert isinstance(join(source, tmp_path / "nope" / "x.csv").exception, NoSuchFolder)
    assert source.read_text() == "lon,lat\n1,1\n"
    assert sorted(path.name for path in tmp_path.glob("*.csv")) == ["other.csv", "p.csv"]
