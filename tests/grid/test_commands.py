"""`gisgrid locate`, as it is typed."""

from datetime import date

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner, Result

from gisgrid.cli import cli
from gisgrid.database import session_scope
from gisgrid.grid.layers.store import store_cells
from gisgrid.grid.place import NotOnEarth
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
