"""Databases of before: what became confidential is marked in them too."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from gisgrid.database import make_engine
from gisgrid.incidents.kinds.stored import starter
from gisgrid.migrations import downgrade, upgrade

BEFORE, CONFIDENTIAL = "2026_11_25_0200", "2026_11_25_0300"
OLD = [code for code in starter().kinds if code < "L09"]
STORE = """
INSERT INTO incidents (client_id, kind, description, reported_at, received_at, longitude, latitude, crs, raw_longitude,
    raw_latitude, geometry)
VALUES (:kind, :kind, '', '2026-11-01', '2026-11-01', 114.5, 22.5, 'EPSG:4326', 114.5, 22.5,
    ST_GeomFromText('POINT(114.5 22.5)', 4326))
"""


@pytest.fixture
def old(new_database_url: str) -> Iterator[Engine]:
    """A database of before, with an incident of each kind that there was."""
    engine = make_engine(new_database_url)
    upgrade(engine, BEFORE)
    with engine.begin() as connection:
        connection.execute(text(STORE), [{"kind": code} for code in OLD])
    yield engine
    engine.dispose()


def test_what_became_confidential_is_marked_there_and_back_again(old: Engine) -> None:
    for _ in range(2):
        upgrade(old, CONFIDENTIAL)
        with old.connect() as connection:
            marked = connection.execute(text("SELECT kind, is_confidential FROM incidents")).all()
        assert {kind: bool(is_confidential) for kind, is_confidential in marked} == {
            code: starter().require(code).is_confidential for code in OLD
        }
        downgrade(old, BEFORE)
