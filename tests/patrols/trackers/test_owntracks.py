"""OwnTracks: golden messages of both apps, and of Overland in its OwnTracks mode."""

import json
from typing import Any

import pytest

from gisgrid.patrols.trackers import overland, owntracks
from gisgrid.patrols.trackers.reading import Heartbeat, Reading
from tests.patrols.trackers.phones import RECEIVED, TOKEN, alive, fix, only, sent, utc

DAY = utc(2026, 11, 1, 3)
TST = int(DAY.timestamp())


def location(**changes: Any) -> dict[str, Any]:
    """Return the least that the apps send."""
    return {"_type": "location", "lat": 22.6432, "lon": 114.4185, "tst": TST, "tid": "p1", **changes}


ANDROID = location(
    BSSID="b0:f2:08:45:94:33", SSID="值班室", _id="2c5d0e1a", acc=13, alt=54, batt=87, bs=2, cog=90, conn="w",
    created_at=TST + 2, inregions=["码头", "值班室"], m=2, t="p", topic="owntracks/gisgrid/P001", vac=2, vel=36,
)  # fmt: skip
IOS = location(
    acc=8, batt=100, bs=3, motionactivities=["walking", "stationary"], p=101.2, source="GPS", t="u", tag="早班",
    image="iVBORw0KGgo=" * 1000, imagename="1.png",
)  # fmt: skip


@pytest.mark.parametrize(
    ("message", "reading"),
    [
        (
            ANDROID,
            fix(
                DAY, 114.4185, 22.6432, accuracy_m=13.0, client_id="2c5d0e1a", altitude_m=54.0, battery=0.87,
                is_charging=True, bearing_deg=90.0, vertical_accuracy_m=2.0, speed_mps=10.0, BSSID="b0:f2:08:45:94:33",
                SSID="值班室", conn="w", created_at=TST + 2, inregions="码头, 值班室", m=2, t="p", tid="p1",
                topic="owntracks/gisgrid/P001",
            ),
        ),
        (
            IOS,
            fix(
                DAY, 114.4185, 22.6432, accuracy_m=8.0, battery=1.0, is_charging=True, motion="walking, stationary",
                p=101.2, source="GPS", t="u", tag="早班", tid="p1", imagename="1.png", is_track=False,
            ),
        ),
        (location(), fix(DAY, 114.4185, 22.6432, tid="p1")),
        (location(poi="井盖缺失"), fix(DAY, 114.4185, 22.6432, tid="p1", poi="井盖缺失", is_track=False)),
        (location(t="c"), fix(DAY, 114.4185, 22.6432, tid="p1", t="c")),
        (location(t="r"), fix(DAY, 114.4185, 22.6432, tid="p1", t="r")),
        (location(bs=0, batt=-1, vel=-1, cog=-1), fix(DAY, 114.4185, 22.6432, tid="p1")),
        (location(bs=7, batt=150, vel="fast"), fix(DAY, 114.4185, 22.6432, tid="p1", bs=7, batt=150, vel="fast")),
        (location(tst=None), fix(None, 114.4185, 22.6432, tid="p1")),
        (location(tst="soon"), fix(None, 114.4185, 22.6432, tid="p1", tst="soon")),
        (location(lat=float("nan"), lon=10**400), None),
    ],
    ids=lambda value: json.dumps(value)[:40] if isinstance(value, dict) else "",
)  # fmt: skip
def test_golden_locations(message: dict[str, Any], reading: Reading | None) -> None:
    found = only(owntracks.read(sent(json.dumps(message))))
    assert reading is None or found == reading


def test_numbers_that_are_no_places_are_left_to_the_judge() -> None:
    found = only(owntracks.read(sent('{"_type":"location","lat":NaN,"lon":' + "9" * 5000 + ',"tst":1}')))
    assert (str(found.latitude), found.longitude) == ("nan", float("inf"))


@pytest.mark.parametrize(
    ("message", "heartbeat"),
    [
        (
            {
                "_type": "transition",
                "wtst": 1,
                "lat": 1.0,
                "lon": 2.0,
                "tst": TST,
                "acc": 5,
                "event": "enter",
                "desc": "码头",
            },
            alive(DAY, _type="transition", wtst=1, lat=1.0, lon=2.0, acc=5, event="enter", desc="码头"),
        ),
        ({"_type": "steps", "tst": TST, "steps": 1200}, alive(DAY, _type="steps", steps=1200)),
        ({"_type": "waypoint", "tst": 1, "desc": "码头"}, alive(None, _type="waypoint", desc="码头")),
        ({"_type": "waypoints", "waypoints": [{}]}, alive(None, _type="waypoints")),
        ({"_type": "lwt", "tst": 1}, alive(None, _type="lwt")),
        ({"_type": "status", "android": {"wifi": 1}}, alive(None, _type="status")),
        ({"_type": "card", "name": "张三", "face": "iVBORw0KGgo="}, alive(None, _type="card", name="张三")),
        ({"_type": "beacon"}, alive(None, _type="beacon")),
        ({"_type": "cmd"}, alive(None, _type="cmd")),
        ({"_type": "request"}, alive(None, _type="request")),
        ({"_type": "configuration", "password": TOKEN, "url": "x"}, alive(None, _type="configuration")),
        ({"_type": "dump", "configuration": {"password": TOKEN}}, alive(None, _type="dump")),
    ],
    ids=lambda value: value["_type"] if isinstance(value, dict) else "",
)
def test_other_messages_say_that_a_phone_is_alive(message: dict[str, Any], heartbeat: Heartbeat) -> None:
    assert owntracks.read(sent(json.dumps(message)))[:3] == ([], [heartbeat], [])


@pytest.mark.parametrize("body", [b"", b" \n"])
def test_an_empty_body_too(body: bytes) -> None:
    assert owntracks.read(sent(body))[:3] == ([], [alive(None)], [])


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('{"_type":"encrypted","data":"AbC="}', "encrypted"),
        ('{"_type":"novel"}', "no message of OwnTracks"),
        ('{"_type":{}}', "no message of OwnTracks"),
        ("{}", "no message of OwnTracks"),
        ("5", "no JSON object"),
        ("{", "is not JSON"),
        ('{"_type":"location","tst":1}', "longitude or latitude"),
        ('{"_type":"location","lat":"1","tst":1}', "longitude or latitude"),
        ('{"_type":"location","lat":[1],"lon":2}', "longitude or latitude"),
    ],
)
def test_what_is_no_message_is_kept_with_its_reason(body: str, reason: str) -> None:
    delivery = owntracks.read(sent(body))
    (unread,) = delivery.unread
    assert (reason in unread.en, unread.body.replace(" ", "")) == (True, body)


def test_a_token_in_what_is_kept_is_not() -> None:
    (unread,) = owntracks.read(sent(json.dumps({"_type": "novel", "password": TOKEN}))).unread
    assert unread.body == '{"_type": "novel", "password": "gg_…"}'


@pytest.mark.parametrize(
    ("message", "query", "identity"),
    [
        ({"topic": "owntracks/a/b", "tid": "b"}, "?u=c&d=d", "owntracks/a/b"),
        ({"tid": "b"}, "", "b"),
        ({}, "?u=c&d=d", "d"),
        ({}, "", None),
    ],
)
def test_what_the_client_calls_itself(message: dict[str, str], query: str, identity: str | None) -> None:
    body = json.dumps({"_type": "location", "lat": 1, "lon": 2, **message})
    assert owntracks.read(sent(body, query=query)).identity == identity


# --- Overland in its OwnTracks mode ----------------------------------------------------------------

SINCE_2001 = TST - 978_307_200
OVERLAND = {"_type": "location", "lat": 22.6432, "lon": 114.4185, "acc": 5, "batt": -100, "topic": "owntracks/p1"}


@pytest.mark.parametrize("read", [owntracks.read, overland.read])
def test_its_seconds_count_from_2001(read: Any) -> None:
    reading = only(read(sent(json.dumps({**OVERLAND, "tst": SINCE_2001 + 0.5}))))
    assert reading == fix(DAY.replace(microsecond=500000), 114.4185, 22.6432, accuracy_m=5.0, topic="owntracks/p1")


@pytest.mark.parametrize(
    ("message", "fix_at"),
    [
        ({**OVERLAND, "tst": TST}, DAY),  # a version that counts as all others do
        (location(tst=SINCE_2001), utc(1995, 11, 1, 3)),  # OwnTracks itself: its clock is wrong, for the judge to say
        ({**OVERLAND, "tst": TST - 1024 * 7 * 86400}, utc(2007, 3, 18, 3)),  # a roll-over of weeks
    ],
)
def test_no_other_time_is_touched(message: dict[str, Any], fix_at: Any) -> None:
    assert only(owntracks.read(sent(json.dumps(message)))).fix_at == fix_at


def test_when_it_arrives_again_does_not_matter() -> None:
    body = json.dumps({**OVERLAND, "tst": SINCE_2001})
    later = RECEIVED.replace(year=2027)
    assert owntracks.read(sent(body, received_at=later)) == owntracks.read(sent(body))
