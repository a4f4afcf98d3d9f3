"""One rule everywhere: the same points get identical cells from the join, the API, PostGIS and shapely itself."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from numpy.typing import NDArray
from sqlalchemy import Engine, text
from starlette.testclient import TestClient

from gisgrid.database import session_scope
from gisgrid.grid.join import join
from gisgrid.grid.layers.store import store_cells
from gisgrid.grid.locate import grid_on
from gisgrid.grid.tables import LEVELS
from gisgrid.sample.cells import sample_cells

CELLS = sample_cells()
CODE_COLUMNS = [f"{level}_code" for level in LEVELS]
LOWEST_COVERING = text(
    """
    SELECT (SELECT min(code) FROM cells WHERE level = :level AND ST_Covers(geometry, ST_Point(x, y, 4326)))
    FROM unnest(CAST(:xs AS float8[]), CAST(:ys AS float8[])) WITH ORDINALITY AS points (x, y, number)
    ORDER BY number
    """
)


def points(count: int) -> NDArray[np.float64]:
    """Points all over, and of the hard ones: vertices, points computed on edges, and their nearest neighbours."""
    chance = np.random.default_rng(22)
    vertices = shapely.get_coordinates(CELLS.geometry)
    share = chance.uniform(size=(len(vertices) - 1, 1))
    on_edges = vertices[:-1] * share + vertices[1:] * (1 - share)
    hard = np.vstack([vertices, on_edges, np.nextafter(vertices, np.inf), np.nextafter(on_edges, -np.inf)])
    west, south, east, north = CELLS.total_bounds
    all_over = chance.uniform((west - 0.01, south - 0.01), (east + 0.01, north + 0.01), (count // 2, 2))
    return np.vstack([all_over, hard[chance.choice(len(hard), count - count // 2)]])


def by_shapely(places: NDArray[np.float64]) -> list[list[str | None]]:
    asked = shapely.points(places)
    found = np.full((len(places), len(LEVELS)), None, dtype=object)
    for column, level in enumerate(LEVELS):
        cells = CELLS[CELLS["level"] == level].sort_values("code", ascending=False)
        for code, shape in zip(cells["code"], cells.geometry, strict=True):
            found[shapely.covers(shape, asked), column] = code
    return found.tolist()


def by_join(places: NDArray[np.float64], engine: Engine, folder: Path) -> list[list[str | None]]:
    pd.DataFrame(places, columns=["lon", "lat"]).to_parquet(folder / "points.parquet")
    with session_scope(engine) as session:
        join(folder / "points.parquet", folder / "joined.parquet", grid_on(session))
    codes = pd.read_parquet(folder / "joined.parquet")[CODE_COLUMNS].astype(object)
    return codes.where(codes.notna(), None).to_numpy().tolist()


def by_api(places: NDArray[np.float64], client: TestClient) -> list[list[str | None]]:
    found = []
    noon = datetime(2026, 11, 22, 4, tzinfo=UTC)
    for start in range(0, len(places), 1000):
        items = [
            {"patroller": "p", "client_id": str(n), "fix_at": (noon + timedelta(seconds=n)).isoformat()}
            | {"longitude": x, "latitude": y}
            for n, (x, y) in enumerate(places[start : start + 1000].tolist(), start)
        ]
        for item in client.post("/api/check-ins", json=items).json():
            assert item["status"] == "stored"
            found.append([item[level] and item[level]["code"] for level in LEVELS])
    return found


def by_postgis(places: NDArray[np.float64], engine: Engine) -> list[list[str | None]]:
    with engine.connect() as connection:
        asked = {"xs": places[:, 0].tolist(), "ys": places[:, 1].tolist()}
        columns = [connection.scalars(LOWEST_COVERING, {**asked, "level": level}).all() for level in LEVELS]
    return [list(row) for row in zip(*columns, strict=True)]


@pytest.mark.parametrize("database_url", ["postgis"], indirect=True)
@pytest.mark.parametrize("count", [6_000, pytest.param(100_000, marks=pytest.mark.long)])
def test_join_api_postgis_and_shapely_agree(count: int, engine: Engine, client: TestClient, tmp_path: Path) -> None:
    with session_scope(engine, write=True) as session:
        store_cells(session, CELLS, name="t", source="t", first_day=date(2026, 1, 1), metric_crs="EPSG:4547")
    places = points(count)
    expected = by_shapely(places)
    assert by_join(places, engine, tmp_path) == expected
    assert by_api(places, client) == expected
    assert by_postgis(places, engine) == expected
    assert any(codes[0] is None for codes in expected)


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_spatialite_stores_the_same_cells(engine: Engine, client: TestClient) -> None:
    with session_scope(engine, write=True) as session:
        store_cells(session, CELLS, name="t", source="t", first_day=date(2026, 1, 1), metric_crs="EPSG:4547")
    places = points(2_000)
    assert by_api(places, client) == by_shapely(places)
