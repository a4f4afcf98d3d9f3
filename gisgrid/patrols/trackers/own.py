"""Our own JSON: one check-in, or a list of them, as the patroller's page and programs send them; all in SI units."""

from functools import partial
from typing import Any, Final

from gisgrid.geometry import WGS84, UnknownCrs, named_crs
from gisgrid.parse import BadBody, lenient_json
from gisgrid.patrols.trackers.reading import (
    NO_POSITION,
    NOT_JSON,
    Delivery,
    Found,
    Heartbeat,
    Reading,
    Reason,
    Sent,
    delivered,
    each_object,
    unread,
)
from gisgrid.patrols.trackers.values import (
    Fields,
    attributes,
    finite,
    flag,
    fraction,
    moment,
    name,
    position,
    radius,
    unless_negative,
    words,
)

Systems = dict[str, str | Reason]
"""The canonical name of each coordinate system that was named, or why it has none."""

MOST_SYSTEMS: Final = 8
"""Of one request; a name that nobody knows takes PROJ some 20 ms to look for."""
FIELDS: Final[Fields] = {
    **dict.fromkeys(("longitude", "latitude", "fix_at", "client_id", "crs")),
    **dict.fromkeys(("patroller", "patrol", "is_track", "recorded_by")),
    "accuracy_m": ("accuracy_m", radius),
    "speed_mps": ("speed_mps", unless_negative),
    "bearing_deg": ("bearing_deg", unless_negative),
    "altitude_m": ("altitude_m", finite),
    "vertical_accuracy_m": ("vertical_accuracy_m", unless_negative),
    "battery": ("battery", fraction),
    "is_charging": ("is_charging", flag),
    "is_mock": ("is_mock", flag),
    "is_valid": ("is_valid", flag),
    "alarm": ("alarm", words),
    "motion": ("motion", words),
    "hdop": ("hdop", finite),
    "satellites": ("satellites", finite),
}
NO_CHECK_IN: Final = ("没有定位,也没有时间 fix_at", "holds neither a position nor a time, fix_at")
NO_SYSTEM: Final = ("坐标系 crs 应为文字", "crs, the coordinate system, is text")
TOO_MANY_SYSTEMS: Final = (
    f"一次请求最多用 {MOST_SYSTEMS} 种坐标系",
    f"a request names at most {MOST_SYSTEMS} coordinate systems",
)
BAD_NAME: Final = (
    "patroller、patrol 应为一行文字,最多 100 字",
    "patroller and patrol are one line of up to 100 characters",
)


def read(sent: Sent) -> Delivery:
    """Read check-ins. One without a position, but with a time, is a heartbeat."""
    try:
        root = lenient_json(sent.body)
    except BadBody:
        return delivered([unread(NOT_JSON, sent.body)])
    items = root if isinstance(root, list) else [root]
    return delivered(each_object(items, partial(found, sent, {}, FIELDS)))


def found(sent: Sent, systems: Systems, fields: Fields, item: dict[str, Any]) -> Found:
    """Return what one check-in is. What it says about whose it is must be readable, or nobody could be sure.

    `systems` are those that the request has named so far.
    """
    try:
        place = position(item.get("longitude"), item.get("latitude"))
    except ValueError:
        return unread(NO_POSITION, item)
    written = item.get("fix_at")
    if place is None and written is None:
        return unread(NO_CHECK_IN, item)
    at = moment(written, sent.zone)
    kept = attributes(item.items(), fields, unread_time=None if at else ("fix_at", written))
    if place is None:
        return Heartbeat(at, kept)
    try:
        patroller, patrol = _said(item, "patroller"), _said(item, "patrol")
    except ValueError:
        return unread(BAD_NAME, item)
    crs = _system(item.get("crs"), systems)
    if isinstance(crs, tuple):
        return unread(crs, item)
    return Reading(
        at,
        *place,
        kept,
        accuracy_m=kept.pop("accuracy_m", None),
        client_id=name(item.get("client_id")),
        crs=crs,
        patroller=patroller,
        patrol=patrol,
        is_track=_is_track(item.get("is_track")),
    )


def _said(item: dict[str, Any], field: str) -> str | None:
    value = item.get(field)
    if value is None or value == "":
        return None
    made = name(value)
    if made is None:
        raise ValueError(field)
    return made


def _system(value: Any, systems: Systems) -> str | Reason:
    """Return the system that an item names, or why there is none of that name."""
    if value is None or value == "":
        return WGS84
    if not isinstance(value, str):
        return NO_SYSTEM
    if value not in systems and len(systems) == MOST_SYSTEMS:
        return TOO_MANY_SYSTEMS
    if value not in systems:
        try:
            systems[value] = named_crs(value)
        except UnknownCrs as error:
            systems[value] = (error.zh, error.en)
    return systems[value]


def _is_track(value: Any) -> bool:
    """Return whether a fix was recorded on the way; unless it says so, it is a check-in, as everywhere in our JSON."""
    try:
        return value is not None and flag(value)
    except ValueError:
        return False
