"""Photos and documents of an incident, and its case sheet."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import Engine, select
from starlette.testclient import TestClient

from gisgrid.audit.tables import AuditEntry
from gisgrid.database import session_scope
from gisgrid.patrols.tables import Patroller, Shift
from gisgrid.staff.tokens import issue
from tests.attachments.pictures import encoded, exif_of, jpeg, opened, picture
from tests.incidents.conftest import Hire
from tests.incidents.desk import URL, a_report
from tests.incidents.loop.office import DEPARTMENT, KIND, Office, case, moved, on_site, open_office, show
from tests.laid import STREET, SUBSTATION

PDF = b"%PDF-1.4\n%%EOF\n"
ROUND: list[tuple[str, str, dict[str, Any]]] = [
    ("desk", "file", {"condition": "1"}),
    ("desk", "dispatch", {"departments": [DEPARTMENT]}),
    ("department", "accept", {}),
    ("department", "finish", {"words": "已劝离"}),
    ("checker", "pass", on_site()),
    ("supervision", "reopen", {"words": "又出现"}),
]
TURNS = ("report", *(name for _, name, _ in ROUND))


@pytest.fixture
def office(hire: Hire) -> Office:
    return open_office(hire)


@pytest.fixture
def incident(office: Office) -> int:
    return office.walker.report(kind=KIND, description="占道经营")


def fetched(api: TestClient, who: Any, path: str) -> Any:
    return api.get(f"{URL}{path}", headers={"Authorization": f"Bearer {who.words}"})


def test_a_photo_is_kept_once_and_seen_by_those_who_see_the_incident(
    api: TestClient, office: Office, incident: int
) -> None:
    photo = jpeg(DateTime="2026:11:01 08:00:00")
    status, first = show(office.walker, incident, photo, shows="found", caption="店外")
    assert status == 200
    assert show(office.desk, incident, photo, shows="found")[1]["id"] == first["id"]
    (kept,) = case(office.desk, incident)["exhibits"]
    assert (kept["shows"], kept["caption"], kept["media_type"]) == ("found", "店外", "image/jpeg")
    answer = fetched(api, office.desk, f"/{incident}/exhibits/{first['id']}")
    assert answer.headers["content-type"] == "image/jpeg"
    assert not opened(answer.content).getexif()
    assert fetched(api, office.stranger, f"/{incident}/exhibits/{first['id']}").status_code == 404
    assert show(office.stranger, incident, photo)[0] == 404
    other = office.walker.report(kind=KIND, client_id="other")
    assert fetched(api, office.desk, f"/{other}/exhibits/{first['id']}").status_code == 404


@pytest.mark.parametrize(
    ("data", "fields", "code"),
    [
        (b"MZ not a photo", {}, "NotAPhoto"),
        (jpeg(), {"shows": "nothing"}, "NoFile"),
        (jpeg(), {"caption": "x" * 201}, "NoFile"),
        (b"", {}, "NoFile"),
    ],
)
def test_what_is_no_photo_is_told_so(
    office: Office, incident: int, data: bytes, fields: dict[str, str], code: str
) -> None:
    status, answer = show(office.walker, incident, data, **fields)
    assert (status, answer["code"]) == (422, code)
    assert case(office.desk, incident)["exhibits"] == []


TOLD = {200: None, 403: "NotYourWork", 409: "NotInHand"}


@pytest.mark.parametrize(
    ("until", "answers"),
    [
        ("report", {"department": 403, "desk": 200, "walker": 200, "supervision": 403}),
        ("file", {"department": 403, "desk": 200, "checker": 200, "supervision": 403}),
        ("dispatch", {"department": 200, "other": 403, "desk": 403, "checker": 403}),
        ("accept", {"department": 200, "other": 403, "desk": 403, "checker": 403, "supervision": 403}),
        ("finish", {"department": 200, "other": 403, "desk": 200, "checker": 200, "supervision": 200}),
        ("pass", {"department": 409, "other": 409, "desk": 409, "checker": 409}),
        ("reopen", {"department": 403, "other": 403, "desk": 200, "checker": 200}),
    ],
)
def test_what_was_done_is_shown_by_those_in_whose_hands_it_is(
    office: Office, hire: Hire, incident: int, until: str, answers: dict[str, int]
) -> None:
    other = hire(("department_staff", STREET), name="消防", department="fire")
    for whose, name, given in ROUND[: list(TURNS).index(until)]:
        if name == "finish":
            show(office.department, incident, jpeg())
        moved(getattr(office, whose), incident, name, **given)
    for width, (who, expected) in enumerate(answers.items(), 70):
        staff = other if who == "other" else getattr(office, who)
        status, answer = show(staff, incident, jpeg(width))
        assert (status, answer.get("code")) == (expected, TOLD[expected]), who
        assert show(staff, incident, jpeg(width + 20), shows="found")[0] == 200, who


def test_what_is_on_record_as_found_is_no_proof_of_what_was_done(office: Office, incident: int) -> None:
    show(office.walker, incident, jpeg(), shows="found")
    status, answer = show(office.desk, incident, jpeg())
    assert (status, answer["code"]) == (409, "ShownBefore")


def test_a_phone_adds_photos_to_what_its_walker_reported(
    api: TestClient, ground: Engine, office: Office, incident: int
) -> None:
    now = datetime.now(UTC)
    with session_scope(ground, write=True) as session:
        phone = issue(session, "device", cell_code=SUBSTATION, name="手机")
        walker = Patroller(ref="巡查员甲", person_id=office.walker.id)
        session.add(walker)
        session.flush()
        times = {"started_at": now - timedelta(hours=1), "ended_at": now + timedelta(hours=1), "signed_on_at": now}
        session.add(Shift(patroller_id=walker.id, token_id=phone.row.id, **times))
    headers = {"Authorization": f"Bearer {phone.words}"}
    sent = a_report(kind=KIND, client_id="phone", reported_at=now.isoformat())
    number = api.post(URL, json=sent, headers=headers).json()["id"]
    assert office.walker.ask("GET", f"/{number}")[0] == 200  # it is the walker's own

    def add(target: int) -> int:
        form = {"data": {"shows": "found"}, "files": {"file": ("x.jpg", jpeg())}}
        return api.post(f"{URL}/{target}/exhibits", headers=headers, **form).status_code

    assert add(number) == 200
    others = office.checker.report(kind=KIND, client_id="others")
    assert add(others) == 404


def test_the_case_sheet_tells_all_of_it_and_is_recorded(
    api: TestClient, ground: Engine, office: Office, incident: int
) -> None:
    show(office.walker, incident, jpeg(640, 480), shows="found", caption="店外")
    moved(office.desk, incident, "file", condition="1")
    moved(office.desk, incident, "escalate", words="分站办不了")
    answer = fetched(api, office.desk, f"/{incident}/sheet.pdf")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    number = case(office.desk, incident)["number"]
    for words in (number, "占道经营", "立案", "分站办不了", "巡查员甲", "店外"):
        assert words in text
    assert fetched(api, office.stranger, f"/{incident}/sheet.pdf").status_code == 404
    with session_scope(ground) as session:
        asked = select(AuditEntry.actor_id).where(AuditEntry.action == "incident.printed")
        assert session.scalars(asked).all() == [office.desk.id]


def test_what_the_camera_said_is_kept_as_data(office: Office, incident: int) -> None:
    gps = {1: "N", 2: (22.0, 38.0, 0.0), 3: "E", 4: (114.0, 24.0, 0.0)}
    show(office.walker, incident, encoded(picture(), exif=exif_of(gps)), shows="found")
    (kept,) = case(office.desk, incident)["exhibits"]
    assert (kept["longitude"], kept["latitude"]) == (pytest.approx(114.4), pytest.approx(22.6333333))


def test_a_document_is_only_saved(api: TestClient, office: Office, incident: int) -> None:
    number = show(office.walker, incident, PDF)[1]["id"]
    answer = fetched(api, office.desk, f"/{incident}/exhibits/{number}")
    assert answer.content == PDF
    assert answer.headers["content-disposition"].startswith("attachment")
