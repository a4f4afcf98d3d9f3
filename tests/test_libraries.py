"""Native libraries that carry their own GEOS, PROJ and GDAL live in one process with SpatiaLite."""

import subprocess
import sys
from pathlib import Path

OPENS_FIRST = """
import sys
from gisgrid.database import make_engine, make_file

engine = make_engine(f"sqlite:///{sys.argv[1]}/first.sqlite")
make_file(engine)
with engine.connect() as connection:
    connection.exec_driver_sql("SELECT geos_version(), proj_version()").all()
import geopandas
import shapely

squares = geopandas.GeoDataFrame(geometry=[shapely.box(114.0, 22.0, 114.001, 22.001)], crs=4326)
squares.to_file(f"{sys.argv[1]}/squares.gpkg")
print(round(geopandas.read_file(f"{sys.argv[1]}/squares.gpkg").to_crs(4547).area.sum()))
"""


def test_libraries_first_used_after_the_database_was_opened_keep_their_own_geos(tmp_path: Path) -> None:
    command = [sys.executable, "-c", OPENS_FIRST, str(tmp_path)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    # a thousandth of a degree either way at 22° N is 103.2 m × 110.8 m
    assert (ran.returncode, ran.stdout) == (0, "11434\n"), ran.stderr
