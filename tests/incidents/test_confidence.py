"""Who sees what of incidents that are confidential, and of complaints; through the app, on both databases."""

from typing import Any

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from gisgrid.database import session_scope
from gisgrid.staff.roles import BOARD, DEVICE
from gisgrid.staff.tokens import issue
from tests.incidents.conftest import Hire
from tests.incidents.desk import URL, Staff, a_report
from tests.laid import COMMUNITY, ELSEWHERE, OUTSIDE, SPOT, STREET, SUBSTATION

NEXT_DOOR = "440307009003"
POLICE = {"department": "police"}
ABOUT_IT = {"kind": "L1201", "complained_cell": COMMUNITY}
HAPPENED: dict[str, dict[str, Any]] = {
    "ordinary": {},
    "secret": {"kind": "L1001"},
    "about the community": ABOUT_IT,
    "about the police": {"kind": "L1202", "complained_department": "police"},
    "secret about the community": {**ABOUT_IT, "kind": "L0301"},
    "elsewhere": {"longitude": ELSEWHERE[0], "latitude": ELSEWHERE[1]},
    "outside": {"longitude": OUTSIDE[0], "latitude": OUTSIDE[1]},
}
ORDINARY = {"ordinary", "about the community", "about the police", "elsewhere", "outside"}
SEES = [
    ([("street_leader", STREET)], {}, ORDINARY),
    ([("street_leader", None)], {}, ORDINARY),
    ([("supervision", STREET)], {}, ORDINARY),
    ([("community_leader", COMMUNITY)], {}, {"ordinary", "about the police"}),
    ([("cadre", SUBSTATION)], {}, {"ordinary", "about the police"}),
    ([("patroller", SUBSTATION)], {}, {"ordinary", "about the police"}),
    ([("community_leader", NEXT_DOOR)], {}, {"elsewhere"}),
    ([("department_staff", STREET)], POLICE, ORDINARY - {"about the police"}),
    ([("department_staff", STREET)], {"department": "fire"}, ORDINARY),
    ([("confidential_handler", SUBSTATION)], {}, {"secret"}),
    ([("confidential_handler", NEXT_DOOR)], {}, set()),
    ([("confidential_handler", STREET), ("supervision", STREET)], {}, set(HAPPENED)),
    ([("confidential_handler", COMMUNITY), ("cadre", COMMUNITY)], {}, {"ordinary", "about the police", "secret"}),
]


@pytest.fixture
def desk(hire: Hire) -> Staff:
    """Somebody who reports whatever happens."""
    return hire(("cadre", NEXT_DOOR))


@pytest.fixture
def happened(desk: Staff) -> dict[str, int]:
    """The numbers of incidents of every sort, by their client_id."""
    return {name: desk.report(client_id=name, **changes) for name, changes in HAPPENED.items()}


def test_each_sees_what_is_theirs_and_nothing_tells_of_the_rest(hire: Hire, happened: dict[str, int]) -> None:
    for roles, department, sees in SEES:
        staff = hire(*roles, **department)
        told, (_, nothing) = (roles, department), staff.ask("GET", "/999999")
        assert set(staff.seen()) == sees, told
        near = {name for name in sees if name not in ("elsewhere", "outside")}
        box = f"{SPOT[0] - 1e-4},{SPOT[1] - 1e-4},{SPOT[0] + 1e-4},{SPOT[1] + 1e-4}"
        assert set(staff.seen(bbox=box)) == set(staff.seen(cell=SUBSTATION)) == near, told
        assert staff.seen(kind="L1001") == [name for name in ("secret",) if name in sees], told
        assert set(staff.seen(datetime="2026-11-01")) == sees, told
        for name, number in happened.items():
            status, answer = staff.ask("GET", f"/{number}")
            assert status == (200 if name in sees else 404), (told, name)
            assert status == 200 or answer == nothing
        secret = staff.ask("GET", f"/{happened['secret']}/handlers")
        assert secret == ((200, []) if "secret" in sees else (404, nothing))


def test_whoever_reports_sees_their_own(desk: Staff, happened: dict[str, int]) -> None:
    assert set(desk.seen()) == set(HAPPENED)
    _, kept = desk.ask("GET", f"/{happened['secret about the community']}")
    told = kept["properties"]
    assert (told["is_confidential"], told["complained_cell_code"]) == (True, COMMUNITY)
    assert "reported_by" not in told
    _, kept = desk.ask("GET", f"/{happened['about the police']}")
    assert (kept["properties"]["is_confidential"], kept["properties"]["complained_department"]) == (False, "police")
    _, kept = desk.ask("GET", f"/{happened['ordinary']}")
    assert [kept["properties"][name] for name in ("complained_cell_code", "complained_department")] == [None, None]


def test_a_client_id_is_its_senders_own_and_tells_nobody_of_anothers(hire: Hire, happened: dict[str, int]) -> None:
    other = hire(("cadre", SUBSTATION))
    same = a_report(client_id="secret", kind="L1001")
    _, stored = other.ask("POST", json=same)
    assert stored["status"] == "stored"
    assert stored["id"] not in happened.values()
    _, repeated = other.ask("POST", json=same)
    assert (repeated["status"], repeated["id"]) == ("repeated", stored["id"])
    assert other.ask("POST", json={**same, "description": "x"})[0] == 409


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_screens_the_public_and_whoever_keeps_the_machine_are_not_told(
    api: TestClient, ground: Engine, hire: Hire, happened: dict[str, int]
) -> None:
    assert "incidents" not in BOARD | DEVICE
    with session_scope(ground, write=True) as session:
        words = [issue(session, kind, cell_code=STREET).words for kind in ("board", "device")]
    keepers = [hire((role, None)).words for role in ("administrator", "auditor")]
    reporters = [hire((role, None)) for role in ("liaison", "mediator")]
    paths = ("", f"/{happened['ordinary']}", f"/{happened['secret']}/handlers")
    for token in [words[0], *keepers]:
        for path in paths:
            assert api.get(f"{URL}{path}", headers={"Authorization": f"Bearer {token}"}).status_code == 403
    for staff in reporters:
        assert staff.seen() == []
        assert [staff.ask("GET", path)[0] for path in paths[1:]] == [404, 403]
    assert api.get(URL, headers={"Authorization": f"Bearer {words[1]}"}).json()["features"] == []
    api.headers.pop("authorization")
    assert api.get(URL).status_code == 401


def test_a_device_reports_and_sees_nothing(api: TestClient, ground: Engine, hire: Hire) -> None:
    with session_scope(ground, write=True) as session:
        words = issue(session, "device", cell_code=STREET).words
    answer = api.post(URL, json=a_report(client_id="d"), headers={"Authorization": f"Bearer {words}"})
    assert answer.json()["status"] == "stored"
    assert hire(("cadre", SUBSTATION)).seen() == ["d"]


NOBODY = [
    ({"kind": "L1201"}, "UnnamedUnit"),
    ({"kind": "L1201", "complained_cell": None}, "UnnamedUnit"),
    ({"kind": "L1201", "complained_cell": "440307999"}, "UnknownUnit"),
    ({"complained_cell": "44030700900"}, "UnknownUnit"),
    ({"complained_cell": COMMUNITY, "reported_at": "2025-12-31T23:59:59+08:00"}, "UnknownUnit"),
    ({"complained_department": "派出所"}, "UnknownUnit"),
    ({"complained_cell": COMMUNITY, "complained_department": "x"}, "UnknownUnit"),
    ({"complained_cell": ""}, "BadInput"),
    ({"complained_cell": 440307009}, "BadInput"),
]


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_a_unit_that_nobody_could_keep_it_from(hire: Hire) -> None:
    staff = hire(("cadre", STREET))
    sent = [a_report(**about) for about, _ in NOBODY]
    status, answers = staff.ask("POST", json=[*sent, a_report(client_id="good")])
    assert status == 200
    refused = [("refused", code) for _, code in NOBODY]
    assert [(each["status"], each.get("code")) for each in answers] == [*refused, ("stored", None)]
    for item, answer in zip(sent, answers, strict=False):
        told = {key: answer[key] for key in ("code", "description")}
        assert staff.ask("POST", json=item) == (422, told)
    assert staff.seen() == ["good"]
