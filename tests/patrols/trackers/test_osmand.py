"""Traccar Client 8 and 10, OsmAnd and GPSLogger: golden requests, as their sources write them."""

from typing import Any

import pytest

from gisgrid.patrols.trackers.osmand import MOST_FIELDS, read_gpslogger, read_osmand, read_traccar
from gisgrid.patrols.trackers.reading import Delivery, Heartbeat, Reading
from tests.patrols.trackers.phones import RECEIVED, TOKEN, alive, fix, only, sent, utc

DAY = utc(2013, 8, 22, 13, 14, 27)
KNOT = 1852 / 3600

TRACCAR_8 = (
    "?id=123456&timestamp=1377177267&lat=60.0&lon=30.0&speed=10&bearing=7.19889788244&altitude=12.5&accuracy=8.0"
    "&batt=87.0&charge=true&mock=true"
)
TRACCAR_10 = (
    "id=48241179&lat=22.6432&lon=114.4185&timestamp=1377177267&accuracy=8.5&altitude=12.0&speed=2.33&bearing=90.0"
    "&batt=80&charge=false"
)
OSMAND = "?lat=22.6432&lon=114.4185&timestamp=1377177267862&accuracy=4.5&altitude=11.0&speed=1.5&bearing=270.0"
GPSLOGGER = "?lat=22.6432&lon=114.4185&timestamp=1377177267&acc=4.5&alt=11.0&spd=1.5&dir=270.0&sat=7&batt=63&desc="

READINGS: list[tuple[str, Any, dict[str, str], Reading]] = [
    (
        "Traccar Client 8: POST, everything in the query, an empty body",
        read_traccar,
        {"query": TRACCAR_8},
        fix(
            DAY, 30.0, 60.0, accuracy_m=8.0, speed_mps=10 * KNOT, bearing_deg=7.19889788244, altitude_m=12.5,
            battery=0.87, is_charging=True, is_mock=True,
        ),
    ),
    (
        "Traccar Client 10: POST, everything in the form",
        read_traccar,
        {"body": TRACCAR_10},
        fix(
            DAY, 114.4185, 22.6432, accuracy_m=8.5, speed_mps=2.33 * KNOT, bearing_deg=90.0, altitude_m=12.0,
            battery=0.8, is_charging=False,
        ),
    ),
    (
        "version 10 with the token in the query: neither hides the other",
        read_traccar,
        {"body": TRACCAR_10, "query": f"?token={TOKEN}"},
        fix(
            DAY, 114.4185, 22.6432, accuracy_m=8.5, speed_mps=2.33 * KNOT, bearing_deg=90.0, altitude_m=12.0,
            battery=0.8, is_charging=False,
        ),
    ),
    (
        "an emergency: somebody pressed for it",
        read_traccar,
        {"query": "?id=1&timestamp=1377177267&lat=60&lon=30&alarm=sos"},
        fix(DAY, 30.0, 60.0, alarm="sos", is_track=False),
    ),
    (
        "vector: ISO 8601, and what is not known stays under its own name",
        read_traccar,
        {"query": "?id=902064&lat=42.06288&lon=-88.23412&timestamp=2016-01-27T18%3A55%3A47Z&hdop=6&driverUniqueId=007"},
        fix(utc(2016, 1, 27, 18, 55, 47), -88.23412, 42.06288, hdop=6.0, driverUniqueId="007"),
    ),
    (
        "vector: location",
        read_traccar,
        {"query": "?id=123456&timestamp=1377177267&location=60.0,30.0"},
        fix(DAY, 30.0, 60.0),
    ),
    (
        "vector: no id, which is refused where there are no tokens",
        read_traccar,
        {"query": "?timestamp=1377177267&lat=60.0&lon=30.0"},
        fix(DAY, 30.0, 60.0),
    ),
    (
        "vector: no time is now",
        read_traccar,
        {"query": "?lat=60.0&lon=30.0&speed=0.0&heading=0.0&vacc=0&hacc=0&altitude=0&deviceid=123456"},
        fix(RECEIVED, 30.0, 60.0, speed_mps=0.0, bearing_deg=0.0, vacc="0", hacc="0", altitude_m=0.0),
    ),
    (
        "vector: milliseconds",
        read_traccar,
        {"query": "?id=902064&lat=42&lon=-88&timestamp=1442068686579"},
        fix(utc(2015, 9, 12, 14, 38, 6, 579000), -88.0, 42.0),
    ),
    (
        "vector: a time without a zone is local",
        read_traccar,
        {"query": "?lat=49&lon=6&timestamp=2014-06-04+09%3A10%3A11&id=353861053849681"},
        fix(utc(2014, 6, 4, 1, 10, 11), 6.0, 49.0),
    ),
    (
        "a zone whose + nobody escaped",
        read_traccar,
        {"query": "?lat=49&lon=6&timestamp=2014-06-04T09:10:11+08:00"},
        fix(utc(2014, 6, 4, 1, 10, 11), 6.0, 49.0),
    ),
    (
        "masts and networks come several times; an empty field says nothing, and the last of two holds",
        read_traccar,
        {"query": "?lat=1&lat=2&lat=&lon=3&timestamp=1377177267&cell=257,02,16,2224&cell=257,02,16,2223,-90"},
        fix(DAY, 3.0, 2.0, cell="257,02,16,2224;257,02,16,2223,-90"),
    ),
    (
        "a field in the query and in the form: the form holds",
        read_traccar,
        {"query": "?lat=1&lon=3&timestamp=1", "body": "lat=2&timestamp=1377177267"},
        fix(DAY, 3.0, 2.0),
    ),
    (
        "what a phone does not know is left out",
        read_traccar,
        {"query": "?lat=2&lon=3&timestamp=1377177267&speed=-1&bearing=-1&accuracy=0&batt=-1&valid=0"},
        fix(DAY, 3.0, 2.0, is_valid=False),
    ),
    (
        "what cannot be read stays, out of the way of what can",
        read_traccar,
        {"query": "?lat=2&lon=3&timestamp=soon&speed=fast&accuracy=-3&batt=180&charge=perhaps&battery=12&motion=yes"},
        fix(
            None, 3.0, 2.0, speed="fast", accuracy="-3", batt="180", charge="perhaps", sent_battery="12",
            sent_motion="yes", timestamp="soon",
        ),
    ),
    (
        "numbers that are no places, for the judge",
        read_traccar,
        {"query": "?lat=1e400&lon=-1e9&timestamp=1377177267&altitude=nan"},
        fix(DAY, -1e9, float("inf"), altitude="nan"),
    ),
    (
        "OsmAnd: milliseconds, metres a second",
        read_osmand,
        {"query": OSMAND},
        fix(
            DAY.replace(microsecond=862000), 114.4185, 22.6432, accuracy_m=4.5, altitude_m=11.0, speed_mps=1.5,
            bearing_deg=270.0,
        ),
    ),
    (
        "GPSLogger: metres a second, seconds, an empty note",
        read_gpslogger,
        {"query": GPSLOGGER},
        fix(
            DAY, 114.4185, 22.6432, accuracy_m=4.5, altitude_m=11.0, speed_mps=1.5, bearing_deg=270.0, satellites=7.0,
            battery=0.63,
        ),
    ),
    (
        "GPSLogger with a note: somebody meant that place; its fields in the body",
        read_gpslogger,
        {"body": GPSLOGGER[1:] + "%E4%BA%95%E7%9B%96%E7%BC%BA%E5%A4%B1"},
        fix(
            DAY, 114.4185, 22.6432, accuracy_m=4.5, altitude_m=11.0, speed_mps=1.5, bearing_deg=270.0, satellites=7.0,
            battery=0.63, desc="井盖缺失", is_track=False,
        ),
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("read", "given", "reading"), [case[1:] for case in READINGS], ids=[case[0] for case in READINGS]
)
def test_golden_readings(read: Any, given: dict[str, str], reading: Reading) -> None:
    assert only(read(sent(**given))) == reading


@pytest.mark.parametrize(
    ("given", "heartbeat"),
    [
        ({"query": "?id=123456&timestamp=1377177267&batt=87"}, alive(DAY, battery=0.87)),
        ({"body": "id=123456&timestamp=1377177267"}, alive(DAY)),
        ({"query": "?id=123456&timestamp=1377177267&alarm=sos"}, alive(DAY, alarm="sos")),
        ({"query": "?id=1&timestamp=never"}, alive(None, timestamp="never")),
        ({"query": "?id=123456"}, alive(RECEIVED)),
        ({}, alive(RECEIVED)),
        ({"query": f"?token={TOKEN}"}, alive(RECEIVED)),
    ],
)
def test_without_a_position_it_is_a_heartbeat(given: dict[str, str], heartbeat: Heartbeat) -> None:
    assert read_traccar(sent(**given))[:3] == ([], [heartbeat], [])


@pytest.mark.parametrize(
    ("given", "reason", "shown"),
    [
        ({"query": "?id=1&lat=60"}, "longitude or latitude", "id=1&lat=60"),
        ({"query": "?lat=60&lon=abc"}, "longitude or latitude", "lat=60&lon=abc"),
        ({"query": "?lat=1_0&lon=1"}, "longitude or latitude", "lat=1_0&lon=1"),
        ({"query": "?location=60"}, "longitude or latitude", "location=60"),
        ({"query": f"?token={TOKEN}&lat=x&lon=1"}, "longitude or latitude", "lat=x&lon=1"),
        ({"query": f"?lat=x&key={TOKEN}"}, "longitude or latitude", "lat=x&key=gg_…"),
        ({"body": b"\xff\xfe\x00"}, "no form", "\\xff\\xfe\ufffd"),
        ({"body": "a=1&" * (MOST_FIELDS + 1)}, "no form", "a=1&" * (MOST_FIELDS + 1)),
        ({"query": "?id=1&interval=30&distance=0&heartbeat=120"}, "inside Traccar Client", None),
    ],
)
def test_what_is_no_reading_is_kept_with_its_reason(given: dict[str, Any], reason: str, shown: str | None) -> None:
    delivery = read_traccar(sent(**given))
    (unread,) = delivery.unread
    assert reason in unread.en
    assert shown in (None, unread.body)
    assert (delivery.readings, delivery.heartbeats) == ([], [])


def test_a_body_that_is_no_form_hides_no_query() -> None:
    delivery = read_traccar(sent(b"\x00\xff", query="?lat=1&lon=2&timestamp=1377177267"))
    assert [*map(len, delivery[:3])] == [1, 0, 1]


@pytest.mark.parametrize(
    ("query", "identity"),
    [
        ("?id=902064&lat=1", "902064"),
        ("?deviceid=a", "a"),
        ("?lat=1", None),
        ("?id=%0a", None),
        ("?id=" + "x" * 101, None),
    ],
)
def test_what_the_client_calls_itself_is_told(query: str, identity: str | None) -> None:
    delivery: Delivery = read_traccar(sent(query=query))
    assert delivery.identity == identity
