"""Open311 as a citizen's app finds it: a client from the specification, the office behind it, and nonsense."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as dose
from hypothesis import strategies as st
from sqlalchemy import Engine, select, update
from starlette.testclient import TestClient

from gisgrid.audit.tables import AuditEntry
from gisgrid.database import session_scope
from gisgrid.incidents.open311 import submit
from gisgrid.incidents.tables import Incident
from gisgrid.staff.tokens import issue
from tests.incidents.conftest import Hire
from tests.incidents.desk import Staff
from tests.incidents.loop.office import DEPARTMENT, case, moved, open_office
from tests.incidents.open311.client import Client, Open311Error, discover
from tests.laid import ELSEWHERE, SPOT, STREET, SUBSTATION
from tests.staff.callers import key, person

spatialite = pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
KIND, EMERGENCY, DISPUTE, CHILDREN = "E0102", "E0403", "L0201", "L0401"
HERE = {"lat": str(SPOT[1]), "long": str(SPOT[0])}
URL = "/open311/v2"


@pytest.fixture
def app_key(ground: Engine) -> str:
    """The key of a citizens' app: the account of a liaison, who sees nothing but what came by it."""
    with session_scope(ground, write=True) as session:
        return key(session, ("liaison", STREET)).words


@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_client_from_the_specification(served: str, app_key: str, form: str, engine: Engine) -> None:
    url = discover(f"{served}{URL}/discovery", form)
    assert url.endswith(URL)
    client = Client(f"{served}{URL}", form, app_key, "kuichong")
    codes = [each["service_code"] for each in client.services()]
    assert KIND in codes
    assert not {EMERGENCY, DISPUTE} & set(codes)
    assert client.definition(KIND) == KIND
    sent = {**HERE, "service_code": KIND, "description": "垃圾 & <b>成堆</b>\r\n第二行", "email": "a@example.org"}
    number = client.post(**sent, media_url="http://elsewhere.example/a.jpg", **{"attribute[x]": "1"})
    found = client.request(number)
    assert (found["service_request_id"], found["status"], found["service_code"]) == (number, "open", KIND)
    assert (found["lat"], found["long"]) == (SPOT[1], SPOT[0])
    assert found["address"] == "葵涌街道 社区2 分站2-1"
    assert found["description"].replace("\r\n", "\n") == "垃圾 & <b>成堆</b>\n第二行"
    assert [found[name] for name in ("media_url", "zipcode", "expected_datetime")] == [None] * 3
    assert client.by_token(number) == number
    other = client.post(**{**sent, "service_code": "C0112"})
    assert [each["service_request_id"] for each in client.requests()] == [other, number]
    assert [each["service_request_id"] for each in client.requests(service_code=KIND)] == [number]
    assert len(client.requests(service_request_id=f"{number},{other},20260101-440307009-0001")) == 2
    assert client.requests(status="closed") == []
    with session_scope(engine) as session:
        kept = session.scalars(select(Incident).order_by(Incident.id)).all()
        assert [(each.source, each.contact, each.state) for each in kept] == [
            ("citizen", "a@example.org", "reported")
        ] * 2
        assert session.scalars(select(AuditEntry.action)).all().count("incident.reported") == 2


@pytest.mark.parametrize("form", ["json", "xml"])
@spatialite
def test_what_is_wrong_is_said_as_the_specification_says(served: str, app_key: str, form: str) -> None:
    client = Client(f"{served}{URL}", form, app_key)

    def fails(act: Callable[..., Any], *args: str, **said: str) -> tuple[int, str]:
        with pytest.raises(Open311Error) as told:
            act(*args, **said)
        (error,) = told.value.errors
        assert int(error["code"]) == told.value.status
        return told.value.status, error["description"]

    sent = {**HERE, "service_code": KIND}
    for code in ("X9", EMERGENCY, DISPUTE, "E0102\x00"):
        assert fails(client.post, **{**sent, "service_code": code})[0] in (400, 404), code
    assert fails(client.definition, EMERGENCY)[0] == 404
    status, words = fails(client.post, service_code=KIND, address_string="葵涌街道 1 号")
    assert (status, "lat" in words) == (400, True)
    status, words = fails(client.post, service_code=KIND)
    assert (status, words.startswith("lat:缺少")) == (400, True)
    status, words = fails(client.post, **{**sent, "lat": "0", "long": "0"})
    assert (status, "0,0" in words) == (400, True)
    for changes in ({"lat": "north"}, {"lat": "nan"}, {"lat": "95"}, {"description": "x" * 4001}, {"phone": "1\n2"}):
        assert fails(client.post, **{**sent, **changes})[0] == 400, changes
    assert fails(client.request, "20260101-440307009-0001")[0] == 404
    assert fails(client.by_token, "x")[0] == 404
    for asked in ({"status": "half"}, {"start_date": "yesterday"}, {"start_date": "9999-12-31T00:00:00Z"},
                  {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-06-01T00:00:00Z"}):  # fmt: skip
        assert fails(client.requests, **asked)[0] == 400, asked
    elsewhere = Client(client.url, form, app_key, "elsewhere")
    for act in (elsewhere.services, elsewhere.requests):
        assert fails(act)[0] == 404
    assert fails(elsewhere.post, **sent)[0] == 404
    assert Client(client.url, form, app_key, STREET).services()
    for keyless in (Client(client.url, form), Client(client.url, form, "gg_key_x")):
        assert [fails(act, **said)[0] for act, said in ((keyless.post, sent), (keyless.requests, {}))] == [403, 403]
        assert keyless.services()


@spatialite
def test_endings_types_and_the_log(client: TestClient, app_key: str, capsys: pytest.CaptureFixture[str]) -> None:
    anonymous = TestClient(client.app, base_url="http://127.0.0.1", client=("127.0.0.1", 50000))
    for ending, status in (("json", 200), ("xml", 200), ("html", 406)):
        answer = anonymous.get(f"{URL}/services.{ending}")
        assert (answer.status_code, answer.text.startswith('[{"')) == (status, ending != "xml")
    assert anonymous.get(f"{URL}/nowhere.json").json()[0]["code"] == 404
    assert anonymous.delete(f"{URL}/requests.json").json()[0]["code"] == 405
    sent = {**HERE, "service_code": KIND, "api_key": app_key}
    assert anonymous.post(f"{URL}/requests.json", json=sent).json()[0]["code"] == 403, "its key is not looked for there"
    shown = {"api_key": app_key}
    assert anonymous.post(f"{URL}/requests.json", params=shown, json=sent).json()[0]["code"] == 400
    typed = {"Content-Type": "application/x-www-form-urlencoded"}
    for body in (b"a=%ff", b"\xff", b"&".join([b"a=1"] * 201)):
        answer = anonymous.post(f"{URL}/requests.json", params=shown, content=body, headers=typed)
        assert answer.json()[0]["code"] == 400, body
    answer = anonymous.get(f"{URL}/requests.json", params=shown)
    assert (answer.status_code, answer.json()) == (200, [])
    bearing = anonymous.get(f"{URL}/requests.json", headers={"Authorization": f"Bearer {app_key}"})
    assert bearing.status_code == 200
    said = capsys.readouterr()
    assert app_key not in said.out + said.err


@spatialite
def test_a_key_is_guessed_so_often_and_no_more(client: TestClient, app_key: str) -> None:
    anonymous = TestClient(client.app, base_url="http://127.0.0.1", client=("127.0.0.1", 50000))
    statuses = [
        anonymous.get(f"{URL}/requests.json", params={"api_key": f"gg_key_{number}"}).status_code
        for number in range(21)
    ]
    assert statuses == [403] * 20 + [429]
    assert anonymous.get(f"{URL}/requests.json", params={"api_key": app_key}).status_code == 200


@spatialite
def test_a_session_or_a_phone_is_no_key(client: TestClient, app_key: str, engine: Engine) -> None:
    anonymous = TestClient(client.app, base_url="http://127.0.0.1", client=("127.0.0.1", 50000))
    with session_scope(engine, write=True) as session:
        made = person(session, ("street_leader", STREET)).id
        browser = issue(session, "session", person_id=made).words
        phone = issue(session, "device", cell_code=STREET).words
    for words in (browser, phone):
        assert anonymous.get(f"{URL}/requests.json", params={"api_key": words}).status_code == 403
    answer = anonymous.get(f"{URL}/requests.json", headers={"Cookie": f"gisgrid={browser}"})
    assert (answer.status_code, "api_key" in answer.text) == (403, True)


@spatialite
def test_it_is_followed_from_the_report_to_its_end(hire: Hire, app_key: str, engine: Engine) -> None:
    office = open_office(hire)
    anonymous = TestClient(office.desk.client.app, base_url="http://127.0.0.1", client=("127.0.0.1", 50000))

    def shown() -> dict[str, Any]:
        (found,) = anonymous.get(f"{URL}/requests/{number}.json", params={"api_key": app_key}).json()
        return dict(found)

    sent = {**HERE, "service_code": KIND, "api_key": app_key, "phone": "13800000000", "last_name": "张"}
    number = anonymous.post(f"{URL}/requests.json", data=sent).json()[0]["service_request_id"]
    with session_scope(engine) as session:
        incident = session.scalars(select(Incident.id)).one()
    assert case(office.desk, incident)["contact"] == "张, 13800000000"
    moved(office.desk, incident, "verify", words="找张三核实过")
    moved(office.desk, incident, "file", condition="1")
    moved(office.desk, incident, "dispatch", departments=[DEPARTMENT], words="张三等着")
    found = shown()
    assert found["expected_datetime"] is not None
    assert datetime.fromisoformat(found["expected_datetime"]) == datetime.fromisoformat(
        case(office.desk, incident)["clock"]["due_at"]
    ).replace(microsecond=0)
    assert found["status_notes"] == "已派遣 / dispatched"
    assert found["agency_responsible"].startswith("城")
    assert "张" not in json.dumps(found, ensure_ascii=False)
    last = case(office.desk, incident)["steps"][-1]["made_at"]
    assert datetime.fromisoformat(found["updated_datetime"]) == datetime.fromisoformat(last).replace(microsecond=0)
    again = {**sent, "description": "还在"}
    number = anonymous.post(f"{URL}/requests.json", data=again).json()[0]["service_request_id"]
    moved(office.desk, incident + 1, "reject", words="张三报过了")
    found = shown()
    assert [found[name] for name in ("status", "status_notes", "expected_datetime")] == [
        "closed",
        "不予立案 / rejected",
        None,
    ]


@pytest.mark.parametrize(
    ("age_s", "changes", "is_one"),
    [
        (0, {}, True),
        (30, {}, True),
        (61, {}, False),
        (0, {"device_id": "another phone"}, False),
        (0, {"lat": "22.64321"}, False),
        (0, {"description": "垃圾又来了"}, False),
    ],
)
def test_what_is_sent_again_at_once_is_one_request(
    api: TestClient, app_key: str, age_s: int, changes: dict[str, str], is_one: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    anonymous = TestClient(api.app, base_url="http://127.0.0.1", client=("127.0.0.1", 50000))
    sent = {**HERE, "service_code": KIND, "api_key": app_key, "description": "垃圾"}
    now = datetime.now(UTC).replace(second=59, microsecond=0)  # the next minute begins in between

    def number(at: datetime, **more: str) -> str:
        monkeypatch.setattr(submit, "datetime", SimpleNamespace(now=lambda _: at))
        (answer,) = anonymous.post(f"{URL}/requests.json", data=sent | more).json()
        return str(answer["service_request_id"])

    first = number(now)
    assert (number(now + timedelta(seconds=age_s), **changes) == first) == is_one


def test_of_two_keys_each_has_its_own(api: TestClient, app_key: str, engine: Engine) -> None:
    with session_scope(engine, write=True) as session:
        other = key(session, ("liaison", STREET)).words
    anonymous = TestClient(api.app, base_url="http://127.0.0.1", client=("127.0.0.1", 50000))
    sent = {**HERE, "service_code": KIND}
    answers = [
        anonymous.post(f"{URL}/requests.json", data={**sent, "api_key": each}).json() for each in (app_key, other)
    ]
    assert len({each["service_request_id"] for (each,) in answers}) == 2


def test_nobody_sees_what_is_not_a_citizens_or_not_for_all(
    api: TestClient, hire: Hire, app_key: str, engine: Engine
) -> None:
    desk = hire(("station_staff", SUBSTATION))
    far = hire(("station_staff", "440307009003002"))
    other_app = hire(("liaison", STREET))

    def seen(staff: Staff | str) -> int:
        words = staff if isinstance(staff, str) else staff.words
        answer = api.get(f"{URL}/requests.json", headers={"Authorization": f"Bearer {words}"})
        assert answer.status_code == 200
        return len(answer.json())

    for source in ("patrol", "hotline", "phone", "staff"):
        desk.report(kind=KIND, source=source)
    desk.report(kind=DISPUTE, source="citizen", reported_at=datetime.now(UTC).isoformat())
    assert [seen(each) for each in (desk, far, other_app, app_key)] == [0] * 4
    sent = {**HERE, "service_code": KIND, "api_key": app_key}
    for place in (HERE, {"lat": str(ELSEWHERE[1]), "long": str(ELSEWHERE[0])}, {"phone": "1"}):
        bare = TestClient(api.app, base_url="http://127.0.0.1", client=("127.0.0.1", 50000))
        assert bare.post(f"{URL}/requests.json", data={**sent, **place}).status_code == 200
    assert [seen(each) for each in (desk, far, other_app, app_key)] == [2, 1, 0, 3]
    with session_scope(engine, write=True) as session:
        newest = session.scalars(select(Incident.id).order_by(Incident.id.desc())).first()
        session.execute(update(Incident).where(Incident.id == newest).values(is_confidential=True))
        old = datetime.now(UTC) - timedelta(days=91)
        session.execute(update(Incident).where(Incident.id == (newest or 0) - 2).values(reported_at=old))
    assert [seen(each) for each in (desk, far, other_app, app_key)] == [0, 1, 0, 1]


WORDS = st.text(max_size=40) | st.sampled_from([KIND, "1e400", "-0", "nan", "114.4", "22.6", "", "\x00", "\ud7ff", "🗑"])
FIELDS = st.dictionaries(
    st.sampled_from(
        ["service_code", "lat", "long", "description", "first_name", "phone", "email", "address_string", "media_url",
         "jurisdiction_id", "api_key", "device_id", "account_id"]
    ) | st.text(max_size=10),
    WORDS,
)  # fmt: skip
ASKED = st.dictionaries(
    st.sampled_from(["service_request_id", "service_code", "start_date", "end_date", "status", "jurisdiction_id"]),
    WORDS | st.datetimes().map(lambda moment: moment.isoformat()) | st.sampled_from(["open,closed", ",", "open"]),
)


@pytest.mark.parametrize("database_url", ["spatialite", pytest.param("postgis", marks=pytest.mark.long)], indirect=True)
def test_no_nonsense_in_form_and_query_makes_it_fail(api: TestClient, app_key: str) -> None:
    keyed = {"Authorization": f"Bearer {app_key}"}

    @dose(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
    @given(FIELDS, ASKED, WORDS, st.sampled_from(["json", "xml"]))
    def answered(fields: dict[str, str], asked: dict[str, str], word: str, form: str) -> None:
        base = {"service_code": KIND, **HERE} if len(fields) % 2 else {}
        answers = [
            api.post(f"{URL}/requests.{form}", data={**base, **fields}, headers=keyed),
            api.get(f"{URL}/requests.{form}", params=asked, headers=keyed),
            api.get(f"{URL}/services.{form}", params={"jurisdiction_id": word}),
        ]
        for answer in answers:
            assert answer.status_code < 500, (answer.request.url, answer.text)
            assert (
                answer.headers["content-type"].partition(";")[0]
                == f"{'application' if form == 'json' else 'text'}/{form}"
            )

    answered()
