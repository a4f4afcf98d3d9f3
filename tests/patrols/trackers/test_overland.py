"""Overland: golden batches, as its sources write them."""

import json
from typing import Any

import pytest

from gisgrid.patrols.trackers.overland import read
from gisgrid.patrols.trackers.reading import Reading
from tests.patrols.trackers.phones import alive, fix, only, sent, utc

EIGHT = utc(2026, 11, 1, 0)


def feature(*place: float, **properties: Any) -> dict[str, Any]:
    """Return a feature as it stands in the queue, at eight in Shenzhen."""
    told = {"timestamp": "2026-11-01T00:00:00Z", **properties}
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": place or [114.4185, 22.6432]},
        "properties": told,
    }


def batch(*features: Any, **others: Any) -> str:
    """Return a body."""
    return json.dumps({"locations": list(features), **others})


FULL = feature(
    altitude=12.5, speed=1.25, course=270.5, horizontal_accuracy=5.2, vertical_accuracy=3, speed_accuracy=0.5,
    course_accuracy=11, motion=["walking", "stationary"], wifi="值班室", battery_state="charging", battery_level=0.8,
    device_id="P001", unique_id="4F9A", tracking_mode=1, pauses=False,
)  # fmt: skip


@pytest.mark.parametrize(
    ("sent_feature", "reading"),
    [
        (
            FULL,
            fix(
                EIGHT, 114.4185, 22.6432, accuracy_m=5.2, altitude_m=12.5, speed_mps=1.25, bearing_deg=270.5,
                vertical_accuracy_m=3.0, speed_accuracy=0.5, course_accuracy=11, motion="walking, stationary",
                wifi="值班室", is_charging=True, battery=0.8, device_id="P001", unique_id="4F9A", tracking_mode=1,
                pauses=False,
            ),
        ),
        (feature(timestamp="2026-10-31T17:00:00-0700"), fix(EIGHT, 114.4185, 22.6432)),
        (
            feature(
                speed=-1, course=-1, horizontal_accuracy=0, vertical_accuracy=-1, battery_level=-1, wifi="", motion=[]
            ),
            fix(EIGHT, 114.4185, 22.6432),
        ),
        (feature(battery_state="unplugged"), fix(EIGHT, 114.4185, 22.6432, is_charging=False)),
        (feature(battery_state="unknown"), fix(EIGHT, 114.4185, 22.6432)),
        (feature(battery_state="odd"), fix(EIGHT, 114.4185, 22.6432, battery_state="odd")),
        (feature(horizontal_accuracy=-1), fix(EIGHT, 114.4185, 22.6432, horizontal_accuracy=-1)),
        (feature(timestamp=None), fix(None, 114.4185, 22.6432)),
        (feature(114.4185, 22.6432, 12.0), fix(EIGHT, 114.4185, 22.6432)),
        (
            feature(action="visit", arrival_date="2026-10-31T22:00:00Z", departure_date="2026-10-31T23:00:00Z"),
            fix(
                utc(2026, 10, 31, 23), 114.4185, 22.6432, action="visit", arrival_date="2026-10-31T22:00:00Z",
                departure_date="2026-10-31T23:00:00Z",
            ),
        ),
        (feature(action="visit", departure_date=None), fix(EIGHT, 114.4185, 22.6432, action="visit")),
    ],
    ids=lambda value: str(value["properties"])[33:70] if isinstance(value, dict) else "",
)  # fmt: skip
def test_golden_features(sent_feature: dict[str, Any], reading: Reading) -> None:
    assert only(read(sent(batch(sent_feature)))) == reading


def test_current_is_handed_over_beside_the_queue_in_which_it_comes_again() -> None:
    trip = {"mode": "walk", "start": "2026-11-01T00:00:00Z", "current_location": FULL, "start_location": FULL}
    delivery = read(sent(batch(feature(1, 2), feature(3, 4), current=feature(5, 6), trip=trip)))
    assert [(reading.longitude, reading.latitude) for reading in delivery.readings] == [(1, 2), (3, 4), (5, 6)]
    assert read(sent(batch(feature(5, 6)))).readings == delivery.readings[2:]


@pytest.mark.parametrize(
    ("note", "attributes"),
    [
        (feature(action="paused", battery_level=0.5), {"action": "paused", "battery": 0.5}),
        (feature(type="trip", distance=1200.5, start_location=FULL), {"type": "trip", "distance": 1200.5}),
        ({"type": "Feature", "properties": FULL["properties"] | {"action": "will_terminate"}}, None),
    ],
)  # fmt: skip
def test_a_note_of_the_app_with_its_last_position_is_no_fix(note: Any, attributes: dict[str, Any] | None) -> None:
    delivery = read(sent(batch(note)))
    assert (delivery.readings, delivery.unread) == ([], [])
    assert delivery.heartbeats[0].at == EIGHT
    assert attributes is None or delivery.heartbeats == [alive(EIGHT, **attributes)]


def test_bad_items_fail_neither_their_batch_nor_its_order() -> None:
    nasty = [5, None, [], {}, {"geometry": {"coordinates": [1]}}, feature(1, 2) | {"geometry": None}]
    odd = {"type": "Feature", "geometry": {"coordinates": [1, "x"]}, "properties": 7}
    delivery = read(sent(batch(feature(1, 2), *nasty, feature(3, 4), odd, feature(5, 6))))
    assert [reading.longitude for reading in delivery.readings] == [1, 3, 5]
    assert [unread.body[:12] for unread in delivery.unread] == [
        "5", "null", "[]", "{}", '{"geometry":', '{"type": "Fe', '{"type": "Fe'
    ]  # fmt: skip


def test_a_letter_that_is_no_utf_8_spoils_nothing_else() -> None:
    body = batch(feature(1, 2), feature(3, 4, wifi="WIFI")).encode().replace(b"WIFI", "值".encode("gbk"))
    assert [reading.longitude for reading in read(sent(body)).readings] == [1, 3]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "is not JSON"),
        ("[1]", "no batch"),
        ("{}", "no batch"),
        ('{"locations":{}}', "no batch"),
        ('{"locations":null,"current":{}}', "no batch"),
        ('{"locations":[],"current":5}', "no JSON object"),
    ],
)
def test_what_is_no_batch_is_kept_with_its_reason(body: str, reason: str) -> None:
    (unread,) = read(sent(body)).unread
    assert reason in unread.en


def test_an_empty_batch_says_that_the_phone_is_alive() -> None:
    assert read(sent(batch()))[:3] == ([], [alive(None)], [])


@pytest.mark.parametrize(
    ("first", "identity"), [(FULL, "P001"), (feature(unique_id="4F9A"), "4F9A"), (feature(), None), (5, None)]
)
def test_what_the_client_calls_itself(first: Any, identity: str | None) -> None:
    assert read(sent(batch(first))).identity == identity
