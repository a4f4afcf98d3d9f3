"""The door for phones: every delivery with a good token is acknowledged in the client's own form, and kept."""

import base64
import gzip
import json
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select
from starlette.testclient import TestClient

from gisgrid.audit.record import OPERATOR
from gisgrid.database import session_scope
from gisgrid.intake import writer as writing
from gisgrid.patrols.judge import names_of
from gisgrid.patrols.tables import Alarm, Fix, Heartbeat, Unread
from gisgrid.patrols.trackers.protocols import PROTOCOLS
from gisgrid.staff.devices import revoke_token
from tests.laid import SPOT
from tests.patrols.asking import Asking, a_fix, ago, device, kept, somebody
from tests.staff.builders import PIN

NOW = datetime.now(UTC).replace(microsecond=0)
UNIX = int(NOW.timestamp())
X, Y = SPOT
OVERLAND = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [X, Y]}}

Ask = Callable[..., Any]


@pytest.fixture
def api(ground: Engine, client: TestClient) -> TestClient:
    return client


@pytest.fixture
def phone(api: TestClient, engine: Engine) -> Asking:
    """A phone to which somebody is signed on."""
    somebody(api, engine, "patroller")
    made = device(api, engine)
    made.sign_on(person="zhangsan", pin=PIN, started_at=ago(hours=2).isoformat())
    return made


def fixes(engine: Engine) -> list[Any]:
    with session_scope(engine) as session:
        return list(session.scalars(select(Fix).order_by(Fix.id)))


def query(**more: Any) -> str:
    given = {"id": "1", "lat": Y, "lon": X, "timestamp": UNIX, **more}
    return "&".join(f"{name}={value}" for name, value in given.items() if value is not None)


def as_json(what: Any) -> dict[str, Any]:
    return {"content": json.dumps(what), "headers": {"Content-Type": "application/json"}}


OWNTRACKS = {"_type": "location", "lat": Y, "lon": X, "tst": UNIX, "acc": 8, "vel": 36, "batt": 80}
TRACCAR_9 = {
    "location": {
        "timestamp": NOW.isoformat(),
        "coords": {"latitude": Y, "longitude": X, "accuracy": 8, "speed": 10, "heading": -1, "altitude": 5},
        "battery": {"level": 0.8, "is_charging": False},
    },
    "device_id": "48241179",
}
READING = {"properties": {"timestamp": NOW.isoformat(), "horizontal_accuracy": 8, "speed": 10, "battery_level": 0.8}}
OURS = {"longitude": X, "latitude": Y, "fix_at": NOW.isoformat(), "accuracy_m": 8, "speed_mps": 10, "battery": 0.8}
CLIENTS = {
    "Traccar Client 8": ("traccar", query(speed=19.438445, batt=80, accuracy=8), {"content": b""}, b""),
    "Traccar Client 9": ("traccar", "", as_json(TRACCAR_9), b""),
    "Traccar Client 10": (
        "traccar", "", {"data": {"id": "1", "lat": Y, "lon": X, "timestamp": UNIX, "speed": 19.438445, "batt": 80,
                                 "accuracy": 8}}, b"",
    ),
    "OsmAnd": ("osmand", query(timestamp=UNIX * 1000, speed=10, hdop=8), {"method": "GET"}, b""),
    "GPSLogger": ("gpslogger", query(speed=10, batt=80, accuracy=8), {"method": "GET"}, b""),
    "OwnTracks": ("owntracks", "u=a&d=b", as_json(OWNTRACKS), b"[]"),
    "Overland": ("overland", "", as_json({"locations": [{**OVERLAND, **READING}]}), b'{"result":"ok"}'),
}  # fmt: skip


def deliver(phone: Asking, protocol: str, asked: str = "", *, method: str = "POST", **what: Any) -> Any:
    headers = {"Authorization": f"Bearer {phone.words}", **what.pop("headers", {})}
    return phone.client.request(method, f"/ingest/{protocol}?{asked}", headers=headers, **what)


@pytest.mark.parametrize("app", CLIENTS)
def test_what_an_app_sends_is_stored_once_and_answered_in_its_own_form(phone: Asking, engine: Engine, app: str) -> None:
    protocol, asked, what, expected = CLIENTS[app]
    for _ in range(2):
        answer = deliver(phone, protocol, asked, **dict(what))
        assert (answer.status_code, answer.content) == (200, expected)
    (fix,) = fixes(engine)
    assert (fix.longitude, fix.latitude, fix.fix_at) == (X, Y, NOW)
    assert (fix.standing, fix.is_track, names_of(fix.flags)) == ("counted", True, [])
    assert json.loads(fix.attributes)["speed_mps"] == pytest.approx(10, abs=1e-4)


def test_every_protocol_has_an_address_and_no_other(phone: Asking) -> None:
    assert {deliver(phone, name).status_code for name in PROTOCOLS} == {200}
    assert deliver(phone, "nonsense").status_code == 404
    assert "traccar" in deliver(phone, "").json()["description"]


@pytest.mark.parametrize("way", ["path", "path and slash", "query", "basic", "bearer"])
def test_a_token_is_shown_in_the_path_the_query_or_a_header(phone: Asking, engine: Engine, way: str) -> None:
    pair = base64.b64encode(f"anybody:{phone.words}".encode()).decode()
    path, headers = {
        "path": (f"traccar/{phone.words}?{query()}", {}),
        "path and slash": (f"traccar/{phone.words}/?{query()}", {}),
        "query": (f"traccar/?{query()}&token={phone.words}", {}),
        "basic": (f"traccar?{query()}", {"Authorization": f"Basic {pair}"}),
        "bearer": (f"traccar?{query()}", {"Authorization": f"bearer {phone.words}"}),
    }[way]
    assert phone.client.post(f"/ingest/{path}", headers=headers).status_code == 200
    (fix,) = fixes(engine)
    assert phone.words not in (fix.attributes or "")


@pytest.mark.parametrize("words", ["", "gg_device_unknown", "Basic %%%", "Basic Zm9v"])
def test_without_a_good_token_nothing_is_taken(phone: Asking, engine: Engine, words: str) -> None:
    headers = {"Authorization": words if words.startswith("Basic") else f"Bearer {words}"}
    answer = phone.client.post(f"/ingest/traccar?{query()}", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "UnknownToken")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert fixes(engine) == []


def test_a_revoked_token_is_out_with_the_next_delivery_and_a_person_who_walks_is_in(
    phone: Asking, engine: Engine
) -> None:
    with session_scope(engine, write=True) as session:
        revoke_token(session, OPERATOR, phone.id, "device")
    assert deliver(phone, "traccar", query()).status_code == 401
    walker = somebody(phone.client, engine, "patroller", name="lisi")
    desk = somebody(phone.client, engine, "station_staff", name="desk")
    assert deliver(walker, "traccar", query()).status_code == 200
    assert deliver(desk, "traccar", query()).status_code == 401
    assert [fix.standing for fix in fixes(engine)] == ["withheld"]  # who has not signed on


def test_over_a_connection_that_others_can_read_no_token_is_taken(phone: Asking) -> None:
    answer = phone.client.post(f"http://10.0.0.1/ingest/traccar/{phone.words}")
    assert (answer.status_code, answer.json()["code"]) == (403, "PlainHttp")


def test_a_method_that_no_phone_uses_is_told_which_ones_there_are(phone: Asking) -> None:
    answer = deliver(phone, "traccar", method="DELETE")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, POST")


def test_what_is_wrong_with_a_point_fails_neither_it_nor_the_others(phone: Asking, engine: Engine) -> None:
    batch = [
        {**OVERLAND, **READING},
        {"type": "Feature", "geometry": None, "properties": {"timestamp": NOW.isoformat()}},
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [Y, X]}, **READING},
        {**OVERLAND, "properties": {"timestamp": "yesterday"}},
        17,
    ]
    assert deliver(phone, "overland", **as_json({"locations": batch})).content == b'{"result":"ok"}'
    assert [(fix.standing, names_of(fix.flags)) for fix in sorted(fixes(engine), key=lambda fix: fix.flags)] == [
        ("counted", []),
        ("quarantined", ["untimed"]),
        ("quarantined", ["swapped"]),
    ]
    with session_scope(engine) as session:
        assert all(each.zh and each.en for each in session.scalars(select(Unread)))
        assert session.query(Unread).count() + session.query(Heartbeat).count() == 2


def test_a_sign_of_life_without_a_position_is_kept_once(phone: Asking, engine: Engine) -> None:
    for _ in range(2):
        assert deliver(phone, "traccar", query(lat=None, lon=None)).status_code == 200
    with session_scope(engine) as session:
        (beat,) = session.scalars(select(Heartbeat)).all()
    assert beat.beat_at == NOW
    assert fixes(engine) == []


def test_an_id_that_a_phone_gives_twice_loses_neither_fix(phone: Asking, engine: Engine) -> None:
    later = {**OURS, "fix_at": (NOW + timedelta(seconds=30)).isoformat()}
    for sent in (OURS, later, later):
        answer = deliver(phone, "json", **as_json({**sent, "client_id": "1"})).json()
        assert answer["result"] == "ok"
    assert [fix.fix_at for fix in fixes(engine)] == [NOW, NOW + timedelta(seconds=30)]


@pytest.mark.parametrize(("encoding", "squeeze"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_what_is_sent_compressed_is_read(phone: Asking, encoding: str, squeeze: Callable[[bytes], bytes]) -> None:
    item = {"fix_at": ago(minutes=1).isoformat(), "longitude": SPOT[0], "latitude": SPOT[1]}
    body = json.dumps([item]).encode()
    how = {"Content-Encoding": encoding, "Content-Type": "application/json"}
    told = deliver(phone, "json", content=squeeze(body), headers=how).json()
    assert (told["stored"], told["unread"]) == (1, 0)
    told = deliver(phone, "json", content=squeeze(body)[:-9], headers=how).json()
    assert (told["stored"], told["unread"]) == (0, 1)


def test_our_own_form_tells_what_became_of_how_many(phone: Asking) -> None:
    answer = deliver(phone, "json", **as_json([OURS, OURS, {**OURS, "longitude": 0, "latitude": 0}, {}])).json()
    assert answer == {
        "result": "ok", "stored": 2, "repeated": 1, "counted": 2, "quarantined": 1, "withheld": 0, "unread": 1
    }  # fmt: skip


def test_a_track_of_a_volunteer_who_has_not_agreed_is_not_kept_and_who_is_told_why(
    api: TestClient, engine: Engine
) -> None:
    somebody(api, engine, "volunteer_patroller")
    phone = device(api, engine)
    phone.sign_on(person="zhangsan", pin=PIN, started_at=ago(hours=2).isoformat())
    assert deliver(phone, "traccar", query()).status_code == 200
    assert fixes(engine) == []
    with session_scope(engine) as session:
        (unread,) = session.scalars(select(Unread)).all()
    assert (unread.body, "volunteer" in unread.en) == ("", True)


def test_more_than_can_wait_is_503_and_says_when_to_come_again(phone: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "MOST_WAITING", -1)
    app: Any = phone.client.app
    monkeypatch.setattr(app.state.writer, "_size", 1)
    answer = deliver(phone, "traccar", query())
    assert (answer.status_code, answer.json()["code"]) == (503, "Busy")
    assert int(answer.headers["Retry-After"]) > 0


def test_one_fix_through_the_door_and_the_api_is_one_row(phone: Asking, engine: Engine) -> None:
    at = ago(minutes=1)
    assert phone.send(a_fix("same", at)) == ["counted"]
    sent = {"longitude": X, "latitude": Y, "fix_at": at.isoformat(), "client_id": "same"}
    assert deliver(phone, "json", **as_json(sent)).json()["repeated"] == 1
    assert len(kept(engine)) == 1


@pytest.mark.parametrize(("place", "expected"), [({}, (X, Y)), ({"lat": None, "lon": None}, (None, None))])
def test_a_phone_that_says_sos_calls_for_help_once(
    phone: Asking, engine: Engine, place: dict[str, Any], expected: tuple[float | None, float | None]
) -> None:
    for _ in range(2):
        assert deliver(phone, "traccar", query(alarm="sos", **place)).status_code == 200
    with session_scope(engine) as session:
        (alarm,) = session.scalars(select(Alarm)).all()
    assert (alarm.longitude, alarm.latitude) == expected
