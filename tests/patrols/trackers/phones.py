"""Requests as phones make them, and what is left of a delivery to compare."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from gisgrid.patrols.trackers.reading import Delivery, Heartbeat, Reading, Sent

RECEIVED = datetime(2026, 11, 1, 4, tzinfo=UTC)
SHENZHEN = ZoneInfo("Asia/Shanghai")
TOKEN = "gg_device_hG3k9_Lm-2Qw4xTz7Vb1Nc8Rd5Sf6Yj0Pa"


def sent(body: bytes | str = b"", query: str = "", **changes: Any) -> Sent:
    """Return a request that arrived at noon in Shenzhen."""
    given = body.encode() if isinstance(body, str) else body
    pairs = parse_qsl(query.removeprefix("?"), keep_blank_values=True)
    return Sent(
        **{"body": given, "query": pairs, "content_type": "", "received_at": RECEIVED, "zone": SHENZHEN, **changes}
    )


def utc(*moment: int) -> datetime:
    """Return a time in UTC: year, month, day, hour…"""
    return datetime(*moment, tzinfo=UTC)  # type: ignore[misc,arg-type]


def fix(fix_at: datetime | None, longitude: float, latitude: float, **said: Any) -> Reading:
    """Return a reading; what is no field of its own is an attribute."""
    own = {field: said.pop(field) for field in Reading._fields if field in said}
    return Reading(fix_at, longitude, latitude, attributes=said, **own)


def alive(at: datetime | None, **said: Any) -> Heartbeat:
    """Return a heartbeat."""
    return Heartbeat(at, said)


def only(delivery: Delivery) -> Reading:
    """Return the one reading of a delivery that holds nothing else."""
    assert not delivery.heartbeats, delivery
    assert not delivery.unread, delivery
    (reading,) = delivery.readings
    return reading
