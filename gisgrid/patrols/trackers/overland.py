"""Overland: a batch of GeoJSON features, and, while a backlog waits, the newest position beside it as `current`."""

from functools import partial
from typing import Any, Final

from gisgrid.parse import BadBody, lenient_json
from gisgrid.patrols.trackers import owntracks
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
    fraction,
    moment,
    name,
    position,
    radius,
    unless_negative,
    words,
)

CHARGING: Final = {"unknown": None, "unplugged": False, "charging": True, "full": True}
NO_BATCH: Final = ("不是 Overland 的批次:缺少 locations", "is no batch of Overland: there are no locations")


def _is_charging(value: Any) -> bool | None:
    if not isinstance(value, str) or value not in CHARGING:
        raise ValueError
    return CHARGING[value]


FIELDS: Final[Fields] = {
    "timestamp": None,
    "altitude": ("altitude_m", finite),
    "speed": ("speed_mps", unless_negative),
    "course": ("bearing_deg", unless_negative),
    "horizontal_accuracy": ("accuracy_m", radius),
    "vertical_accuracy": ("vertical_accuracy_m", unless_negative),
    "battery_level": ("battery", fraction),
    "battery_state": ("is_charging", _is_charging),
    "motion": ("motion", words),
}


def read(sent: Sent) -> Delivery:
    """Read a batch. `current` comes again in the queue, with the same time and position. `trip` only sums up."""
    try:
        root = lenient_json(sent.body)
    except BadBody:
        return delivered([unread(NOT_JSON, sent.body)])
    if isinstance(root, dict) and "_type" in root:  # its OwnTracks mode, which expects Overland's answer all the same
        return owntracks.read(sent)
    features = root.get("locations") if isinstance(root, dict) else None
    if not isinstance(features, list):
        return delivered([unread(NO_BATCH, sent.body)])
    if root.get("current") is not None:
        features = [*features, root["current"]]
    if not features:
        return delivered([Heartbeat(None, {})])
    return delivered(each_object(features, partial(_found, sent)), _identity(features[0]))


def _identity(feature: Any) -> str | None:
    told = feature.get("properties") if isinstance(feature, dict) else None
    return name(first(told, "device_id", "unique_id")) if isinstance(told, dict) else None


def _found(sent: Sent, feature: dict[str, Any]) -> Found:
    told, geometry = feature.get("properties"), feature.get("geometry")
    told = told if isinstance(told, dict) else {}
    written = told.get("timestamp")
    if told.get("type") == "trip" or told.get("action", "visit") != "visit":
        # the sum of a trip, or a note that updates paused: dated now, with the last position, measured some time ago
        return Heartbeat(moment(written, sent.zone), attributes(told.items(), FIELDS))
    try:
        place = _place(geometry)
    except ValueError:
        return unread(NO_POSITION, feature)
    if told.get("action") == "visit":  # told afterwards: by then the phone may be elsewhere
        written = told.get("departure_date") or written
    at = moment(written, sent.zone)
    kept = attributes(told.items(), FIELDS, unread_time=None if at else ("timestamp", written))
    return Reading(at, *place, kept, kept.pop("accuracy_m", None))


def _place(geometry: Any) -> tuple[float, float]:
    coordinates = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if not isinstance(coordinates, list) or len(coordinates) < 2:
        raise ValueError
    place = position(coordinates[0], coordinates[1])
    if place is None:
        raise ValueError
    return place
