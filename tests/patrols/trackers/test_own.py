"""Our own JSON."""

import json
from typing import Any

import pytest

from gisgrid.patrols.trackers.own import MOST_SYSTEMS, read
from gisgrid.patrols.trackers.reading import Reading
from tests.patrols.trackers.phones import alive, fix, only, sent, utc

EIGHT = utc(2026, 11, 1, 0)


def check_in(**changes: Any) -> dict[str, Any]:
    """Return the least that is a check-in, at eight in Shenzhen."""
    return {"fix_at": "2026-11-01T08:00:00+08:00", "longitude": 114.4185, "latitude": 22.6432, **changes}


FULL = check_in(
    patroller="P001", patrol="早班", accuracy_m=8.5, client_id="4f6c1f0e", crs="GCJ-02", is_track=True, speed_mps=1.2,
    bearing_deg=90.5, altitude_m=12, vertical_accuracy_m=3.0, battery=0.8, is_charging=False, is_mock=False,
    alarm="sos", motion="walking", hdop=0.9, satellites=9, page="1.2.3",
)  # fmt: skip


@pytest.mark.parametrize(
    ("item", "reading"),
    [
        (
            FULL,
            fix(
                EIGHT, 114.4185, 22.6432, accuracy_m=8.5, client_id="4f6c1f0e", crs="gcj02", patroller="P001",
                patrol="早班", speed_mps=1.2, bearing_deg=90.5, altitude_m=12.0, vertical_accuracy_m=3.0, battery=0.8,
                is_charging=False, is_mock=False, alarm="sos", motion="walking", hdop=0.9, satellites=9.0,
                page="1.2.3",
            ),
        ),
        (check_in(), fix(EIGHT, 114.4185, 22.6432, is_track=False)),
        (check_in(fix_at="2026-11-01T08:00:00"), fix(EIGHT, 114.4185, 22.6432, is_track=False)),
        (check_in(fix_at=None), fix(None, 114.4185, 22.6432, is_track=False)),
        (check_in(is_track="yes", battery=80), fix(EIGHT, 114.4185, 22.6432, is_track=False, sent_battery=80)),
        (check_in(patroller="", crs=None, client_id="a\nb"), fix(EIGHT, 114.4185, 22.6432, is_track=False)),
        (check_in(longitude=1e300), fix(EIGHT, 1e300, 22.6432, is_track=False)),
        (check_in(crs="EPSG:4547", longitude=5e5), fix(EIGHT, 5e5, 22.6432, crs="EPSG:4547", is_track=False)),
    ],
)  # fmt: skip
def test_golden_check_ins(item: dict[str, Any], reading: Reading) -> None:
    assert only(read(sent(json.dumps(item)))) == reading


def test_a_time_that_cannot_be_read_is_none_and_stays_as_sent() -> None:
    reading = only(read(sent(json.dumps(check_in(fix_at="soon")))))
    assert (reading.fix_at, reading.attributes) == (None, {"fix_at": "soon"})


def test_a_list_is_read_item_by_item() -> None:
    delivery = read(
        sent(json.dumps([check_in(longitude=1), 5, check_in(longitude=2), {"a": 1}, check_in(longitude=3)]))
    )
    assert [reading.longitude for reading in delivery.readings] == [1, 2, 3]
    assert [unread.body for unread in delivery.unread] == ["5", '{"a": 1}']


def test_a_time_without_a_position_is_a_heartbeat() -> None:
    item = {"fix_at": "2026-11-01T08:00:00+08:00", "alarm": "sos", "battery": 0.2}
    assert read(sent(json.dumps(item)))[:3] == ([], [alive(EIGHT, alarm="sos", battery=0.2)], [])


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ({}, "neither a position nor a time"),
        (check_in(longitude=None), "longitude or latitude"),
        (check_in(longitude="east"), "longitude or latitude"),
        (check_in(patroller="a\nb"), "one line"),
        (check_in(patroller="x" * 101), "one line"),
        (check_in(patrol={}), "one line"),
        (check_in(crs="EPSG:999999"), "unknown coordinate system"),
        (check_in(crs="+proj=longlat +nadgrids=/etc/passwd"), "name a coordinate system"),
        (check_in(crs={}), "is text"),
    ],
)
def test_what_is_no_check_in_is_kept_with_its_reason(item: dict[str, Any], reason: str) -> None:
    delivery = read(sent(json.dumps(item)))
    (unread,) = delivery.unread
    assert (reason in unread.en, unread.body) == (True, json.dumps(item, ensure_ascii=False))
    assert not delivery.readings


def test_a_request_that_names_ever_other_systems_does_not_have_us_look_for_them_all() -> None:
    delivery = read(sent(json.dumps([check_in(crs=f"EPSG:90000{number}") for number in range(100)] + [check_in()])))
    reasons = [unread.en for unread in delivery.unread]
    assert sum("unknown" in reason for reason in reasons) == MOST_SYSTEMS
    assert sum("at most" in reason for reason in reasons) == 100 - MOST_SYSTEMS
    assert len(delivery.readings) == 1
