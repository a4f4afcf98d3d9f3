"""Everybody whom an emergency passes: three levels, police and fire, and somebody who has no part in it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, select, update

from gisgrid.audit.record import PROGRAM
from gisgrid.database import session_scope
from gisgrid.incidents.emergencies.alerting import call_next
from gisgrid.incidents.emergencies.start import report_at_once
from gisgrid.incidents.emergencies.tables import Alert, Emergency
from gisgrid.incidents.orders.issue import store
from gisgrid.incidents.report import Report
from gisgrid.incidents.reports import require_incident
from gisgrid.settings import Settings
from gisgrid.staff.tables import Person
from tests.incidents.conftest import Hire
from tests.incidents.desk import Staff
from tests.laid import COMMUNITY, SPOT, STREET, SUBSTATION

RESCUE = "L0801"
FIRE = "L0501"


@dataclass
class Crew:
    """Who there is: `station` reports; `second` and `third` are next in its line."""

    station: Staff
    second: Staff
    third: Staff
    community: Staff
    deputy: Staff
    behind: Staff
    street: Staff
    police: Staff
    fire: Staff
    walker: Staff
    stranger: Staff


def muster(hire: Hire, engine: Engine) -> Crew:
    """Hire everybody; whoever was there before, and holds all roles, is away."""
    with session_scope(engine, write=True) as session:
        session.execute(update(Person).values(is_active=False))
    return Crew(
        station=hire(("station_staff", SUBSTATION), name="分站甲"),
        second=hire(("station_staff", SUBSTATION), name="分站乙"),
        third=hire(("station_staff", SUBSTATION), name="分站丙"),
        community=hire(("community_leader", COMMUNITY), name="社区书记"),
        deputy=hire(("community_leader", COMMUNITY), name="社区副书记"),
        behind=hire(("community_leader", STREET), name="社区联系人"),
        street=hire(("street_leader", STREET), name="街道主任"),
        police=hire(("department_staff", STREET), name="民警", department="police"),
        fire=hire(("department_staff", STREET), name="消防员", department="fire"),
        walker=hire(("patroller", SUBSTATION), name="巡查员甲"),
        stranger=hire(("station_staff", "440307009003002"), name="别处"),
    )


def now() -> str:
    """Return the present as it is sent."""
    return datetime.now(UTC).isoformat()


def ask(staff: Staff, method: str, path: str = "", **more: Any) -> tuple[int, Any]:
    """Ask for emergencies; return status and body."""
    headers = {"Authorization": f"Bearer {staff.words}"}
    answer = staff.client.request(method, f"/api/emergencies{path}", headers=headers, **more)
    return answer.status_code, answer.json()


def done(staff: Staff, path: str, **sent: Any) -> dict[str, Any]:
    """Do something that must succeed; return the emergency."""
    status, answer = ask(staff, "POST", path, **({"json": sent} if sent else {}))
    assert status == 200, answer
    found: dict[str, Any] = answer
    return found


def running(staff: Staff) -> list[dict[str, Any]]:
    """Return the emergencies that somebody is shown as running."""
    status, answer = ask(staff, "GET", params={"open": "true"})
    assert status == 200, answer
    found: list[dict[str, Any]] = answer["emergencies"]
    return found


def shown(staff: Staff, number: int) -> dict[str, Any]:
    """Return an emergency as somebody sees it."""
    status, answer = ask(staff, "GET", f"/{number}")
    assert status == 200, answer
    found: dict[str, Any] = answer
    return found


def alerted(record: dict[str, Any]) -> dict[str, list[str]]:
    """Return who was called in each line."""
    return {line["zh"]: [each["name"] for each in line["people"]] for line in record["lines"] if line["people"]}


def later(engine: Engine, settings: Settings, seconds: float) -> int:
    """Let the service look for the next in line so many seconds after the last alert."""
    with session_scope(engine) as session:
        last = session.scalars(select(Alert.alerted_at).order_by(Alert.alerted_at.desc())).first()
    assert last is not None
    if seconds < settings.alert_next_s:
        return call_next(engine, settings, last + timedelta(seconds=seconds))
    hasty = settings.model_copy(update={"alert_next_s": 0.0})  # so that what is written has its place in the time line
    return call_next(engine, hasty, datetime.now(UTC))


def phone(engine: Engine, staff: Staff, number: str) -> None:
    """Give somebody a phone number."""
    with session_scope(engine, write=True) as session:
        session.get_one(Person, staff.id).phone = number


def alert(engine: Engine, settings: Settings) -> tuple[int, int]:
    """Let the service start the plan of a fire and order it to be seen to; return emergency and order."""
    moment = datetime.now(UTC)
    with session_scope(engine, write=True) as session:
        (outcome,) = report_at_once(session, settings, [Report(FIRE, moment, moment, *SPOT)], PROGRAM)
        incident = (outcome.row or {})["id"]
        emergency = session.scalars(select(Emergency.id).where(Emergency.incident_id == incident)).one()
        given = {"words": "#1", "deadline_at": moment + timedelta(days=1), "addressee_code": SUBSTATION}
        return emergency, store(session, settings.zone, PROGRAM, require_incident(session, incident), given, moment)
