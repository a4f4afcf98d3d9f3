import pytest
from starlette.testclient import TestClient

from tests.postgis import Cluster


def test_both_answer_on_a_sound_database(client: TestClient) -> None:
    for path in ("/healthz", "/readyz"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("database_url", ["postgis"], indirect=True)
def test_without_its_database_it_lives_but_is_not_ready_and_recovers(
    client: TestClient, postgis: Cluster, database_url: str
) -> None:
    name = database_url.rpartition("/")[2]
    postgis.sql(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false")
    postgis.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    try:
        assert client.get("/healthz").status_code == 200
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()["code"]) == (503, "DatabaseUnreachable")
        assert name not in answer.text  # the driver's words hold the address
    finally:
        postgis.sql(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true")
    assert client.get("/readyz").status_code == 200


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_healthz_opens_no_connection(client: TestClient) -> None:
    pool = client.app.state.engine.pool  # type: ignore[attr-defined]
    before = pool.checkedin(), pool.checkedout()
    pool.dispose()
    client.get("/healthz")
    assert (pool.checkedin(), pool.checkedout()) == (0, 0) != before
