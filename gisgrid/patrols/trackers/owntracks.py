"""OwnTracks over HTTP: one message a request. Only `_type` location is a fix; all others say that a phone is alive."""

from datetime import datetime, timedelta
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
    kmh,
    moment,
    name,
    percent,
    position,
    radius,
    unless_negative,
    words,
)

MESSAGES: Final = ("transition", "waypoint", "waypoints", "lwt", "status", "steps", "beacon", "card", "cmd", "request")
"""Those without a position of the phone's own: a waypoint is a place on the map, a transition comes with a fix."""
SETTINGS: Final = ("configuration", "dump")
"""Those that hold the app's credential."""
NOW: Final = ("transition", "steps")
"""Those whose `tst` is when they happen; a waypoint's is when it was drawn, a last will's when the app began."""
SINCE_2001: Final = timedelta(days=11_323)
LONG_AGO: Final = timedelta(days=25 * 365)
CHARGING: Final = {0: None, 1: False, 2: True, 3: True}

ENCRYPTED: Final = (
    "OwnTracks 的内容已加密,无法读取;请在应用里清除加密密钥",
    "it is encrypted and cannot be read; clear the encryption key in the app",
)
UNKNOWN_TYPE: Final = ("不认识的 OwnTracks 消息", "is no message of OwnTracks that we know")


def _is_charging(value: Any) -> bool | None:
    if type(value) is not int or value not in CHARGING:
        raise ValueError(value)
    return CHARGING[value]


FIELDS: Final[Fields] = {
    **dict.fromkeys(("_type", "lat", "lon", "tst", "_id")),
    "image": None,  # a picture written as text
    "acc": ("accuracy_m", radius),
    "alt": ("altitude_m", finite),
    "vac": ("vertical_accuracy_m", unless_negative),
    "batt": ("battery", percent),
    "bs": ("is_charging", _is_charging),
    "cog": ("bearing_deg", unless_negative),
    "vel": ("speed_mps", kmh),
    "motionactivities": ("motion", words),
}
OF_MESSAGES: Final[Fields] = {"tst": None, "face": None, "batt": ("battery", percent)}


def read(sent: Sent) -> Delivery:
    """Read a message, or several. An empty body, which the app posts when a friend is deleted, is a sign of life."""
    if not sent.body.strip():
        return delivered([Heartbeat(None, {})])
    try:
        root = lenient_json(sent.body)
    except BadBody:
        return delivered([unread(NOT_JSON, sent.body)])
    messages = root if isinstance(root, list) else [root]
    named = first(messages[0], "topic", "tid") if messages and isinstance(messages[0], dict) else None
    return delivered(each_object(messages, partial(_message, sent)), name(named or first(dict(sent.query), "d", "u")))


def _message(sent: Sent, item: dict[str, Any]) -> Found:
    """Return what one message is."""
    kind = item.get("_type", "location" if "lat" in item and "lon" in item else None)
    if kind == "location":
        return _location(sent, item)
    if kind == "encrypted":
        return unread(ENCRYPTED, item)
    if kind in SETTINGS:
        return Heartbeat(None, {"_type": kind})
    if kind not in MESSAGES:
        return unread(UNKNOWN_TYPE, item)
    at = moment(item.get("tst"), sent.zone) if kind in NOW else None
    return Heartbeat(at, attributes(item.items(), OF_MESSAGES))


def _location(sent: Sent, item: dict[str, Any]) -> Found:
    try:
        place = position(item.get("lon"), item.get("lat"))
    except ValueError:
        place = None
    if place is None:
        return unread(NO_POSITION, item)
    at = _at(sent, item)
    kept = attributes(item.items(), FIELDS, unread_time=None if at else ("tst", item.get("tst")))
    return Reading(
        at,
        *place,
        kept,
        accuracy_m=kept.pop("accuracy_m", None),
        client_id=name(item.get("_id")),
        # somebody pressed for it, or named the place; a region, a ping, an order from afar come by themselves
        is_track=item.get("t") != "u" and not item.get("poi"),
    )


def _at(sent: Sent, item: dict[str, Any]) -> datetime | None:
    """Return when a fix was measured. Overland in its OwnTracks mode counts seconds from 2001.

    It sends no `tid`, as OwnTracks always does, and what it means would lie 31 years back: no clock that is wrong, and
    no roll-over of GPS weeks (19.6 years), looks like that.
    """
    at = moment(item.get("tst"), sent.zone)
    if at is not None and "tid" not in item and sent.received_at - at > LONG_AGO:
        return at + SINCE_2001
    return at
