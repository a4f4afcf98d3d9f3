"""JSON of Traccar Client 9, and of forks of it that send an array of flat objects; speeds in metres a second."""

from functools import partial
from typing import Any, Final

from gisgrid.parse import BadBody, lenient_json
from gisgrid.patrols.trackers.reading import (
    NO_POSITION,
    NOT_JSON,
    Delivery,
    Found,
    Heartbeat,
    Reading,
    Sent,
    delivered,
    each_object,
    unread,
)
from gisgrid.patrols.trackers.values import (
    Fields,
    attributes,
    finite,
    first,
    flag,
    fraction,
    moment,
    name,
    position,
    radius,
    unless_negative,
    words,
)

FIELDS: Final[Fields] = {
    **dict.fromkeys(("latitude", "longitude", "lat", "lon", "timestamp", "uuid", "device_id")),
    "_": None,  # id, position and time once more, as a query
    "accuracy": ("accuracy_m", radius),
    "altitude_accuracy": ("vertical_accuracy_m", unless_negative),
    "speed": ("speed_mps", unless_negative),
    "heading": ("bearing_deg", unless_negative),
    "bearing": ("bearing_deg", unless_negative),
    "altitude": ("altitude_m", finite),
    "hdop": ("hdop", finite),
    "battery": ("battery", fraction),
    "battery.level": ("battery", fraction),
    "battery.is_charging": ("is_charging", flag),
    "is_charging": ("is_charging", flag),
    "activity": ("motion", words),
    "activity.type": ("motion", words),
    "mock": ("is_mock", flag),
    "alarm": ("alarm", words),
}
NO_LOCATION: Final = ("不是 Traccar Client 的定位", "is no location of Traccar Client")


def is_json(body: bytes) -> bool:
    """Tell whether a body is JSON: no form begins like that, whatever its type says."""
    return body[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


def read_json(sent: Sent) -> Delivery:
    """Read one location or many."""
    try:
        root = lenient_json(sent.body)
    except BadBody:
        return delivered([unread(NOT_JSON, sent.body)])
    identity = root.get("device_id") if isinstance(root, dict) else None
    return delivered(each_object(_locations(root), partial(_found, sent)), name(identity))


def _locations(root: Any) -> list[Any]:
    if isinstance(root, dict) and "location" in root:
        root = root["location"]
    if not isinstance(root, list):
        return [root]
    return [item["location"] if isinstance(item, dict) and "location" in item else item for item in root]


def _found(sent: Sent, location: dict[str, Any]) -> Found:
    told = _flat(location)
    try:
        place = position(first(told, "longitude", "lon"), first(told, "latitude", "lat"))
    except ValueError:
        return unread(NO_POSITION, location)
    written = told.get("timestamp")
    if place is None and written is None:
        return unread(NO_LOCATION, location)
    at = sent.received_at if written is None else moment(written, sent.zone)
    kept = attributes(told.items(), FIELDS, unread_time=None if at else ("timestamp", written))
    if place is None:  # without coords it is a heartbeat
        return Heartbeat(at, kept)
    return Reading(
        at,
        *place,
        kept,
        accuracy_m=kept.pop("accuracy_m", None),
        client_id=name(told.get("uuid")),
        is_track="alarm" not in kept,  # an alarm is somebody's act at a place; all else is recorded on the way
    )


def _flat(location: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a location, of its coords and of a person's own extras; of others as battery.level."""
    extras, coords = location.get("extras"), location.get("coords")
    flat = dict(extras) if isinstance(extras, dict) else {}
    for field, value in location.items():
        if not isinstance(value, dict):
            flat[field] = value
        elif field not in ("extras", "coords"):
            flat.update({f"{field}.{part}": of_part for part, of_part in value.items()})
    return {**flat, **coords} if isinstance(coords, dict) else flat
