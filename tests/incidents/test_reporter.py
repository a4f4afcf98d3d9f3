"""What a shared phone may see and add: what whoever is signed on to it reported or has to handle, and nothing else."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, update
from starlette.testclient import TestClient

from gisgrid.audit.record import OPERATOR
from gisgrid.database import session_scope
from gisgrid.incidents.reports import INCIDENT
from gisgrid.patrols.duty.notice import notice
from gisgrid.settings import Settings
from gisgrid.sight import visible
from gisgrid.staff.appointments import grant
from gisgrid.staff.people import person_of
from gisgrid.staff.tokens import issue
from tests.attachments.pictures import jpeg
from tests.incidents.conftest import Hire
from tests.incidents.desk import Staff, a_report
from tests.incidents.loop.office import DEPARTMENT, KIND, moved
from tests.laid import COMMUNITY, SUBSTATION
from tests.staff.builders import PIN
from tests.staff.builders import hire as hire_walker


@pytest.fixture
def phone(api: TestClient, engine: Engine) -> Staff:
    """A shared phone; two people may sign on to it."""
    for name in ("zhang", "li"):
        number = hire_walker(engine, name, pin=PIN)
        with session_scope(engine, write=True) as session:
            grant(session, OPERATOR, person_of(session, number), "patroller", COMMUNITY)
    with session_scope(engine, write=True) as session:
        words = issue(session, "device", cell_code=COMMUNITY, name="1 号机").words
    return Staff(api, 0, "phone", words)


def sign_on(phone: Staff, name: str) -> None:
    proof = {"person": name, "pin": PIN, "notice_version": notice(Settings()).version}
    answer = phone.client.post("/api/shifts", json=proof, headers={"Authorization": f"Bearer {phone.words}"})
    assert answer.status_code < 300, answer.text


def sign_off(phone: Staff) -> None:
    headers = {"Authorization": f"Bearer {phone.words}"}
    assert phone.client.post("/api/shifts/end", json={}, headers=headers).status_code < 300


def seen(phone: Staff, **asked: Any) -> list[int]:
    status, answer = phone.ask("GET", params=asked)
    assert status == 200, answer
    return [each["id"] for each in answer["features"]]


def report_now(phone: Staff, client_id: str) -> int:
    status, answer = phone.ask(
        "POST", json=a_report(kind=KIND, client_id=client_id, reported_at=datetime.now(UTC).isoformat())
    )
    assert status == 200, answer
    number: int = answer["id"]
    return number


def photo(phone: Staff, number: int) -> int:
    return phone.ask("POST", f"/{number}/exhibits", files={"file": ("x", jpeg())})[0]


def test_a_phone_sees_what_whoever_is_signed_on_reported_or_handles(phone: Staff, hire: Hire, engine: Engine) -> None:
    desk = hire(("station_staff", SUBSTATION), name="分站")
    other = desk.report(kind=KIND)
    assert seen(phone) == []
    sign_on(phone, "zhang")
    own = report_now(phone, "one")
    moved(desk, other, "file", condition="1")
    moved(desk, other, "dispatch", person="zhang", departments=[DEPARTMENT])
    assert (seen(phone), seen(phone, mine="true"), seen(phone, waiting="true")) == ([other, own], [own], [other])
    for path in ("", "/case"):
        assert phone.ask("GET", f"/{own}{path}")[0] == 200
    status, case = phone.ask("GET", f"/{other}/case")
    assert (status, case["moves"], case["contact"]) == (200, [], None)
    assert phone.ask("POST", f"/{other}/transitions", json={"move": "accept", "revision": 3})[0] == 404
    sign_off(phone)
    sign_on(phone, "li")
    assert (seen(phone), phone.ask("GET", f"/{own}/case")[0]) == ([], 404)


def test_a_phone_adds_photos_to_what_it_sent_whoever_carries_it_by_then(
    phone: Staff, hire: Hire, engine: Engine
) -> None:
    other = hire(("station_staff", SUBSTATION), name="分站").report(kind=KIND)
    nobodys = report_now(phone, "nobody")
    sign_on(phone, "zhang")
    own = report_now(phone, "one")
    sign_off(phone)
    assert [photo(phone, number) for number in (own, nobodys, other)] == [200, 200, 404]
    assert phone.ask("GET", f"/{own}/exhibits/1")[0] == 404
    with session_scope(engine, write=True) as session:
        its = (visible(session, INCIDENT), INCIDENT.c.id == own)
        session.execute(update(INCIDENT).where(*its).values(key="device99\tone"))
    assert photo(phone, own) == 404
