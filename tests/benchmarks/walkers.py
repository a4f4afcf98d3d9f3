"""People on duty who walk the sample's street, and what their phones send, as bytes ready for the wire."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from math import atan2, cos, pi, sin
from random import Random
from typing import Final, NamedTuple
from urllib.parse import urlencode

from sqlalchemy import Engine

from gisgrid.audit.record import OPERATOR
from gisgrid.database import session_scope
from gisgrid.patrols.duty.shifts import LONGEST, sign_on
from gisgrid.patrols.people import device_patrollers
from gisgrid.sample.cells import sample_cells
from gisgrid.sample.load import load_sample
from gisgrid.staff.tokens import issue
from tests.staff.callers import person

WALK_MPS: Final = 1.3
TURN: Final = 0.3
FAR_M: Final = 1500
METRE: Final = 9e-6
"""Roughly, in degrees."""
BEGUN: Final = LONGEST - timedelta(hours=1)
"""How long before now the shifts begin."""


class Phone(NamedTuple):
    """A device: the words of its token, and the row of its sender."""

    words: str
    sender: int


class Fix(NamedTuple):
    """One measurement."""

    client_id: str
    at: datetime
    longitude: float
    latitude: float
    accuracy_m: float


def equip(engine: Engine, count: int) -> list[Phone]:
    """Lay the sample's grid, sign somebody on to each of so many devices and return these."""
    with session_scope(engine, write=True) as session:
        load_sample(session, "EPSG:4547")
    start = datetime.now(UTC) - BEGUN
    phones = []
    with session_scope(engine, write=True) as session:
        codes = sample_cells().query("level == 'substation'")["code"].tolist()
        for number in range(count):
            code = codes[number % len(codes)]
            device = issue(session, "device", cell_code=code, name=f"phone {number}")
            walker = person(session, ("patroller", code), name=f"walker {number}")
            sign_on(session, OPERATOR, walker.id, device.row.id, start, back=2 * LONGEST)
            phones.append(Phone(device.words, device_patrollers(session, [device.row.id])[device.row.id]))
    return phones


@cache
def homes() -> list[tuple[float, float]]:
    """Return a place in each substation, as longitude and latitude."""
    cells = sample_cells().query("level == 'substation'").geometry
    return [(point.x, point.y) for point in cells.representative_point()]


def walk(number: int, start: datetime) -> Iterator[Fix]:
    """Yield the fixes of a walker in event order, some 10 to 30 s apart."""
    random = Random(number)
    east, north = home = homes()[number % len(homes())]
    heading, at = random.uniform(0, 2 * pi), start
    for count in itertools.count():
        seconds = random.randint(10, 30)
        heading += random.gauss(0, TURN)
        if max(abs(east - home[0]), abs(north - home[1])) > FAR_M * METRE:
            heading = atan2(home[1] - north, home[0] - east)
        at += timedelta(seconds=seconds)
        east += WALK_MPS * seconds * METRE * cos(heading)
        north += WALK_MPS * seconds * METRE * sin(heading)
        yield Fix(f"{number}-{count}", at, round(east, 7), round(north, 7), round(3 + random.gammavariate(4, 3), 1))


Say = Callable[[Phone, Sequence[Fix]], bytes]


def _request(target: str, kind: str, body: str, words: str = "") -> bytes:
    bearer = f"Authorization: Bearer {words}\r\n" if words else ""
    return (
        f"POST {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: phone/1.0\r\nAccept: */*\r\n{bearer}"
        f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


JSON: Final = "application/json"


def traccar(phone: Phone, fixes: Sequence[Fix]) -> bytes:
    """Traccar Client 10 sends one fix as a form."""
    (fix,) = fixes
    fields = {
        "id": "48241179",
        "timestamp": round(fix.at.timestamp()),
        "lat": fix.latitude,
        "lon": fix.longitude,
        "speed": 2.5,
        "bearing": 90.0,
        "altitude": 12.0,
        "accuracy": fix.accuracy_m,
        "batt": 80.0,
    }
    return _request(f"/ingest/traccar/{phone.words}", "application/x-www-form-urlencoded", urlencode(fields))


def _item(fix: Fix, more: str = "") -> str:
    return (
        f'{{"client_id":"{fix.client_id}",{more}"fix_at":"{fix.at.isoformat()}","longitude":{fix.longitude},'
        f'"latitude":{fix.latitude},"accuracy_m":{fix.accuracy_m}}}'
    )


def api(phone: Phone, fixes: Sequence[Fix]) -> bytes:
    """Our API's check-in."""
    (fix,) = fixes
    return _request("/api/check-ins", JSON, _item(fix), phone.words)


def own(phone: Phone, fixes: Sequence[Fix]) -> bytes:
    """A list in our own JSON."""
    return _request("/ingest/json", JSON, f"[{','.join(map(_item, fixes))}]", phone.words)


def overland(phone: Phone, fixes: Sequence[Fix]) -> bytes:
    """Overland's batch, with what that app says of each location."""
    features = (
        f'{{"type":"Feature","geometry":{{"type":"Point","coordinates":[{fix.longitude},{fix.latitude}]}},'
        f'"properties":{{"timestamp":"{fix.at.strftime("%Y-%m-%dT%H:%M:%SZ")}","altitude":12,"speed":1,'
        f'"course":90,"horizontal_accuracy":{fix.accuracy_m},"vertical_accuracy":6,"motion":["walking"],'
        f'"battery_state":"unplugged","battery_level":0.8,"wifi":"","device_id":"phone"}}}}'
        for fix in fixes
    )
    return _request("/ingest/overland", JSON, f'{{"locations":[{",".join(features)}]}}', phone.words)


def plain(phone: Phone, fixes: Sequence[Fix]) -> bytes:
    """One check-in for the plain route."""
    (fix,) = fixes
    return _request("/check-ins", JSON, _item(fix, f'"patroller":{phone.sender},'))


def plain_batch(phone: Phone, fixes: Sequence[Fix]) -> bytes:
    """A list of check-ins for the plain route."""
    more = f'"patroller":{phone.sender},'
    return _request("/check-ins/batch", JSON, f"[{','.join(_item(fix, more) for fix in fixes)}]")
