"""Publications over HTTP."""

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from gisgrid.database import session_scope
from gisgrid.settings import Settings
from tests.laid import COMMUNITY, STREET, SUBSTATION, lay
from tests.notices.builders import an_endpoint, kept
from tests.staff.callers import key

PATH = "/api/publications"
GOOD = {"title": "台风", "words": "巡查海岸\n20 时前", "cell": COMMUNITY, "must_confirm": True}


@pytest.fixture
def ground(engine: Engine, client: TestClient) -> Engine:
    lay(engine)
    return engine


def bearer(engine: Engine, role: str, cell: str | None, name: str) -> dict[str, str]:
    with session_scope(engine, write=True) as session:
        return {"Authorization": f"Bearer {key(session, (role, cell), name=name).words}"}


def test_from_publishing_to_the_last_receipt(ground: Engine, client: TestClient, settings: Settings) -> None:
    for name, cell in (("street", STREET), ("here", COMMUNITY), ("beside", "440307009003"), ("all", None)):
        an_endpoint(ground, settings, f"https://{name}.example/", name, cell_code=cell)
    leader = bearer(ground, "community_leader", COMMUNITY, "leader")
    cadre = bearer(ground, "cadre", SUBSTATION, "cadre")
    walker = bearer(ground, "patroller", SUBSTATION, "walker")
    made = client.post(PATH, json=GOOD, headers=leader)
    assert (made.status_code, made.json()["published_by"], made.json()["cell"]) == (201, "leader", COMMUNITY)
    number = made.json()["id"]
    hear = [each.address for each in kept(ground)]
    assert hear == ["https://street.example/", "https://here.example/", "https://all.example/"]

    listed = client.get(PATH, headers=cadre).json()
    assert (listed["unread"], listed["publications"][0]["words"]) == (1, GOOD["words"])
    assert client.get(PATH, headers=leader).json()["unread"] == 0
    seen = client.post(f"{PATH}/{number}/seen", headers=cadre).json()
    assert [(each["is_unread"], each["seen_at"] is None) for each in seen["publications"]] == [(True, False)]
    assert client.post(f"{PATH}/{number}/confirm", headers=cadre).json()["publications"] == []

    receipts = client.get(f"{PATH}/{number}/receipts", headers=leader).json()
    told = [(each["name"], each["seen_at"] is None, each["confirmed_at"] is None) for each in receipts["receipts"]]
    assert told == [("walker", True, True), ("cadre", False, False)]
    assert (receipts["publication"]["seen"], receipts["publication"]["confirmed"]) == (1, 1)
    assert client.post(f"{PATH}/{number}/withdraw", headers=leader).json()["withdrawn_at"] is not None
    assert client.get(PATH, headers=walker).json()["publications"] == []
    assert client.get(f"{PATH}/published", headers=leader).json()["numberMatched"] == 1


def test_who_may_what(ground: Engine, client: TestClient) -> None:
    street = bearer(ground, "street_leader", None, "street")
    number = client.post(PATH, json={**GOOD, "cell": None}, headers=street).json()["id"]
    leader = bearer(ground, "community_leader", COMMUNITY, "leader")
    cadre = bearer(ground, "cadre", COMMUNITY, "cadre")
    assert client.get(PATH, headers=leader).json()["unread"] == 1, "it is for them"
    for act in ("receipts", "withdraw"):
        method = "GET" if act == "receipts" else "POST"
        for headers, status in ((leader, 404), (cadre, 403), (street, 200)):
            assert client.request(method, f"{PATH}/{number}/{act}", headers=headers).status_code == status
    assert client.get(f"{PATH}/published", headers=leader).json()["publications"] == []
    assert client.post(PATH, json=GOOD, headers=cadre).status_code == 403
    assert client.post(PATH, json={**GOOD, "cell": STREET}, headers=leader).json()["code"] == "NotYourCell"


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
@pytest.mark.parametrize(
    "change",
    [{"title": ""}, {"title": "x\ny"}, {"words": ""}, {"words": "\0"}, {"must_confirm": 1}, {"ends_at": "2030-01-01"},
     {"ends_at": "2020-01-01T00:00:00Z"}, {"role": "king"}, {"more": 1}],
)  # fmt: skip
def test_what_is_refused(ground: Engine, client: TestClient, change: dict[str, object]) -> None:
    assert client.post(PATH, json={**GOOD, **change}).status_code == 422
