from pathlib import Path

import pytest
import shapely

from tests.grid.own.builders import X, Y, write_geojson
from tests.service import gisgrid

ROAD = shapely.LineString([(X, Y), (X + 0.001, Y)])


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_layers_are_added_listed_and_removed(database_url: str, tmp_path: Path) -> None:
    def run(*words: str) -> str:
        done = gisgrid("layers", *words, home=tmp_path, GISGRID_DATABASE_URL=database_url)
        assert done.returncode == 0, done.stderr
        return done.stdout

    features = [(ROAD, {"路名": "海滨路"}), (None, {"路名": "断头路"})]
    file = write_geojson(tmp_path / "roads.geojson", features, "GB18030")
    said = run("add", "roads", str(file), "--walk", "--title-en", "Streets")
    assert "道路 Streets, line, 1" in said
    assert "路名" in said
    assert "略过 / left out for want of a geometry: 1" in said
    assert run("list") == "roads\t道路 Streets\tline\t1\twalk\troads.geojson\n"
    assert "已删除 / removed: 1" in run("remove", "roads")
    assert run("list") == ""
    failed = gisgrid("layers", "remove", "roads", home=tmp_path, GISGRID_DATABASE_URL=database_url)
    assert (failed.returncode, "NoSuchLayer" in failed.stderr) == (1, True)
