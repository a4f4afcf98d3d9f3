"""A file that opens other files, or runs something, is not even looked at."""

import json
from pathlib import Path

import pyogrio
import pytest
from pyogrio.errors import DataSourceError

from gisgrid.grid.layers.drivers import ALLOWED, allowed_drivers
from tests.grid.builders import nested_squares, only


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret.geojson"
    only(nested_squares(), "street").to_file(path)
    return path


def disguised(secret: Path) -> dict[str, str]:
    """Return files that GDAL, left alone, follows to the secret."""
    vrt = f'<OGRVRTLayer name="secret"><SrcDataSource>{secret}</SrcDataSource></OGRVRTLayer>'
    command = f"gdal vector pipeline ! read {secret} ! write --format stream streamed_dataset"
    return {
        "vrt": f"<OGRVRTDataSource>{vrt}</OGRVRTDataSource>",
        "gdalg": json.dumps({"type": "gdal_streamed_alg", "command_line": command}),
    }


@pytest.mark.parametrize("kind", ["vrt", "gdalg"])
def test_a_disguised_file_reads_nothing(kind: str, secret: Path, tmp_path: Path) -> None:
    path = tmp_path / "cells.geojson"
    path.write_text(disguised(secret)[kind])
    assert len(pyogrio.read_dataframe(path)) == 1, "left alone, GDAL follows it: else this test proves nothing"
    with allowed_drivers(), pytest.raises(DataSourceError):
        pyogrio.read_dataframe(path)


def test_only_harmless_drivers_are_left_and_all_come_back() -> None:
    before = pyogrio.list_drivers()
    assert set(before) - ALLOWED
    with allowed_drivers():
        assert set(pyogrio.list_drivers()) <= ALLOWED
        assert {"GeoJSON", "GPKG", "ESRI Shapefile", "FlatGeobuf"} <= set(pyogrio.list_drivers())
    assert pyogrio.list_drivers() == before


def test_drivers_come_back_after_an_error() -> None:
    before = pyogrio.list_drivers()
    with pytest.raises(KeyError), allowed_drivers():
        raise KeyError
    assert pyogrio.list_drivers() == before
