"""Anything by what it is called, and nothing that is not for whoever asks."""

from datetime import UTC, datetime
from typing import Any

import pytest
import shapely
from sqlalchemy import Engine, select
from starlette.testclient import TestClient

from gisgrid.database import session_scope
from gisgrid.incidents.report import Report, report
from gisgrid.incidents.tables import Incident
from gisgrid.patrols.tables import Checkpoint
from gisgrid.settings import Settings
from gisgrid.staff.tokens import issue
from tests.grid.own.builders import X, Y, put, put_addresses
from tests.laid import COMMUNITY, ELSEWHERE, SPOT, STREET, SUBSTATION, lay
from tests.rows import point
from tests.staff.callers import key, person
from tests.test_access import bearer

NOW = datetime.now(UTC).replace(microsecond=0)
spatialite = pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)


@pytest.fixture
def town(engine: Engine, client: TestClient) -> TestClient:
    """A grid with addresses, a road, checkpoints, people and incidents, here and elsewhere."""
    lay(engine)
    put_addresses(engine, "葵涌街道海滨路12号", "葵涌街道海滨路１２１号", "葵涌街道海滨路2号A座")
    road = [shapely.LineString([(X + at, Y), (X + at + 0.001, Y)]) for at in (0, 0.001)]
    put(engine, "roads", road, ["海滨路", "海滨路"])
    with session_scope(engine, write=True) as session:
        for name, (x, y) in {"here": SPOT, "there": ELSEWHERE}.items():
            session.add(Checkpoint(code=f"P-{name}", name=f"码头 {name}", radius_m=30, geometry=point(x, y)))
            sent = Report("E0102", NOW, NOW, x, y, "", client_id=name)
            report(session, [sent], Settings().zone)
        person(session, ("patroller", SUBSTATION), ("cadre", STREET), name="zhangsan", full_name="张 三")
        person(session, ("patroller", "440307009003002"), name="zhangwu", full_name="张五")
        person(session, ("patroller", SUBSTATION), name="zhangliu", full_name="张六", is_active=False)
        person(session, ("street_leader", None), name="zhangda", full_name="张大")
    return client


def found(client: TestClient, q: str, words: str = "", **asked: Any) -> dict[str, list[dict[str, Any]]]:
    headers = bearer(words) if words else {}
    answer = client.get("/api/search", params={"q": q, **asked}, headers=headers)
    assert answer.status_code == 200, answer.text
    return {group["kind"]: group["hits"] for group in answer.json()["groups"]}


def names(hits: list[dict[str, Any]]) -> list[str]:
    return [hit["name"] for hit in hits]


def words_of(engine: Engine, *roles: tuple[str, str | None]) -> str:
    with session_scope(engine, write=True) as session:
        return key(session, *roles).words


@pytest.mark.parametrize(
    ("q", "refs"),
    [
        (COMMUNITY, [COMMUNITY, f"{COMMUNITY}001", f"{COMMUNITY}002"]),
        ("社区 ２", [COMMUNITY]),
        ("分站2-", [SUBSTATION, f"{COMMUNITY}002"]),
        ("葵涌", [STREET]),
    ],
)
@spatialite
def test_cells_by_code_and_name(town: TestClient, q: str, refs: list[str]) -> None:
    cells = found(town, q)["cells"]
    assert [cell["ref"] for cell in cells] == refs
    assert all(cell["kind"] == "cell" and cell["bbox"] for cell in cells)


@spatialite
def test_a_cell_says_what_it_is_and_of_what(town: TestClient) -> None:
    (cell,) = found(town, SUBSTATION)["cells"]
    assert (cell["note_zh"], cell["note_en"], cell["where"]) == ("工作分站", "substation", ["葵涌街道", "社区2"])


@pytest.mark.parametrize(
    ("q", "first"),
    [
        ("海滨路12", ["葵涌街道海滨路12号", "葵涌街道海滨路１２１号"]),
        ("海滨路 12 号", ["葵涌街道海滨路12号"]),
        ("１２１号", ["葵涌街道海滨路１２１号"]),
        ("2号a座", ["葵涌街道海滨路2号A座"]),
        ("海滨路", ["海滨路", "葵涌街道海滨路12号", "葵涌街道海滨路１２１号", "葵涌街道海滨路2号A座"]),
        ("P-here", ["码头 here"]),
        ("码头", ["码头 here", "码头 there"]),
    ],
)
def test_places_by_name_and_door_number(town: TestClient, q: str, first: list[str]) -> None:
    assert names(found(town, q)["places"]) == first


@pytest.mark.parametrize("q", ["{0},{1}", "{1}, {0}", "{0}，{1}", "{0};{1}"])
@spatialite
def test_a_place_by_its_coordinates(town: TestClient, q: str) -> None:
    (place,) = found(town, q.format(*SPOT))["places"]
    assert (place["kind"], place["point"]) == ("place", list(SPOT))
    assert place["where"] == ["葵涌街道", "社区2", "分站2-1"]


@pytest.mark.parametrize("q", ["%", "181,22", "114.4,95,1", "200,95", "_", "\\", "/", "海滨路%号", "zq", "\x00", " "])
def test_nothing_is_found_of_what_is_not_there(town: TestClient, q: str) -> None:
    assert found(town, q) == {}


def test_parts_of_one_road_are_one_place(town: TestClient) -> None:
    (road,) = found(town, "海滨路", limit=1)["places"]
    assert (road["name"], road["note_zh"], road["note_en"]) == ("海滨路", "道路", "Roads")
    assert road["bbox"] == pytest.approx([X, Y, X + 0.002, Y], abs=1e-6)
    assert road["where"] == ["葵涌街道", "社区2", "分站2-1"]
    (group,) = town.get("/api/search", params={"q": "海滨路", "limit": 1}).json()["groups"]
    assert group["is_more"]


def test_people_by_name_for_who_sees_tracks_in_their_cells(town: TestClient, engine: Engine) -> None:
    for roles, whom in [
        ([("street_leader", STREET)], {"zhangsan", "zhangwu", "zhangda"}),
        ([("cadre", COMMUNITY)], {"zhangsan"}),
        ([("cadre", "440307009003")], {"zhangwu"}),
        ([("administrator", None)], {"zhangsan", "zhangwu", "zhangda"}),
        ([("administrator", "440307009003")], {"zhangwu"}),
        ([("patroller", SUBSTATION)], set()),
        ([("cadre", COMMUNITY), ("liaison", STREET)], {"zhangsan"}),
    ]:
        hits = found(town, "张", words_of(engine, *roles)).get("people", [])
        assert {hit["ref"] for hit in hits} == whom, roles
        assert all(hit["point"] is None and hit["bbox"] is None for hit in hits)


def test_of_somebody_the_cells_are_told_that_one_answers_for(town: TestClient, engine: Engine) -> None:
    words = words_of(engine, ("cadre", COMMUNITY))
    (hit,) = found(town, "张三", words)["people"]
    assert (hit["name"], hit["where"]) == ("张 三", ["分站2-1"])
    (same,) = found(town, "ZHANG SAN", words)["people"]
    assert same == hit


def test_incidents_by_their_number_or_its_end(town: TestClient, engine: Engine) -> None:
    with session_scope(engine) as session:
        numbers = dict(session.execute(select(Incident.client_id, Incident.number)).all())
    everybody = words_of(engine, ("street_leader", STREET))
    here = words_of(engine, ("cadre", COMMUNITY))
    whole = numbers["here"]
    for q in (whole, whole.replace("-", ""), f"#{whole[-10:]}", f" {whole[:9]} {whole[9:]}"):
        assert names(found(town, q, everybody)["incidents"]) == [whole], q
        assert names(found(town, q, here)["incidents"]) == [whole], q
    assert set(names(found(town, "0001", everybody)["incidents"])) == set(numbers.values())
    assert names(found(town, "0001", here)["incidents"]) == [whole]
    assert "incidents" not in found(town, numbers["there"], here)
    assert "incidents" not in found(town, "0001", words_of(engine, ("administrator", None)))
    assert "incidents" not in found(town, "0001", words_of(engine, ("liaison", STREET)))
    (hit,) = found(town, whole, here)["incidents"]
    assert hit["point"] == pytest.approx(SPOT)
    assert hit["where"] == ["葵涌街道", "社区2", "分站2-1"]
    assert " · " in hit["note_zh"]


@spatialite
def test_whoever_is_no_person_finds_the_ground_alone(town: TestClient, engine: Engine) -> None:
    with session_scope(engine, write=True) as session:
        board = issue(session, "board", cell_code=STREET, name="大厅").words
        phone = issue(session, "device", cell_code=COMMUNITY, name="1 号机").words
    for q in ("张", "码头", "0001"):
        assert found(town, q, board) == {}
    assert names(found(town, "码头", phone)["places"]) == ["码头 here"]
    assert found(town, "0001", phone) == {}
    assert names(found(town, "海滨路12号", board)["places"]) == ["葵涌街道海滨路12号"]


@spatialite
def test_without_a_grid_it_is_told_what_to_do(client: TestClient) -> None:
    answer = client.get("/api/search", params={"q": "a"})
    assert (answer.status_code, answer.json()["code"]) == (404, "NoGrid")
    assert client.get("/api/search").status_code == 422
