import pytest
from starlette.testclient import TestClient

from gisgrid.app import create_app
from gisgrid.migrations import DatabaseNotReady
from gisgrid.settings import Settings


def test_an_application_over_no_database_says_what_to_do(tmp_path: object) -> None:
    with pytest.raises(DatabaseNotReady, match="gisgrid init"):
        create_app(Settings(home=tmp_path))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "NotFound"),
        ("DELETE", "/api/check-ins", 405, "MethodNotAllowed"),
        ("GET", "/api/coverage?level=zone", 422, "BadInput"),
        ("GET", "/api/grid/cells", 404, "NoGrid"),
    ],
)
def test_every_mistake_has_the_same_body(client: TestClient, method: str, path: str, status: int, code: str) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, answer.json()["code"], set(answer.json())) == (status, code, {"code", "description"})
    assert " / " in answer.json()["description"]


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz"])
def test_whoever_only_knocks_is_answered(client: TestClient, path: str) -> None:
    assert client.head(path).status_code == 200


def test_answers_of_some_length_are_compressed(client: TestClient) -> None:
    assert client.get("/openapi.json").headers["content-encoding"] == "gzip"
    assert "content-encoding" not in client.get("/healthz").headers


def test_every_route_is_described_and_the_description_names_no_other_host(client: TestClient) -> None:
    described = client.get("/openapi.json").json()["paths"]
    assert {"/api/grid/locate", "/api/check-ins", "/api/incidents", "/api/coverage"} <= set(described)
    assert "https://" not in client.get("/docs").text
