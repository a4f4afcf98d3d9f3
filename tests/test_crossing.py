"""Nobody crosses an area: every route × every role × inside, above, beside and below.

Each private text of the world below holds a canary that names what it is and where it lies. Whoever asks gets every
answer searched for canaries, and by the plain rules of this file may find those alone that are theirs.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from gisgrid.access import ACCESS
from gisgrid.audit.record import OPERATOR, record
from gisgrid.database import session_scope
from gisgrid.documents.sheets import read_rows
from gisgrid.grid.tables import Cell
from gisgrid.incidents.emergencies.tables import Emergency, Remark
from gisgrid.incidents.orders.tables import Order
from gisgrid.incidents.report import Report, report
from gisgrid.incidents.tables import Incident, Step
from gisgrid.patrols.judge import Flag
from gisgrid.patrols.plans.terms import Place as PlaceRef
from gisgrid.patrols.plans.terms import Terms
from gisgrid.patrols.tables import Alarm, Checkpoint, Fix, FixNote, Hold, Objection, Patrol, Patroller, Shift, Unread
from gisgrid.publications.tables import Receipt
from gisgrid.settings import Settings
from gisgrid.staff.roles import ROLES
from gisgrid.staff.tables import Department
from gisgrid.staff.tokens import issue
from tests.laid import CELLS, OUTSIDE, STREET, lay, middle
from tests.rows import a_gap, a_plan, a_publication, a_suggestion, point
from tests.staff.callers import person
from tests.test_access import bearer, worker

NOW = datetime.now(UTC).replace(microsecond=0)
COMMUNITY, SUBSTATION = "440307009002", "440307009002001"
STATIONS = CELLS.loc[CELLS["level"] == "substation", "code"].tolist()
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
PLACES = (None, STREET, COMMUNITY, SUBSTATION)
"""Where each role is held in turn; what lies beside, above and below differs."""
BESIDE = ("440307009002002", "440307009003001", "out")
READ = (SUBSTATION, BESIDE[1])
"""Stations in which somebody has seen what was published there."""
DEPARTMENT = "urban_management"
OUT = BESIDE[-1]
"""The place of what lies in no cell."""

# --- the rules, as the README tells them -----------------------------------------------------------

LEADERS = {"street_leader", "community_leader", "attached_leader", "cadre", "station_staff", "supervision"}
SEE_TRACKS = LEADERS
TRACKS = ("fix", "late", "evid", "walk", "trip", "obj", "plan", "gap", "note", "sos", "sug")
"""What they see of those who walk in their cells."""
SEE_INCIDENTS = LEADERS | {"department_staff", "patroller"}
HANDLE = (LEADERS - {"cadre", "supervision"}) | {"confidential_handler"}
"""Who is told how to reach whoever told of an incident."""
HAPPENED = ("inc", "cell", "dep", "conf")
SEE_FIGURES = set(ROLES) - {"auditor", "confidential_handler"}
PLAN = LEADERS - {"cadre", "supervision"}
WALK = {"patroller", "mediator", "volunteer_patroller", "sanitation_supervisor"}
MAY: dict[str, set[str]] = {
    "grid": set(ROLES) - {"auditor"},
    "coverage": SEE_FIGURES,
    "tracks": SEE_TRACKS,
    "plan": PLAN,
    "incidents": SEE_INCIDENTS | {"confidential_handler"},
    "report": set(ROLES) - {"administrator", "auditor"},
    "check_in": WALK,
    "bring_in": {"station_staff"},
    "manage": {"administrator"},
    "audit": {"auditor"},
}


def holds(place: str | None, station: str) -> bool:
    """Tell whether whoever answers for a place answers for a station, or for what lies in no cell."""
    if station == OUT:
        return place in (None, STREET)
    return place is None or station.startswith(place)


def is_above(place: str | None, station: str) -> bool:
    """Tell whether a place is above the unit that a complaint is about: a station; the street for what is in none."""
    return place is None or (holds(place, station) and place not in (station, STREET if station == OUT else ""))


def theirs(role: str, place: str | None) -> set[str]:
    """Return the canaries that a role in a place may meet, whatever it asks."""
    found = {canary for station in (*STATIONS, OUT) if holds(place, station) for canary in _of(station, role, place)}
    if role == "administrator":
        found |= {f"zqphone{station}" for station in STATIONS}
        found |= {f"zqread{station}" for station in READ}
        found |= {"zqname", "zqdevice", "zqkey"}
    if role == "auditor":
        found |= {"zqname", "zqpurpose"}
    return found


def _of(station: str, role: str, place: str | None) -> set[str]:
    """Return the canaries of a station that a role meets who answers for it."""
    found = set()
    if role in SEE_TRACKS:
        found |= {f"zq{kind}{station}" for kind in TRACKS}
        found |= {f"zq{kind}{station}" for kind in ("raw", "phone") if station != OUT}
        found |= {f"zqread{station}"} if station in READ else set()  # whom they find by name
    if role in PLAN and station != OUT:
        found |= {f"zqpub{station}", *([f"zqread{station}"] if station in READ else [])}
    if place == station:
        found.add(f"zqpub{station}")
    if role in WALK and (place is None or station != OUT):
        found.add(f"zqplan{station}")  # whose round anybody on duty there may do
    if role in SEE_INCIDENTS:
        found |= {f"zqinc{station}", *([f"zqcell{station}"] if is_above(place, station) else [])}
        found |= {f"zqdep{station}"} if role != "department_staff" else set()
    if role == "confidential_handler":
        found.add(f"zqconf{station}")
    told = {each for each in found if each.startswith(tuple(f"zq{kind}" for kind in HAPPENED))}
    found |= {each.replace("zq", "zqstep") for each in told}
    found |= {each.replace("zq", "zqcall") for each in told} if role in HANDLE else set()
    return found


# --- the world -------------------------------------------------------------------------------------


@dataclass
class World:
    """The numbers of what was made, for addresses."""

    ids: dict[str, list[Any]] = field(default_factory=dict)

    def keep(self, name: str, value: Any) -> None:
        """Note a number."""
        self.ids.setdefault(name, []).append(value)


def make(session: Session, stations: Sequence[str] = (*STATIONS, OUT)) -> World:
    """Put a canary of every kind into every station, and into no cell."""
    world = World()
    numbers = count(1)
    for station in stations:
        _walked(session, world, station, numbers)
        _happened(session, world, station)
        _was_planned(session, world, station)
        if station != OUT:
            _was_published(session, world, station)
    somebody = person(session, name="zqname", full_name="zqname")
    world.keep("person_id", somebody.id)
    world.keep("token_id", issue(session, "device", name="zqdevice", cell_code=SUBSTATION).row.id)
    issue(session, "api", person_id=somebody.id, name="zqkey")
    record(session, OPERATOR, "track.read", ("person", somebody.id), purpose="zqpurpose")
    return world


def _place(session: Session, station: str) -> dict[str, Any]:
    x, y = OUTSIDE if station == OUT else middle(station)
    ids = dict(session.execute(select(Cell.code, Cell.id)).all())
    cells = {f"{level}_id": ids.get(station[:length]) for level, length in (("street", 9), ("community", 12))}
    position = {"longitude": x, "latitude": y, "raw_longitude": x, "raw_latitude": y, "crs": "EPSG:4326"}
    return {**position, **cells, "substation_id": ids.get(station)}


def _walked(session: Session, world: World, station: str, numbers: Iterator[int]) -> None:
    patroller = Patroller(ref=f"zqwalk{station}", name="")
    session.add(patroller)
    session.flush()
    trip = Patrol(patroller_id=patroller.id, ref=f"zqtrip{station}")
    session.add(trip)
    session.flush()
    _carries(session, station, patroller.id)
    span = {"start_at": NOW - timedelta(days=2), "end_at": NOW, "until": NOW.date() + timedelta(days=9)}
    session.add(Hold(patroller_id=patroller.id, reason="zqhold", made_at=NOW, **span))
    kinds = {"fix": "counted", "held": "withheld", "late": "quarantined", "evid": "evidence"}
    for kind, standing in kinds.items():
        moment = NOW - timedelta(minutes=next(numbers))
        whose = {"sender_id": patroller.id, "patroller_id": patroller.id}
        fix = Fix(client_id=f"zq{kind}{station}", **whose, fix_at=moment, received_at=moment)
        fix.flags = int(Flag.SEALED if kind == "late" else Flag.COARSE)
        fix.patrol_id, fix.standing = trip.id, standing
        for name, value in _place(session, station).items():
            setattr(fix, name, value)
        session.add(fix)
        session.flush()
        session.add(FixNote(fix_id=fix.id, act="noted", words=f"zq{NOTES[kind]}{station}", written_at=NOW))
        if kind == "fix":
            made = Objection(fix_id=fix.id, patroller_id=patroller.id, words=f"zqobj{station}", made_at=NOW)
            session.add(made)
            session.flush()
            world.keep("objection_id", made.id)
    call = Alarm(
        client_id=f"zqsos{station}", sender_id=patroller.id, patroller_id=patroller.id, words=f"zqsos{station}"
    )
    call.raised_at = call.received_at = NOW
    for name, value in _place(session, station).items():
        if not name.startswith(("raw_", "crs")):
            setattr(call, name, value)
    session.add(call)
    session.flush()
    if station in (SUBSTATION, *BESIDE):
        world.keep("alarm_id", call.id)


NOTES = {"fix": "note", "held": "heldnote", "late": "note", "evid": "note"}
"""What the notes on fixes say; nobody of the staff is to meet that on one which is withheld."""


def _carries(session: Session, station: str, patroller_id: int) -> None:
    """Sign a patroller on to a phone of the station, which sent what is no fix; one who is in no cell to none."""
    times = {"started_at": NOW - timedelta(days=3), "ended_at": NOW + timedelta(hours=1), "signed_on_at": NOW}
    shift = Shift(patroller_id=patroller_id, **times)
    session.add(shift)
    if station != OUT:
        shift.token_id = issue(session, "device", name=f"zqphone{station}", cell_code=station).row.id
        told = {"received_at": NOW, "protocol": "osmand", "zh": "", "en": ""}
        session.add(Unread(token_id=shift.token_id, body=f"zqraw{station}", **told))
    session.flush()


def _happened(session: Session, world: World, station: str) -> None:
    x, y = OUTSIDE if station == OUT else middle(station)
    cells = dict(session.execute(select(Cell.code, Cell.id)).all())
    department = session.scalar(select(Department.id).where(Department.code == DEPARTMENT))
    changes: dict[str, dict[str, Any]] = {
        "inc": {"source": "citizen"},
        "conf": {"is_confidential": True, "source": "hotline"},
        "cell": {"complained_cell_id": cells.get(station, cells[STREET]), "source": "hotline"},
        "dep": {"complained_department_id": department, "source": "superior"},
    }
    for number, (kind, change) in enumerate(changes.items()):
        moment = NOW - timedelta(minutes=number)
        told = {"client_id": f"zq{kind}{station}", "contact": f"zqcall{kind}{station}"}
        told["outside_number"] = told["client_id"]
        sent = Report("E0102", moment, moment, x, y, f"zq{kind}{station}", **told)
        (outcome,) = report(session, [sent], Settings().zone)
        made = session.get_one(Incident, (outcome.row or {})["id"])
        step = {"number": 2, "move": "verify", "to_state": "verified", "made_at": NOW}
        session.add(Step(incident_id=made.id, words=f"zqstep{kind}{station}", **step))
        for name, value in change.items():
            setattr(made, name, value)
        session.flush()
        emergency = _is_urgent(session, made.id, f"zq{kind}{station}")
        if station in (SUBSTATION, *BESIDE):
            world.keep("identifier", made.id)
            world.keep("incident_id", made.id)
            world.keep("number", emergency)
            world.keep("emergency_id", emergency)
        if station in (SUBSTATION, BESIDE[1]):
            world.keep("case_number", made.number)


def _is_urgent(session: Session, incident: int, canary: str) -> int:
    """Let an emergency of an incident run, and an order be on it."""
    emergency = Emergency(incident_id=incident, started_at=NOW)
    session.add(emergency)
    session.flush()
    session.add(Remark(emergency_id=emergency.id, words=canary, written_at=NOW))
    session.add(Order(number=canary, incident_id=incident, words=canary, issued_at=NOW, deadline_at=NOW))
    session.flush()
    return emergency.id


def _was_planned(session: Session, world: World, station: str) -> None:
    """Plan a checkpoint in the station, whose round of today is due, and leave a gap there."""
    session.add(
        Checkpoint(code=f"P{station}", name=f"P{station}", radius_m=30, geometry=point(*_xy(station)), code_days=7,
                   code_secret=f"{station.encode().hex():0>64}")
    )  # fmt: skip
    places = (PlaceRef("checkpoint", f"P{station}"),)
    terms = Terms(date(2020, 1, 1), places, True, 1440, 0, at=(time(),)).kept()
    cells = {name: cell for name, cell in _place(session, station).items() if name.endswith("_id")}
    plan = a_plan(f"zqplan{station}", first_day=date(2020, 1, 1), terms=[terms], made_at=LONG_AGO, **cells)
    session.add(plan)
    session.flush()
    walker = person(session, ("mediator", station if station != OUT else None), name=f"walker {station}")
    session.flush()
    place = {"why": ["gap"], "kind": "checkpoint", "code": "", "name": f"zqsug{station}", "squares": 0}
    times = {"walk_s": 60, "arrive_s": 60, "stay_s": 0, "longitude": 114.5, "latitude": 22.5}
    session.add(
        a_suggestion(
            walker.id,
            expires_at=NOW + timedelta(days=1),
            places=json.dumps([{**place, **times}]),
            line="[[114.5, 22.5]]",
            **cells,
        )
    )
    gap = a_gap(1, plan.id, code=f"P{station}", reason=f"zqgap{station}", closed_as="reason", closed_at=NOW, **cells)
    session.add(gap)
    session.flush()
    if station in (SUBSTATION, BESIDE[1]):
        world.keep("plan_id", plan.id)
        world.keep("gap_id", gap.id)


def _was_published(session: Session, world: World, station: str) -> None:
    """Publish something in the station, for whose staff it is; in some of them somebody sees it."""
    made = a_publication(f"zqpub{station}", cell_code=station)
    session.add(made)
    if station not in READ:
        return
    reader = person(session, ("mediator", station), name=f"zqread{station}")
    session.flush()
    session.add(Receipt(publication_id=made.id, person_id=reader.id, seen_at=NOW))
    world.keep("publication_id", made.id)


def _xy(station: str) -> tuple[float, float]:
    return OUTSIDE if station == OUT else middle(station)


# --- how each route is asked -----------------------------------------------------------------------

Asked = tuple[str, dict[str, Any]]
"""An address, and what else is said: params, json, data."""
PURPOSE = {"purpose": "a purpose of some length"}
SPAN = {"datetime": f"{(NOW - timedelta(days=2)).isoformat()}/{(NOW + timedelta(days=1)).isoformat()}"}
TODAY = {"datetime": f"{NOW.astimezone(Settings().zone).date()}"}


def once(**said: Any) -> Callable[[str, World], list[Asked]]:
    """Ask once, at the first of the numbers that the address names."""
    return lambda path, world: [(_filled(path, {name: ids[0] for name, ids in world.ids.items()}), said)]


def each(name: str) -> Callable[[str, World], list[Asked]]:
    """Ask at every number of that name."""
    return lambda path, world: [(_filled(path, {name: number}), {}) for number in world.ids[name]]


def several(*params: dict[str, str]) -> Callable[[str, World], list[Asked]]:
    """Ask with each of some sets of parameters."""
    return lambda path, _: [(path, {"params": every}) for every in params]


def _filled(path: str, values: dict[str, Any]) -> str:
    known = {"code": STREET, "path": "docs.js", "level": "street", "covers": "notice", "ending": "xml", **values}
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: str(known.get(found[1], 1)), path)


FIGURES = [
    *({"level": level, **SPAN} for level in ("street", "community", "substation")),
    *({"level": "substation", **SPAN, "f": form} for form in ("csv", "geojson")),
    {"level": "substation", "parent": STREET},
    {"level": "all", **SPAN, "compare": "true"},
]
SCOPED: dict[str, Callable[[str, World], list[Asked]]] = {
    "GET /api/check-ins": several(
        {}, PURPOSE, {**PURPOSE, "cell": STREET}, {**PURPOSE, "cell": SUBSTATION}, {**PURPOSE, **SPAN}
    ),
    "GET /api/walkers": several({}, PURPOSE, {**PURPOSE, "cell": STREET}),
    "GET /reports/file": several({"occasion": "morning", "form": "html"}),
    "GET /api/alarms": several({}, {"open": "true"}),
    "GET /api/alarms/{alarm_id}": each("alarm_id"),
    "GET /api/doubts": several({}, PURPOSE, {**PURPOSE, "cell": STREET}, {**PURPOSE, "quarantined": "true"}),
    "GET /doubts": several({}, PURPOSE, {**PURPOSE, "show": "all"}),
    "GET /api/unread": several({}, PURPOSE),
    "GET /doubts/unread": several({}, PURPOSE),
    "GET /api/live": several({}, PURPOSE),
    "GET /api/live/now": several({}, PURPOSE),
    "GET /api/objections": several({}, {"limit": "100"}),
    "GET /objections": several({}, {"show": "all"}),
    "GET /alarms": several({}, {"show": "all"}),
    "GET /api/incidents": several(
        {}, {"cell": STREET}, {"cell": SUBSTATION}, {"bbox": "110,20,118,26"}, SPAN, {"kind": "E0102"}
    ),
    "GET /api/incidents/map": several({}, {"cell": STREET}, SPAN, {"only": "open"}),
    "GET /api/incidents/{identifier}": each("identifier"),
    "GET /api/incidents/{identifier}/case": each("identifier"),
    "GET /api/incidents/{identifier}/duplicates": each("identifier"),
    "GET /api/incidents/{identifier}/exhibits/{number}": each("identifier"),
    "GET /api/incidents.csv": several({}, SPAN),
    "GET /api/incidents.xlsx": several({}, {"cell": SUBSTATION}),
    "GET /api/incidents/exchange.xlsx": several({}),
    "GET /open311/v2/requests.{ending}": once(),
    "GET /open311/v2/requests/{case_number}.{ending}": each("case_number"),
    "GET /api/publications": several({}, {"over": "true"}, {"unread": "true"}),
    "GET /api/publications/published": several({}),
    "GET /api/publications/{publication_id}/receipts": each("publication_id"),
    "GET /publications": several({}, {"show": "all"}),
    "GET /publications/{publication_id}": each("publication_id"),
    "GET /incidents": several({}, {"show": "open"}, {"show": "mine"}),
    "GET /incidents/{incident_id}": each("incident_id"),
    "GET /incidents/{incident_id}/receipt": each("incident_id"),
    "GET /api/incidents/{identifier}/follow-ups": each("identifier"),
    "GET /api/incident-figures": several({}, {"group_by": "cell"}, {"cell": SUBSTATION}),
    "GET /api/surveys": several({}, {"month": "2026-11"}),
    "GET /api/emergencies": several({}, {"open": "true"}),
    "GET /api/emergencies/{number}": each("number"),
    "GET /api/orders": several({}, {"open": "true"}),
    "GET /emergencies": several({}, {"show": "all"}),
    "GET /emergencies/{emergency_id}": each("emergency_id"),
    "GET /orders": several({}, {"show": "all"}),
    "GET /api/plans": several({}),
    "GET /api/plans/{plan_id}": each("plan_id"),
    "GET /api/plans/{plan_id}/report": each("plan_id"),
    "GET /api/rounds": several({}),
    "GET /api/me/rounds": several({}),
    "GET /api/suggestions": several({}),
    "GET /api/me/suggestion": several({}),
    "GET /api/gaps": several({}, {"cell": SUBSTATION}),
    "GET /rounds": several({}),
    "GET /rounds/gaps": several({"show": "all"}),
    "GET /rounds/suggestions": several({}),
    "GET /rounds/plans": several({}),
    "GET /rounds/plans/{plan_id}": each("plan_id"),
    "GET /api/search": several(
        *({"q": word, "limit": "20"} for word in ("zq", "zqphone", "zqread", "walker", "0001", "葵涌", "P4403")),
    ),
    "GET /api/coverage": several(*FIGURES),
    "GET /api/coverage/events": several({"level": "all"}),
    "GET /api/coverage/squares": several({}),
    "GET /maps/coverage.html": several(TODAY),
    "GET /maps/comparison.html": several(TODAY),
    "GET /maps/heat.html": several({}),
    "GET /maps/incidents.html": several({}),
    "GET /maps/track.html": several({}, *({**PURPOSE, "patroller": f"zqwalk{each}"} for each in BESIDE[1:])),
}  # fmt: skip
"""Routes whose answers depend on the cells of whoever asks: asked by every role in every place."""
OTHERS = """
GET /
HEAD /
GET /admin
GET /admin/devices
POST /admin/devices
POST /admin/devices/{token_id}/revoke
GET /admin/names
POST /admin/names/departments
POST /admin/names/departments/{code}
POST /admin/names/roles/{code}
GET /admin/people
POST /admin/people
GET /admin/people/{person_id}
POST /admin/people/{person_id}
POST /admin/people/{person_id}/active
POST /admin/people/{person_id}/link
POST /admin/people/{person_id}/pin
POST /admin/people/{person_id}/roles
POST /admin/people/{person_id}/roles/{appointment_id}/withdraw
POST /api/alarms
POST /api/alarms/{alarm_id}/acknowledge
POST /api/check-ins
POST /api/fixes/{fix_id}/notes
POST /api/fixes/{fix_id}/release
DELETE /api/fixes/{fix_id}/release
POST /doubts/{fix_id}/notes
POST /doubts/{fix_id}/release
POST /doubts/{fix_id}/withdraw
GET /live
GET /api/checkpoints
POST /api/checkpoints
PUT /api/checkpoints/{code}
DELETE /api/checkpoints/{code}
GET /api/checkpoints/{code}/code
POST /api/gaps/{gap_id}/close
POST /api/suggestions
GET /api/duty
GET /api/grid/cells
GET /api/grid/cells/{code}
GET /api/grid/locate
GET /api/grid/outlines
GET /api/grid/patrollable
GET /api/departments
GET /tiles/{z}/{x}/{y}
GET /api/incident-kinds
GET /api/layers
GET /api/layers/{name}
POST /api/incidents
POST /api/incidents/exchange
GET /incidents/exchange
POST /incidents/exchange
GET /open311/v2/discovery.{ending}
GET /open311/v2/services.{ending}
GET /open311/v2/services/{code}.{ending}
POST /open311/v2/requests.{ending}
GET /open311/v2/tokens/{token}.{ending}
POST /api/incidents/{identifier}/transitions
POST /api/incidents/{identifier}/exhibits
GET /api/incidents/{identifier}/sheet.pdf
GET /api/incidents/{identifier}/handlers
POST /api/incidents/{identifier}/handlers
DELETE /api/incidents/{identifier}/handlers/{person}
GET /api/me/consents
GET /api/me/incidents
POST /api/me/consents
DELETE /api/me/consents/{covers}
GET /api/me/objections
POST /api/me/objections
GET /api/me/readers
GET /api/notice
POST /api/objections/{objection_id}/reply
POST /api/incidents/{identifier}/emergency
POST /api/emergencies/{number}/acknowledge
POST /api/emergencies/{number}/tasks/{task}/done
POST /api/emergencies/{number}/words
POST /api/emergencies/{number}/end
POST /api/incidents/{identifier}/orders
POST /api/orders/{number}/reply
POST /api/orders/{number}/close
POST /emergencies/{emergency_id}/acknowledge
POST /emergencies/{emergency_id}/tasks/{task_id}
POST /emergencies/{emergency_id}/words
POST /emergencies/{emergency_id}/end
POST /incidents/{incident_id}/emergency
POST /orders/{order_id}/reply
POST /orders/{order_id}/close
POST /incidents/{incident_id}/orders
POST /api/plans
PUT /api/plans/{plan_id}
DELETE /api/plans/{plan_id}
POST /api/publications
POST /api/publications/{publication_id}/seen
POST /api/publications/{publication_id}/confirm
POST /api/publications/{publication_id}/withdraw
POST /publications
POST /publications/{publication_id}/confirm
POST /publications/{publication_id}/withdraw
POST /api/shifts
GET /api/shifts/current
POST /api/shifts/end
GET /audit
GET /audit/chain
POST /demonstration
GET /device
POST /device/enrol
POST /device/sign-off
POST /device/sign-on
GET /docs
GET /enter
POST /enter
GET /favicon.ico
GET /healthz
HEAD /healthz
GET /incidents/new
POST /incidents/new
POST /incidents/searches
POST /incidents/searches/{search_id}/delete
POST /incidents/{incident_id}/exhibits
POST /incidents/{incident_id}/moves
POST /incidents/{incident_id}/follow-ups
GET /install
GET /install/{file}
POST /language
GET /manual
GET /map.js
GET /viewer.css
GET /maps/grid.html
GET /me
POST /me/consents/{covers}
POST /me/consents/{covers}/withdraw
POST /me/export
POST /me/keys
POST /me/keys/{token_id}/revoke
POST /me/objections
GET /me/password
POST /me/password
POST /me/pin
POST /me/sign-out
GET /me/month
GET /me/month/file
GET /me/track
POST /objections/{objection_id}/reply
POST /api/incidents/{identifier}/follow-ups
POST /api/surveys
GET /reports
GET /surveys
POST /surveys
POST /alarms/{alarm_id}/acknowledge
GET /patrol
GET /patrol/worker.js
GET /openapi.json
GET /readyz
HEAD /readyz
GET /rounds/checkpoints
POST /rounds/gaps/{gap_id}/close
POST /rounds/suggestions
POST /rounds/plans
POST /rounds/plans/{plan_id}/end
GET /sign-in
POST /sign-in
GET /sign-in/oidc
GET /sign-in/oidc/back
POST /sign-out
""".strip().splitlines()
"""Routes whose answers are the same for whoever may ask them, wherever they answer for; or are about oneself alone."""


def asked(route: str, world: World) -> list[Asked]:
    """Return how a route is asked."""
    method, _, path = route.partition(" ")
    ask = SCOPED.get(route, once() if method in ("GET", "HEAD", "DELETE") else once(json={}))
    return ask(path, world)


# --- the test --------------------------------------------------------------------------------------


@pytest.fixture
def world(engine: Engine) -> World:
    lay(engine)
    with session_scope(engine, write=True) as session:
        return make(session)


@pytest.fixture
def client(settings: Settings, world: World) -> Iterator[TestClient]:
    """The application, asked by nobody yet, over that world."""
    with worker(settings) as client:
        client.app.state.ending.set()  # a live stream tells what is, and ends
        yield client


def tokens(engine: Engine, places: tuple[str | None, ...]) -> dict[tuple[str, str | None], str]:
    """Return a key for each role in each place."""
    with session_scope(engine, write=True) as session:
        return {
            (role, place): issue(session, "api", person_id=_holder(session, role, place)).words
            for role in ROLES
            for place in places
        }


def _holder(session: Session, role: str, place: str | None) -> int:
    return person(session, (role, place), department=DEPARTMENT if role == "department_staff" else None).id


def ask(client: TestClient, route: str, world: World, words: str | None) -> Iterator[tuple[int, str]]:
    """Yield status and text of each answer of a route."""
    method = route.partition(" ")[0]
    headers = bearer(words) if words else {}
    for path, said in asked(route, world):
        answer = client.request(method, path, headers=headers, **said)
        assert answer.status_code < 500, (route, path, answer.text)
        led_to = answer.headers.get("location", "").partition("?")[0]  # the rest leads back to what was asked
        yield answer.status_code, f"{dict(answer.headers) | {'location': led_to}}{text_of(answer)}"


def text_of(answer: Any) -> str:
    """Return what an answer says; of a workbook what stands in its cells."""
    is_workbook = "spreadsheetml" in answer.headers.get("content-type", "")
    return str(read_rows(answer.content, "a.xlsx")) if is_workbook else str(answer.text)


def canaries(text: str) -> set[str]:
    """Return the canaries in an answer."""
    return set(re.findall(r"zq[a-z]+(?:\d{15}|out)?", text))


def permitted(role: str, route: str) -> bool:
    """Tell whether a role may ask a route at all, by the rules of this file."""
    need = ACCESS[route]
    if need in ("open", "person"):
        return True
    return any(role in MAY[each] for each in (need if isinstance(need, tuple) else (need,)))


def test_every_route_is_in_a_table_of_this_file() -> None:
    assert {*SCOPED, *OTHERS} == set(ACCESS)


@pytest.mark.long
def test_what_lies_in_cells_is_seen_by_whoever_answers_for_them_and_nobody_else(
    client: TestClient, engine: Engine, world: World
) -> None:
    see(client, world, tokens(engine, PLACES))


def test_the_same_of_each_role_in_one_place_after_another(client: TestClient, engine: Engine, world: World) -> None:
    held = list(tokens(engine, PLACES).items())
    every = len(PLACES) + 1  # the next role in the next place
    # every other role behind the one wall, those between behind both: each role is tried, the long run tries all
    first = every + 2 if engine.dialect.name == "postgresql" else 0
    see(client, world, dict(held[first :: 2 * every]))


def see(client: TestClient, world: World, held: dict[tuple[str, str | None], str]) -> None:
    """Ask every scoped route with every key: what is met is theirs, and no more."""
    for (role, place), words in held.items():
        met: set[str] = set()
        for route in SCOPED:
            for status, text in ask(client, route, world, words):
                found = canaries(text)
                assert found <= theirs(role, place), (role, place, route)
                if status == 200 and route == "GET /api/coverage":
                    shown = set(re.findall(r'(?m)(?:"code": ?"|^)(\d{9,15})', text))
                    assert all(holds(place, code) for code in shown), (role, place, shown)
                met |= found
                assert (status in (401, 403)) == (not permitted(role, route)) or "PurposeNeeded" in text
        shown_kinds = (*TRACKS, "raw", "inc", "cell", "dep", "conf", "pub", *(["read"] if role in PLAN else []))
        missed = {
            each for each in theirs(role, place) - met if each.startswith(tuple(f"zq{kind}" for kind in shown_kinds))
        }
        assert missed == set(), (role, place)


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_figures_of_named_people_are_for_those_who_see_tracks_and_of_their_cells(
    client: TestClient, engine: Engine, world: World
) -> None:
    people = {"level": "all", **SPAN, "people": [f"zqwalk{station}" for station in (SUBSTATION, *BESIDE)]}
    for (role, place), words in tokens(engine, (COMMUNITY,)).items():
        told = [
            client.get("/api/coverage", params=asked, headers=bearer(words)) for asked in (people, people | PURPOSE)
        ]
        assert told[0].status_code == 403, (role, place)
        assert (told[1].status_code == 200) == (role in SEE_FIGURES & SEE_TRACKS), (role, place)
        if told[1].status_code == 200:
            report = told[1].json()
            assert report["cells"]
            assert all(holds(place, cell["code"]) for cell in report["cells"]), (role, place)
            assert {report[each] is None for each in ("outside", "excluded", "quarantined")} == {not holds(place, OUT)}


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_every_route_is_closed_to_every_role_that_may_not_and_tells_nothing_to_those_that_may(
    client: TestClient, engine: Engine, world: World
) -> None:
    for (role, place), words in tokens(engine, (SUBSTATION,)).items():
        for route in OTHERS:  # of the scoped ones `see` tells
            if route.endswith(("/sign-out", "/language")):
                continue
            for status, text in ask(client, route, world, words):
                is_closed = status == 403 and ("NotForYou" in text or route.startswith("HEAD") or "您的角色" in text)
                assert is_closed == (not permitted(role, route)), (role, route, status, text[:300])
                assert canaries(text) <= theirs(role, place), (role, route)


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
@pytest.mark.parametrize("kind", ["nobody", "device", "board", "public"])
def test_whoever_is_no_person_meets_nothing_private(
    settings: Settings, engine: Engine, world: World, kind: str
) -> None:
    words = None
    if kind in ("device", "board"):
        with session_scope(engine, write=True) as session:
            words = issue(session, kind, cell_code=STREET, name="x").words  # type: ignore[arg-type]
    with worker(settings.model_copy(update={"public_viewer": kind == "public"})) as client:
        client.app.state.ending.set()
        for route in ACCESS:
            for status, text in ask(client, route, world, words):
                assert canaries(text) == set(), (kind, route)
                if kind == "nobody":
                    turned_away = status in (401, 303) or "ForeignForm" in text or "请出示 api_key" in text
                    assert turned_away or ACCESS[route] == "open", (route, status, text)
