"""What phones say and what they make of an answer: ours, and the stock apps, each as its own source has it."""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final, Literal, NamedTuple
from urllib.parse import urlencode

from tests.endurance.wire import Answer, Request
from tests.laid import SPOT

START: Final = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=60)
"""When the first fix was measured; what is never claimed is let go after 72 hours."""
METRE: Final = 1e-5
"""Roughly, in degrees."""


class Fix(NamedTuple):
    """One measurement; its number is in its time and its place, so that it is known again whatever way it went."""

    number: int
    at: datetime
    longitude: float
    latitude: float


def a_fix(number: int, step: timedelta) -> Fix:
    """Return the fix of a number: `step` after the one before, somewhere in a square of a hundred metres."""
    east, north = number % 1000, number // 1000 % 1000
    place = (round(SPOT[0] + east * METRE / 10, 6), round(SPOT[1] + north * METRE / 10, 6))
    return Fix(number, START + number * step, *place)


Verdict = Literal["taken", "kept", "thrown away"]


@dataclass(frozen=True)
class Client:
    """A kind of phone.

    `say` makes the request from a path, a token and fixes; `judge` tells what becomes of them by the answer. `most` are
    sent at once; after `tries`, where there is such a number, they are lost. Times are whole steps.
    """

    name: str
    path: str
    say: Callable[[str, str, Sequence[Fix]], Request]
    judge: Callable[[Answer], Verdict]
    most: int = 1
    tries: int | None = None
    step: timedelta = timedelta(seconds=1)

    def in_batches(self, most: int) -> "Client":
        """Return the same kind of phone, sending several at once."""
        return replace(self, most=most)


JSON: Final = {"Content-Type": "application/json"}


def _json(target: str, content: object, **headers: str) -> Request:
    return Request(target, {**JSON, **headers}, json.dumps(content).encode())


# --- what they say -----------------------------------------------------------------------------------


def _ours(path: str, token: str, fixes: Sequence[Fix]) -> Request:
    sent = [
        {
            "client_id": f"fix {fix.number}",
            "fix_at": fix.at.isoformat(),
            "longitude": fix.longitude,
            "latitude": fix.latitude,
            "accuracy_m": 5.0,
        }
        for fix in fixes
    ]
    return _json(path, sent if len(sent) > 1 else sent[0], Authorization=f"Bearer {token}")


def _fields(fix: Fix, unit_s: float = 1) -> dict[str, object]:
    place = {"lat": fix.latitude, "lon": fix.longitude, "speed": 0.0, "altitude": 5.0, "accuracy": 5.0}
    return {"timestamp": round(fix.at.timestamp() / unit_s), **place}


def _traccar_8(path: str, token: str, fixes: Sequence[Fix]) -> Request:
    (fix,) = fixes
    return Request(f"{path}/{token}?{urlencode({'id': '48241179', **_fields(fix), 'batt': 80.0})}", {})


def _traccar_9(path: str, token: str, fixes: Sequence[Fix]) -> Request:
    (fix,) = fixes
    coords = {"latitude": fix.latitude, "longitude": fix.longitude, "accuracy": 5, "speed": -1, "heading": -1}
    location = {
        "timestamp": fix.at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "coords": {**coords, "altitude": 5},
        "is_moving": False,
        "battery": {"level": 0.8, "is_charging": False},
        "activity": {"type": "still"},
        "extras": {},
    }
    return _json(f"{path}/{token}", {"location": location, "device_id": "48241179"})


def _traccar_10(path: str, token: str, fixes: Sequence[Fix]) -> Request:
    (fix,) = fixes
    form = urlencode({"id": "48241179", **_fields(fix), "batt": 80.0})
    return Request(f"{path}/{token}", {"Content-Type": "application/x-www-form-urlencoded"}, form.encode())


def _by_query(path: str, token: str, fixes: Sequence[Fix], unit_s: float) -> Request:
    (fix,) = fixes
    return Request(f"{path}/{token}?{urlencode(_fields(fix, unit_s))}", {}, method="GET")


def _owntracks(path: str, token: str, fixes: Sequence[Fix]) -> Request:
    (fix,) = fixes
    place = {"lat": fix.latitude, "lon": fix.longitude, "acc": 5, "tid": "p1", "batt": 80, "vel": 0}
    credential = base64.b64encode(f"phone:{token}".encode()).decode()
    content = {"_type": "location", "tst": int(fix.at.timestamp()), **place}
    return _json(path, content, Authorization=f"Basic {credential}", **{"X-Limit-U": "phone", "X-Limit-D": "p1"})


def _overland(path: str, token: str, fixes: Sequence[Fix]) -> Request:
    return _json(path, {"locations": [_feature(fix) for fix in fixes]}, Authorization=f"Bearer {token}")


def _feature(fix: Fix) -> dict[str, Any]:
    properties = {"timestamp": fix.at.strftime("%Y-%m-%dT%H:%M:%SZ"), "horizontal_accuracy": 5, "speed": -1}
    point = {"type": "Point", "coordinates": [fix.longitude, fix.latitude]}
    return {"type": "Feature", "geometry": point, "properties": properties}


# --- what they make of the answer --------------------------------------------------------------------


def _by_items(answer: Answer) -> Verdict:
    if answer.status != 200:
        return "kept"
    told = json.loads(answer.body)
    items = told if isinstance(told, list) else [told]
    return "taken" if all(item["status"] in ("stored", "repeated") for item in items) else "thrown away"


def _below(status: int, answer: Answer) -> Verdict:
    return "taken" if 200 <= answer.status < status else "kept"


def _with_array(answer: Answer) -> Verdict:
    is_taken = _below(300, answer) == "taken" and isinstance(json.loads(answer.body), list)
    return "taken" if is_taken else "kept"


def _with_array_or_never(answer: Answer) -> Verdict:
    return "thrown away" if 400 <= answer.status < 500 else _with_array(answer)


def _with_result(answer: Answer) -> Verdict:
    is_taken = _below(300, answer) == "taken" and json.loads(answer.body).get("result") == "ok"
    return "taken" if is_taken else "kept"


OURS: Final = Client("ours", "/api/check-ins", _ours, _by_items, step=timedelta(milliseconds=10))
TRACCAR_8: Final = Client("Traccar Client 8", "/ingest/traccar", _traccar_8, partial(_below, 400))
TRACCAR_9: Final = Client("Traccar Client 9", "/ingest/traccar", _traccar_9, partial(_below, 300))
TRACCAR_10: Final = Client("Traccar Client 10", "/ingest/traccar", _traccar_10, partial(_below, 300))
OSMAND: Final = Client("OsmAnd", "/ingest/osmand", partial(_by_query, unit_s=0.001), partial(_below, 300))
OWNTRACKS_ANDROID: Final = Client("OwnTracks Android", "/ingest/owntracks", _owntracks, _with_array)
OWNTRACKS_IOS: Final = Client("OwnTracks iOS", "/ingest/owntracks", _owntracks, _with_array_or_never)
OVERLAND: Final = Client("Overland", "/ingest/overland", _overland, _with_result, most=50)
GPSLOGGER: Final = Client("GPSLogger", "/ingest/gpslogger", partial(_by_query, unit_s=1), partial(_below, 300), tries=3)
STOCK: Final = (TRACCAR_8, TRACCAR_9, TRACCAR_10, OSMAND, OWNTRACKS_ANDROID, OWNTRACKS_IOS, OVERLAND, GPSLOGGER)
