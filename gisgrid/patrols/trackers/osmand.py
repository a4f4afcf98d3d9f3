"""The OsmAnd protocol: fields in the query and in a form, as Traccar Client 8 and 10, OsmAnd and GPSLogger send them.

Each app has its own path, since OsmAnd and GPSLogger send speeds in metres a second where Traccar Client sends knots.
"""

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import parse_qsl, urlencode

from gisgrid.patrols.trackers.reading import NO_POSITION, Delivery, Found, Heartbeat, Reading, Sent, delivered, unread
from gisgrid.patrols.trackers.traccar import is_json, read_json
from gisgrid.patrols.trackers.values import (
    Fields,
    attributes,
    finite,
    first,
    flag,
    knots,
    moment,
    name,
    percent,
    position,
    radius,
    unless_negative,
    words,
)

MOST_FIELDS: Final = 200
REPEATED: Final = ("cell", "wifi")
"""Fields of which there is one for each mast, or network, in reach."""
SET_UP: Final = frozenset(("interval", "distance", "heartbeat"))

LONGITUDE: Final = ("lon", "lng", "longitude")
LATITUDE: Final = ("lat", "latitude")
SHARED: Final[Fields] = {
    **dict.fromkeys((*LONGITUDE, *LATITUDE, "location", "timestamp", "id", "deviceid")),
    "token": None,  # a credential, and kept nowhere
    "bearing": ("bearing_deg", unless_negative),
    "heading": ("bearing_deg", unless_negative),
    "altitude": ("altitude_m", finite),
    "accuracy": ("accuracy_m", radius),
    "hdop": ("hdop", finite),
    "sat": ("satellites", finite),
    "batt": ("battery", percent),
    "charge": ("is_charging", flag),
    "valid": ("is_valid", flag),
    "mock": ("is_mock", flag),
    "alarm": ("alarm", words),
}
TRACCAR: Final[Fields] = {**SHARED, "speed": ("speed_mps", knots)}
OSMAND: Final[Fields] = {**SHARED, "speed": ("speed_mps", unless_negative)}
GPSLOGGER: Final[Fields] = {  # its template may name them as ours in `setup` does, or as the app does itself
    **OSMAND,
    "acc": ("accuracy_m", radius),
    "alt": ("altitude_m", finite),
    "dir": ("bearing_deg", unless_negative),
    "spd": ("speed_mps", unless_negative),
    "act": ("motion", words),
}

NO_FORM: Final = ("请求体不是表单", "the body is no form")
SET_UP_ADDRESS: Final = (
    "这是设置二维码的地址,不是定位;请在 Traccar Client 内扫描",
    "this is the address of the set-up code, not a fix; scan it inside Traccar Client",
)


def read_traccar(sent: Sent) -> Delivery:
    """Read Traccar Client 8 (query) and 10 (form), speeds in knots, and 9 (JSON)."""
    return _read(sent, TRACCAR)


def read_osmand(sent: Sent) -> Delivery:
    """Read OsmAnd: speeds in metres a second, times in milliseconds."""
    return _read(sent, OSMAND)


def read_gpslogger(sent: Sent) -> Delivery:
    """Read GPSLogger's custom URL, its fields in the query or in the body."""
    return _read(sent, GPSLOGGER)


def _read(sent: Sent, fields: Fields) -> Delivery:
    if is_json(sent.body):
        return read_json(sent)
    form = _form(sent.body)
    told = _merged(sent.query, form or ())
    found: list[Found] = []
    if form is not None or told.keys() - {"token"}:
        found.append(_found(told, sent, fields))
    if form is None:
        found.append(unread(NO_FORM, sent.body))
    # servers without tokens refuse a request without id; here the token names the device, and any id is but a remark
    return delivered(found, name(first(told, "id", "deviceid")))


def _form(body: bytes) -> Sequence[tuple[str, str]] | None:
    """Return the fields of a form, none of an empty body as version 8 posts it; None if the body is no form."""
    try:
        pairs = parse_qsl(body.decode("utf-8", errors="replace"), max_num_fields=MOST_FIELDS)
    except ValueError:
        return None
    return pairs if pairs or not body.strip() else None


def _merged(query: Sequence[tuple[str, str]], form: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return the fields of both. A field that is empty says nothing; of one given twice the last holds."""
    told: dict[str, str] = {}
    for field, value in (*query, *form):
        if value:
            told[field] = f"{told[field]};{value}" if field in REPEATED and field in told else value
    return told


def _found(told: Mapping[str, str], sent: Sent, fields: Fields) -> Found:
    try:
        place = _place(told)
    except ValueError:
        return unread(NO_POSITION, _shown(told))
    written = told.get("timestamp")
    if place is None and written is None and told.keys() >= SET_UP:
        return unread(SET_UP_ADDRESS, _shown(told))
    at = sent.received_at if written is None else moment(written, sent.zone)
    kept = attributes(told.items(), fields, unread_time=None if at else ("timestamp", written))
    if place is None:
        return Heartbeat(at, kept)
    # an alarm, and in GPSLogger a note, is somebody's act at a place; all else is recorded on the way
    is_track = "alarm" not in kept and "desc" not in kept
    return Reading(at, *place, kept, kept.pop("accuracy_m", None), is_track=is_track)


def _place(told: Mapping[str, str]) -> tuple[float, float] | None:
    longitude, latitude = first(told, *LONGITUDE), first(told, *LATITUDE)
    if longitude is None and latitude is None and "location" in told:
        latitude, _, longitude = told["location"].partition(",")
    return position(longitude, latitude)


def _shown(told: Mapping[str, str]) -> str:
    return urlencode({field: value for field, value in told.items() if field != "token"}, errors="replace")
