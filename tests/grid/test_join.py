from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from prcoords import wgs_gcj

from gisgrid.grid import points
from gisgrid.grid.join import Joined, join
from gisgrid.grid.locate import Grid
from gisgrid.grid.points import Coordinates, NoCoordinates
from tests.grid.builders import nested_squares

GRID = Grid(nested_squares())
INSIDE = GRID.cells[GRID.cells["code"] == "440307009002001"].geometry.iloc[0].representative_point()
CODES = ["440307009", "440307009002", "440307009002001"]
COLUMNS = ["street_code", "community_code", "substation_code"]


def joined(tmp_path: Path, name: str = "out.csv", **options: object) -> pd.DataFrame:
    join(tmp_path / "in.csv", tmp_path / name, GRID, **options)  # type: ignore[arg-type]
    return pd.read_csv(tmp_path / name, dtype=str, keep_default_na=False)


def test_codes_are_added_and_nothing_else_changes(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(f"id,lon,lat\n007,{INSIDE.x},{INSIDE.y}\nfar,0,0\nbad,?,\n")
    counts = join(tmp_path / "in.csv", tmp_path / "out.csv", GRID)
    assert counts == Joined(rows=3, outside=2, without_coordinates=1)
    written = pd.read_csv(tmp_path / "out.csv", dtype=str, keep_default_na=False)
    assert written.values.tolist() == [
        ["007", str(INSIDE.x), str(INSIDE.y), *CODES],
        ["far", "0", "0", "", "", ""],
        ["bad", "?", "", "", "", ""],
    ]
    assert (tmp_path / "out.csv").read_bytes().startswith(b"\xef\xbb\xbf")  # so that Excel reads Chinese


def test_the_coordinate_system_is_heeded(tmp_path: Path) -> None:
    shifted = wgs_gcj((INSIDE.y, INSIDE.x))
    (tmp_path / "in.csv").write_text(f"东,北\n{shifted.lon},{shifted.lat}\n")
    named = Coordinates("东", "北")
    assert joined(tmp_path, coordinates=named, crs="gcj02")[COLUMNS].values.tolist() == [CODES]
    assert joined(tmp_path, coordinates=named, crs="wgs84")[COLUMNS].values.tolist() != [CODES]


def test_joining_again_replaces_the_codes(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(f"lon,lat,street_code\n{INSIDE.x},{INSIDE.y},old\n")
    assert joined(tmp_path).columns.tolist() == ["lon", "lat", *COLUMNS]
    assert joined(tmp_path)["street_code"].tolist() == ["440307009"]


def test_progress_tells_done_and_expected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(points, "SLICE", 2)
    pq.write_table(pa.table({"lon": [114.0] * 5, "lat": [22.6] * 5}), tmp_path / "in.parquet")
    told: list[tuple[int, int]] = []
    join(tmp_path / "in.parquet", tmp_path / "out.parquet", GRID, progress=lambda *counts: told.append(counts))
    assert told == [(2, 5), (4, 5), (5, 5)]


def test_nothing_is_written_when_it_cannot_be_done(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("a,b\n1,2\n")
    with pytest.raises(NoCoordinates):
        join(tmp_path / "in.csv", tmp_path / "out.csv", GRID)
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


@pytest.mark.parametrize("name", ["out.parquet", "out.geojson", "out.gpkg"])
def test_every_format_holds_the_same_codes(tmp_path: Path, name: str) -> None:
    spots = shapely.get_coordinates(
        [GRID.cells.geometry.iloc[n].representative_point() for n in range(len(GRID.cells))]
    )
    pd.DataFrame(spots, columns=["lon", "lat"]).to_csv(tmp_path / "in.csv", index=False)
    expected = joined(tmp_path)[COLUMNS].values.tolist()
    join(tmp_path / "in.csv", tmp_path / name, GRID)
    slices, _ = points.read_slices(tmp_path / name)
    assert np.array_equal(pa.concat_tables(slices).select(COLUMNS).to_pandas().to_numpy(), expected)
