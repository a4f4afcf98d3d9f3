"""What holds for every protocol: it is complete, it never fails, nothing is lost, and little work is little work."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.geometry import crs_name
from gisgrid.parse import CONTROL
from gisgrid.patrols.trackers.protocols import PROTOCOLS
from gisgrid.patrols.trackers.reading import LONGEST_BODY, MOST_UNREAD, Delivery, Reading
from tests.patrols.trackers.phones import TOKEN, sent
from tests.test_nasty import ANY_JSON, BODIES, TEXTS, VALUES

EVERY = pytest.mark.parametrize("protocol", sorted(PROTOCOLS))
NAMES = st.sampled_from([None, "a.gpx", "a.csv", "a.json", "a.geojson", "a.txt", "a"])

ITEMS: dict[str, Callable[[str, str], str]] = {
    "traccar": lambda field, value: f'{{"timestamp":1,"coords":{{"latitude":1,"longitude":2}},"{field}":{value}}}',
    "osmand": lambda field, value: f'{{"timestamp":1,"latitude":1,"longitude":2,"{field}":{value}}}',
    "gpslogger": lambda field, value: f'{{"timestamp":1,"lat":1,"lon":2,"{field}":{value}}}',
    "owntracks": lambda field, value: f'{{"_type":"location","lat":1,"lon":2,"tst":1,"{field}":{value}}}',
    "overland": lambda field, value: (
        f'{{"geometry":{{"coordinates":[2,1]}},"properties":{{"timestamp":"2026-11-01T00:00:00Z","{field}":{value}}}}}'
    ),
    "json": lambda field, value: f'{{"fix_at":1,"longitude":2,"latitude":1,"{field}":{value}}}',
    "file": lambda field, value: f'{{"fix_at":1,"longitude":2,"latitude":1,"{field}":{value}}}',
}
"""One item of each protocol as JSON, with one field given as text."""
FIELDS = {
    "traccar": ["timestamp", "coords", "battery", "activity", "extras", "uuid", "mock", "alarm", "_", "other", "speed"],
    "osmand": ["timestamp", "latitude", "longitude", "accuracy", "speed", "heading", "altitude"],
    "gpslogger": ["lat", "lon", "timestamp"],
    "owntracks": [
        "_type",
        "lat",
        "lon",
        "tst",
        "tid",
        "acc",
        "bs",
        "batt",
        "vel",
        "_id",
        "poi",
        "t",
        "inregions",
        "topic",
    ],
    "overland": ["timestamp", "motion", "speed", "battery_level", "battery_state", "action", "type", "departure_date"],
    "json": ["fix_at", "longitude", "latitude", "crs", "patroller", "patrol", "client_id", "is_track", "accuracy_m"],
    "file": ["battery", "alarm", ""],
}
"""The fields of each that mean something."""


def batch(protocol: str, items: list[str]) -> str:
    """Return a body of several items."""
    listed = f"[{','.join(items)}]"
    return f'{{"locations":{listed}}}' if protocol == "overland" else listed


def sound(delivery: Delivery) -> Delivery:
    """Check that a delivery holds nothing that a database, a screen or arithmetic could trip over."""
    for reading in delivery.readings:
        assert isinstance(reading.longitude, float)
        assert isinstance(reading.latitude, float)
        assert reading.accuracy_m is None or 0 < reading.accuracy_m < float("inf")
        assert reading.crs == crs_name(reading.crs)
        for named in (reading.client_id, reading.patroller, reading.patrol):
            assert named is None or (0 < len(named) <= 100 and not CONTROL.search(named))
    for when, attributes in [(one.fix_at, one.attributes) for one in delivery.readings] + [*delivery.heartbeats]:
        assert when is None or (when.tzinfo is UTC and 1900 < when.year < 9000)
        assert "\\u0000" not in json.dumps(attributes, allow_nan=False)
        assert TOKEN.encode() not in json.dumps(attributes, ensure_ascii=False).encode()
    for unread in delivery.unread:
        assert unread.zh, unread.en
        assert len(unread.body) <= LONGEST_BODY
        assert b"\x00" not in f"{unread.zh}{unread.en}{unread.body}".encode()
    assert len(delivery.unread) <= MOST_UNREAD + 1
    return delivery


def test_the_table_is_complete() -> None:
    assert {name: (protocol.answer, protocol.media_type) for name, protocol in PROTOCOLS.items()} == {
        "traccar": (b"", None),
        "osmand": (b"", None),
        "gpslogger": (b"", None),
        "owntracks": (b"[]", "application/json"),
        "overland": (b'{"result":"ok"}', "application/json"),
        "json": (b'{"result":"ok"}', "application/json"),
        "file": (b'{"result":"ok"}', "application/json"),
    }


@EVERY
@pytest.mark.parametrize("file_name", [None, "a.gpx", "a.csv", "a.json"])
def test_nasty_bodies(protocol: str, file_name: str | None) -> None:
    read = PROTOCOLS[protocol].read
    for body in BODIES:
        delivery = sound(read(sent(body, file_name=file_name)))
        assert any(delivery[:3]) or json.loads(body.decode("utf-8-sig")) == [], body[:80]


@EVERY
def test_nasty_values_of_every_field_spoil_no_other_item(protocol: str) -> None:
    item, read = ITEMS[protocol], PROTOCOLS[protocol].read
    for field in FIELDS[protocol]:
        good = item("x", "1")
        bad = [item(field, value) for value in VALUES]
        twice = good.replace("{", '{"x":1,"x":2,', 1)
        delivery = sound(
            read(sent(batch(protocol, [good, *bad, "3", "null", "[]", twice, good]), query=f"?token={TOKEN}"))
        )
        assert len(delivery.readings) >= 3, field
        assert delivery.readings[0] == delivery.readings[-1]
        found = len(delivery.readings) + len(delivery.unread)
        assert found <= len(VALUES) + 6
        assert found == len(VALUES) + 6 or delivery.heartbeats, field


@pytest.mark.parametrize("protocol", ["traccar", "osmand", "gpslogger"])
def test_nasty_parameters(protocol: str) -> None:
    fields = (
        "id",
        "timestamp",
        "lat",
        "lon",
        "location",
        "speed",
        "accuracy",
        "batt",
        "charge",
        "alarm",
        "desc",
        "cell",
    )
    for text in TEXTS:
        for field in (*fields, text):
            given = [("token", TOKEN), ("timestamp", "1"), ("lat", "1"), ("lon", "2"), (field, text)]
            delivery = sound(PROTOCOLS[protocol].read(sent()._replace(query=given)))
            assert sum(map(len, delivery[:3])) == 1


@EVERY
@given(st.binary(max_size=200), NAMES)
def test_any_bytes(protocol: str, body: bytes, file_name: str | None) -> None:
    sound(PROTOCOLS[protocol].read(sent(body, file_name=file_name)))


@EVERY
@given(st.lists(ANY_JSON, max_size=4) | ANY_JSON, st.sampled_from(["%s", '{"locations":%s}', '{"location":%s}']), NAMES)
def test_any_json(protocol: str, root: Any, wrap: str, file_name: str | None) -> None:
    sound(PROTOCOLS[protocol].read(sent(wrap % json.dumps(root), file_name=file_name)))


@EVERY
@given(st.data())
def test_any_changes_of_good_items(protocol: str, data: st.DataObject) -> None:
    good: Reading = PROTOCOLS[protocol].read(sent(batch(protocol, [ITEMS[protocol]("x", "1")]))).readings[0]
    fields = st.sampled_from(FIELDS[protocol])
    changed = data.draw(st.lists(st.dictionaries(fields, ANY_JSON, max_size=3), max_size=4))
    items = [json.dumps({**json.loads(ITEMS[protocol]("x", "1")), **change}) for change in changed]
    delivery = sound(PROTOCOLS[protocol].read(sent(batch(protocol, [*items, ITEMS[protocol]("x", "1")]))))
    assert delivery.readings[-1] == good


@EVERY
@given(st.data())
def test_any_damage_of_a_good_body(protocol: str, data: st.DataObject) -> None:
    good = batch(protocol, [ITEMS[protocol]("x", "1")] * 3).encode()
    start, end = sorted(data.draw(st.tuples(st.integers(0, len(good)), st.integers(0, len(good)))))
    sound(PROTOCOLS[protocol].read(sent(good[:start] + data.draw(st.binary(max_size=4)) + good[end:])))


SIZE = 500_000
BURSTS = {
    "commas": ("json", b"[" + b"0," * (SIZE // 2) + b"0]"),
    "empty objects": ("owntracks", b"[" + b"{}," * (SIZE // 3) + b"{}]"),
    "empty features": ("overland", b'{"locations":[' + b"{}," * (SIZE // 3) + b"{}]}"),
    "digits": ("traccar", b'{"location":{"timestamp":1,"coords":{"latitude":' + b"1" * SIZE + b',"longitude":1}}}'),
    "many fields": ("traccar", b"a=1&" * (SIZE // 4)),
    "ever other systems": (
        "json",
        b"[" + b",".join(b'{"longitude":1,"latitude":2,"fix_at":1,"crs":"EPSG:%d"}' % n for n in range(10_000)) + b"]",
    ),
    "short rows": ("file", b"a,b\n" + b"1\n" * (SIZE // 2)),
    "empty rows": ("file", b"a,b\n" + b"\n" * SIZE),
    "no geometry": ("file", b'{"type":"FeatureCollection","features":[' + b"{}," * (SIZE // 3) + b"{}]}"),
    "points of nothing": ("file", b"<gpx>" + b"<wpt/>" * 600_000 + b"</gpx>"),
    "depth": ("file", b"<gpx>" + b"<a>" * (SIZE // 3)),
}


@pytest.mark.parametrize("burst", BURSTS)
def test_a_large_body_of_nothing_is_read_to_its_end(burst: str) -> None:
    protocol, body = BURSTS[burst]
    sound(PROTOCOLS[protocol].read(sent(body)))


def test_no_protocol_knows_the_web_or_a_database() -> None:
    program = "import sys, gisgrid.patrols.trackers.protocols, gisgrid.patrols.trackers.setup; print(*sys.modules)"
    known = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert not {"fastapi", "starlette", "sqlalchemy", "pysqlite3"} & {*known.stdout.split()}
