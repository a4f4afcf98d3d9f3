import pytest
from starlette.testclient import TestClient

from gisgrid.database import make_engine, session_scope
from gisgrid.settings import Settings
from gisgrid.staff.offices import departments


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_the_departments_are_listed_as_the_office_calls_them(client: TestClient, settings: Settings) -> None:
    engine = make_engine(settings.database_url)
    with session_scope(engine) as session:
        known = [{"code": each.code, "zh": each.zh, "en": each.en} for each in departments(session)]
    engine.dispose()
    assert client.get("/api/departments").json() == known
    assert len(known) > 1
