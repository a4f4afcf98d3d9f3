import signal
import subprocess
import sys
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
import shapely
from prcoords import wgs_gcj

from gisgrid.grid import points
from gisgrid.grid.coordinates import Coordinates, NoCoordinates
from gisgrid.grid.join import join
from gisgrid.grid.locate import Grid
from gisgrid.grid.streams.cells import Joined
from tests.grid.builders import nested_squares

ROOT = Path(__file__).parents[2]
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


def test_progress_tells_done_and_expected(tmp_path: Path) -> None:
    pq.write_table(pa.table({"lon": [114.0] * 5, "lat": [22.6] * 5}), tmp_path / "in.parquet", row_group_size=2)
    told: list[tuple[int, int]] = []
    join(tmp_path / "in.parquet", tmp_path / "out.parquet", GRID, progress=lambda *counts: told.append(counts))
    assert told == [(2, 5), (4, 5), (5, 5)]


def test_the_coordinate_system_of_the_file_counts_unless_another_is_named(tmp_path: Path) -> None:
    points = gpd.GeoDataFrame(geometry=[INSIDE], crs="EPSG:4326").to_crs("EPSG:4547")
    points.to_parquet(tmp_path / "in.parquet")
    for crs, expected in ((None, CODES), ("EPSG:4547", CODES), ("EPSG:4326", [None] * 3)):
        join(tmp_path / "in.parquet", tmp_path / "out.parquet", GRID, crs=crs)
        assert list(pq.read_table(tmp_path / "out.parquet").select(COLUMNS).to_pylist()[0].values()) == expected
    again = gpd.read_parquet(tmp_path / "out.parquet")
    assert again.crs == points.crs
    assert again.geometry.equals(points.geometry)


@pytest.mark.parametrize(("name", "rows"), [("in.parquet", 100_000), ("in.csv", 2_000_000)])
def test_a_killed_run_is_continued_by_the_next(tmp_path: Path, name: str, rows: int) -> None:
    table = pa.table({"id": range(rows), "lon": [INSIDE.x, 0.0] * (rows // 2), "lat": [INSIDE.y] * rows})
    if name == "in.csv":
        pacsv.write_csv(table, tmp_path / name)
    else:
        pq.write_table(table, tmp_path / name, row_group_size=100)
    source, target = tmp_path / name, tmp_path / f"out{tmp_path.joinpath(name).suffix}"
    journal = tmp_path / f".part-{target.name}.journal"
    command = (
        "import sys; from pathlib import Path; from tests.grid.test_join import GRID, join;"
        "join(Path(sys.argv[1]), Path(sys.argv[2]), GRID)"
    )
    with subprocess.Popen([sys.executable, "-c", command, source, target], cwd=ROOT) as run:
        while run.poll() is None and (not journal.exists() or len(journal.read_bytes().splitlines()) < 4):
            time.sleep(0.001)
        run.kill()
    assert run.returncode == -signal.SIGKILL
    assert not target.exists()
    counts = join(source, target, GRID)
    assert 0 < counts.continued_from < counts.rows == rows
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([source.name, target.name])
    join(source, tmp_path / f"whole{target.suffix}", GRID)
    assert target.read_bytes() == (tmp_path / f"whole{target.suffix}").read_bytes()


@pytest.mark.long
@pytest.mark.parametrize(("name", "rows"), [("in.parquet", 30_000_000), ("in.csv", 10_000_000)])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, name: str, rows: int) -> None:
    command = (
        "import sys; from pathlib import Path; from tests.grid.test_join import GRID, join;"
        "join(Path(sys.argv[1]), Path(sys.argv[2]), GRID);"
        # unlike getrusage, this does not begin with what the process held that started it
        "print(Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0])"
    )
    held_mb = []
    for count in (100, rows):
        table = pa.table({"lon": np.linspace(0, 200, count), "lat": np.linspace(22.6, 22.7, count)})
        if name == "in.csv":
            pacsv.write_csv(table, tmp_path / name)
        else:
            pq.write_table(table, tmp_path / name, row_group_size=5_000_000)
        argv = [sys.executable, "-c", command, tmp_path / name, tmp_path / f"out{Path(name).suffix}"]
        run = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=True)
        held_mb.append(int(run.stdout) // 1024)
    assert held_mb[1] < held_mb[0] + 120, held_mb
    assert held_mb[1] < 500, held_mb


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
