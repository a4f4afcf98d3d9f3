"""Traccar Client 9: golden bodies, as its sources and the tests of Traccar write them."""

import json
from typing import Any

import pytest

from gisgrid.patrols.trackers.osmand import read_osmand, read_traccar
from gisgrid.patrols.trackers.reading import Reading
from tests.patrols.trackers.phones import RECEIVED, TOKEN, alive, fix, only, sent, utc

ANDROID = (
    '{"location":{"timestamp":"2025-06-15T13:45:12.862Z","coords":{"latitude":37.4219983,"longitude":-122.084,'
    '"accuracy":5,"speed":0,"heading":-1,"altitude":5},"is_moving":false,"odometer":0,"event":"motionchange",'
    '"battery":{"level":1,"is_charging":false},"activity":{"type":"still"},"extras":{},'
    '"_":"&id=48241179&lat=37.4219983&lon=-122.084&timestamp=2025-06-15T13:45:12.862Z&"},"device_id":"48241179"}'
)
IOS = (
    '{"location":{"extras":{},"mock":true,"coords":{"speed_accuracy":-1,"speed":-1,"longitude":-122.406417,'
    '"ellipsoidal_altitude":0,"floor":null,"heading_accuracy":-1,"latitude":37.785834000000001,"accuracy":5,'
    '"altitude_accuracy":-1,"altitude":0,"heading":-1},"is_moving":false,"age":188,"odometer":0,'
    '"uuid":"2FB04C65-99CF-42AB-8DD3-EBCB4B108BF8","event":"motionchange","battery":{"level":-1,"is_charging":false},'
    '"activity":{"type":"unknown","confidence":100},"timestamp":"2025-05-09T04:11:30.579Z"},"device_id":"658765"}'
)
MOVING = (
    '{"location":{"event":"motionchange","is_moving":false,"uuid":"0e9a2473-a9a7-4c00-997b-fb97d2154e75",'
    '"timestamp":"2021-07-21T08:06:34.444Z","odometer":0,"coords":{"latitude":-6.1148096,"longitude":106.6837015,'
    '"accuracy":3.8,"speed":18.67,"speed_accuracy":0.26,"heading":63,"heading_accuracy":0.28,"altitude":35.7,'
    '"altitude_accuracy":3.8},"activity":{"type":"still","confidence":100},"battery":{"is_charging":false,'
    '"level":0.79},"extras":{"level":3,"driver":"007","latitude":1}},"device_id":"8737767034"}'
)
FLAT = '[{"latitude":1.5,"longitude":2.5,"timestamp":1377177267000,"speed":3,"battery":0.5,"is_charging":true}'
DAY = utc(2013, 8, 22, 13, 14, 27)


@pytest.mark.parametrize(
    ("body", "identity", "reading"),
    [
        (
            ANDROID, "48241179",
            fix(
                utc(2025, 6, 15, 13, 45, 12, 862000), -122.084, 37.4219983, accuracy_m=5.0, speed_mps=0.0,
                altitude_m=5.0, is_moving=False, odometer=0, event="motionchange", battery=1.0, is_charging=False,
                motion="still",
            ),
        ),
        (
            IOS, "658765",
            fix(
                utc(2025, 5, 9, 4, 11, 30, 579000), -122.406417, 37.785834, accuracy_m=5.0, altitude_m=0.0,
                client_id="2FB04C65-99CF-42AB-8DD3-EBCB4B108BF8", is_mock=True, speed_accuracy=-1,
                ellipsoidal_altitude=0, heading_accuracy=-1, is_moving=False, age=188, odometer=0,
                event="motionchange", is_charging=False, motion="unknown", **{"activity.confidence": 100},
            ),
        ),
        (
            MOVING, "8737767034",
            fix(
                utc(2021, 7, 21, 8, 6, 34, 444000), 106.6837015, -6.1148096, accuracy_m=3.8, speed_mps=18.67,
                client_id="0e9a2473-a9a7-4c00-997b-fb97d2154e75", bearing_deg=63.0, altitude_m=35.7,
                vertical_accuracy_m=3.8, speed_accuracy=0.26, heading_accuracy=0.28, is_moving=False, odometer=0,
                event="motionchange", battery=0.79, is_charging=False, motion="still", level=3, driver="007",
                **{"activity.confidence": 100},
            ),
        ),
        (
            '{"location":{"timestamp":"2013-08-22T13:14:27Z","coords":{"latitude":1,"longitude":2},"alarm":"sos"}}',
            None,
            fix(DAY, 2.0, 1.0, alarm="sos", is_track=False),
        ),
    ],
    ids=["Android", "iOS", "moving, with a person's own extras", "an emergency"],
)  # fmt: skip
@pytest.mark.parametrize("read", [read_traccar, read_osmand])
def test_golden_bodies(read: Any, body: str, identity: str | None, reading: Reading) -> None:
    delivery = read(sent(body, query=f"?token={TOKEN}", content_type="application/json; charset=latin-1"))
    assert only(delivery) == reading
    assert delivery.identity == identity


def test_without_coords_it_is_a_heartbeat() -> None:
    body = '{"location":{"timestamp":"2013-08-22T13:14:27Z","battery":{"level":0.5},"event":"providerchange"}}'
    assert read_traccar(sent(body))[:3] == ([], [alive(DAY, battery=0.5, event="providerchange")], [])


def test_a_forks_array_of_flat_objects_is_taken_item_by_item() -> None:
    delivery = read_traccar(sent(FLAT + ',5,{"latitude":"x"},{"lat":3,"lon":4}]'))
    assert delivery.readings == [
        fix(DAY, 2.5, 1.5, speed_mps=3.0, battery=0.5, is_charging=True),
        fix(RECEIVED, 4.0, 3.0),
    ]
    assert [unread.body for unread in delivery.unread] == ["5", '{"latitude": "x"}']


@pytest.mark.parametrize("wrap", ['{"location":[%s,%s]}', '[{"location":%s},{"location":%s}]'])
def test_several_locations_at_once(wrap: str) -> None:
    one, other = (f'{{"timestamp":{seconds},"coords":{{"latitude":1,"longitude":2}}}}' for seconds in (1, 2))
    delivery = read_traccar(sent(wrap % (one, other)))
    assert [reading.fix_at for reading in delivery.readings] == [utc(1970, 1, 1, 0, 0, 1), utc(1970, 1, 1, 0, 0, 2)]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('{"location":', "is not JSON"),
        ('{"location":null}', "no JSON object"),
        ('{"location":{}}', "no location of Traccar"),
        ("{}", "no location of Traccar"),
        ('{"locations":[{"geometry":{"coordinates":[1,2]}}]}', "no location of Traccar"),
        ('{"location":{"timestamp":1,"coords":{"latitude":1}}}', "longitude or latitude"),
        ('{"location":{"timestamp":1,"coords":{"latitude":null,"longitude":"x"}}}', "longitude or latitude"),
        ('{"location":{"timestamp":1,"coords":{"latitude":true,"longitude":1}}}', "longitude or latitude"),
    ],
)
def test_what_is_no_location_is_kept_with_its_reason(body: str, reason: str) -> None:
    delivery = read_traccar(sent(body))
    (unread,) = delivery.unread
    assert reason in unread.en
    assert not delivery.readings + delivery.heartbeats  # type: ignore[operator]


@pytest.mark.parametrize("body", [ANDROID.encode("utf-8-sig"), b"\n " + ANDROID.encode()])
def test_json_is_known_by_how_it_begins_whatever_its_type_says(body: bytes) -> None:
    reading = only(read_traccar(sent(body, content_type="application/x-www-form-urlencoded")))
    assert reading == only(read_traccar(sent(ANDROID)))  # which holds a query as well, for servers that look for one


def test_a_time_that_cannot_be_read_is_none_and_stays_as_sent() -> None:
    location = {"timestamp": "0001-01-01T00:00:00Z", "coords": {"latitude": 1, "longitude": 2}}
    reading = only(read_traccar(sent(json.dumps({"location": location}))))
    assert (reading.fix_at, reading.attributes) == (None, {"timestamp": "0001-01-01T00:00:00Z"})
