from datetime import UTC, datetime

import geopandas as gpd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from sqlalchemy import Engine, update

from gisgrid.database import session_scope
from gisgrid.patrols.checkpoints import checkpoints_frame, store_checkpoints
from gisgrid.patrols.tables import Checkpoint


def a_frame() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"code": ["C2", "C1"], "name": ["村口", "码头"], "radius_m": [50, 30], "is_illustrative": [False, True]},
        geometry=shapely.points([[114.45, 22.65], [114.4, 22.6]]),
        crs="EPSG:4326",
    )


def as_stored(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return what comes back: nobody has to stay there, and no code is asked for."""
    return frame.iloc[::-1].reset_index(drop=True).assign(dwell_s=0.0, needs_code=False)[ALL]


ALL = ["code", "name", "radius_m", "is_illustrative", "dwell_s", "needs_code", "geometry"]


def stored(engine: Engine, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    with session_scope(engine, write=True) as session:
        assert store_checkpoints(session, frame) == len(frame)
    with session_scope(engine) as session:
        return checkpoints_frame(session)


def test_they_come_back_by_code(engine: Engine) -> None:
    frame = stored(engine, a_frame())
    assert_geodataframe_equal(frame, as_stored(a_frame()), check_dtype=False)
    assert frame.dtypes.astype(str).to_dict()["radius_m"] == "float64"


def test_a_known_one_takes_what_is_new(engine: Engine) -> None:
    stored(engine, a_frame())
    moved = a_frame().iloc[[1]].assign(name="新码头", radius_m=80.5, geometry=[shapely.Point(114.5, 22.5)])
    frame = stored(engine, moved.set_crs("EPSG:4326"))
    first = frame.iloc[0]
    assert frame["code"].tolist() == ["C1", "C2"]
    assert (first["name"], first["radius_m"], first.geometry.coords[0]) == ("新码头", 80.5, (114.5, 22.5))


def test_none(engine: Engine) -> None:
    frame = stored(engine, a_frame().iloc[:0])
    assert (len(frame), frame.crs) == (0, "EPSG:4326")
    assert list(frame.columns) == ALL


@pytest.mark.parametrize("place", [(114.123456789012345, 22.987654321098765), (-180.0, 90.0)])
def test_places_keep_every_digit(engine: Engine, place: tuple[float, float]) -> None:
    frame = stored(engine, a_frame().iloc[[0]].assign(geometry=[shapely.Point(place)]).set_crs("EPSG:4326"))
    assert frame.geometry.iloc[0].coords[0] == place


def test_what_is_retired_stands_no_more(engine: Engine) -> None:
    stored(engine, a_frame())
    with session_scope(engine, write=True) as session:
        session.execute(update(Checkpoint).where(Checkpoint.code == "C2").values(retired_at=datetime.now(UTC)))
    with session_scope(engine) as session:
        assert checkpoints_frame(session)["code"].tolist() == ["C1"]
