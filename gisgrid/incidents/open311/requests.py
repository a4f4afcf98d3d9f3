"""Requests of citizens' apps, found again as the specification shows them, without a word about whoever sent them.

Whoever holds a key sees what came with it, and what lies in the cells for which its account sees incidents. What the
steps say stays inside: only how a request stands is told.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, get_args
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from gisgrid.errors import NotFound, Refused
from gisgrid.grid.place import CELL_COLUMNS, cell_names
from gisgrid.grid.schemas import CellName
from gisgrid.incidents.kinds.stored import Editions
from gisgrid.incidents.lifecycle import ENDED, OPEN, STATES, State
from gisgrid.incidents.loop.steps import STEP
from gisgrid.incidents.open311.service_list import of_a_service, service_name
from gisgrid.incidents.reports import FOR_ALL, INCIDENT, WITHOUT_GEOMETRY
from gisgrid.once import AT_A_TIME
from gisgrid.parameters import Period
from gisgrid.parse import near, read_time
from gisgrid.sight import visible
from gisgrid.staff.tables import Department

LONGEST: Final = timedelta(days=90)
MOST: Final = 1000
NUMBER: Final = re.compile(r"\d{8}-\d{9,15}-\d{4,12}", re.ASCII)
CODE: Final = re.compile(r"[A-Z]\d{4}", re.ASCII)
STATUSES: Final[dict[str, frozenset[State]]] = {"open": OPEN, "closed": ENDED}


class NoSuchRequest(NotFound):
    """No request has that number, or none that may be seen."""


class BadQuery(Refused):
    """A list of requests is asked for in a way that means nothing."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which requests are asked for, as the query says it; "" where it says nothing. Lists are parted by commas."""

    numbers: str = ""
    services: str = ""
    start: str = ""
    end: str = ""
    statuses: str = ""


def requests_found(session: Session, zone: ZoneInfo, wanted: Wanted) -> list[dict[str, Any]]:
    """Return the requests that are asked for, the latest first, at most MOST.

    Numbers stand before all else; without them it is LONGEST up to now. Raises BadQuery.
    """
    return _shown(session, zone, _conditions(wanted, zone))


def request_shown(session: Session, zone: ZoneInfo, number: str) -> list[dict[str, Any]]:
    """Return one request, in a list. Raises NoSuchRequest."""
    found = _shown(session, zone, [_numbered([number])])
    if not found:
        raise NoSuchRequest("没有这个 service_request_id", "there is no such service_request_id")
    return found


def by_token(session: Session, zone: ZoneInfo, token: str) -> list[dict[str, Any]]:
    """Return the number behind a token, which is the number itself: it is given at once. Raises NoSuchRequest."""
    (found,) = request_shown(session, zone, token)
    return [{"service_request_id": found["service_request_id"], "token": token}]


def _conditions(wanted: Wanted, zone: ZoneInfo) -> list[ColumnElement[bool]]:
    if wanted.numbers.strip():
        return [_numbered(_parts(wanted.numbers))]
    period = _period(wanted, zone, datetime.now(UTC))
    found = [INCIDENT.c.reported_at >= period.start, INCIDENT.c.reported_at <= period.end]
    if wanted.services.strip():
        found.append(INCIDENT.c.kind.in_(_known(_parts(wanted.services), CODE)))
    if wanted.statuses.strip():
        found.append(INCIDENT.c.state.in_(_states(_parts(wanted.statuses))))
    return found


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _known(parts: Sequence[str], form: re.Pattern[str]) -> list[str]:
    if len(parts) > MOST:
        raise BadQuery(f"一次最多 {MOST} 个", f"at most {MOST} at a time")
    return [part for part in parts if form.fullmatch(part)]


def _numbered(parts: Sequence[str]) -> ColumnElement[bool]:
    return INCIDENT.c.number.in_(_known(parts, NUMBER))


def _states(parts: Sequence[str]) -> list[State]:
    if not set(parts) <= set(STATUSES):
        raise BadQuery("status 应为 open 或 closed", "status must be open or closed")
    return [state for state in get_args(State) if any(state in STATUSES[part] for part in parts)]


def _period(wanted: Wanted, zone: ZoneInfo, now: datetime) -> Period:
    start, end = _moment(wanted.start, zone), _moment(wanted.end, zone)
    if end is None:
        end = now if start is None else near(start + LONGEST)
    if start is None:
        start = near(end - LONGEST)
    if end - start > LONGEST:
        raise BadQuery(
            "start_date 与 end_date 相距不能超过 90 天", "start_date and end_date must lie within 90 days of each other"
        )
    return Period(start, end)


def _moment(text: str, zone: ZoneInfo) -> datetime | None:
    if not text.strip():
        return None
    try:
        moment = read_time(text.strip().replace(" ", "+"))  # a plus sign in a query is a blank
        return near((moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC))
    except (ValueError, OverflowError) as error:
        raise BadQuery(
            "start_date、end_date 应为带时区的时间,如 2026-11-01T08:00:00+08:00",
            "start_date and end_date must be times with a zone, such as 2026-11-01T08:00:00+08:00",
        ) from error


# --- how one is shown ------------------------------------------------------------------------------


def _shown(session: Session, zone: ZoneInfo, where: Sequence[ColumnElement[bool]]) -> list[dict[str, Any]]:
    public = (visible(session, INCIDENT), INCIDENT.c.source == "citizen", of_a_service(INCIDENT.c), *FOR_ALL)
    latest = (INCIDENT.c.reported_at.desc(), INCIDENT.c.id.desc())
    asked = select(*WITHOUT_GEOMETRY).where(*public, *where).order_by(*latest).limit(MOST)
    rows = [dict(row) for row in session.execute(asked).mappings()]
    cells, moved = cell_names(session, rows), _last_moved(session, [row["id"] for row in rows])
    agencies = {row.id: f"{row.zh} / {row.en}" for row in session.scalars(select(Department))}
    editions = Editions(session)
    return [
        {
            "service_request_id": row["number"],
            "status": "closed" if row["state"] in ENDED else "open",
            "status_notes": " / ".join(STATES[row["state"]]),
            **_service(editions, row, zone),
            "description": row["description"],
            "agency_responsible": agencies.get(row["department_id"]),
            "service_notice": None,
            **_times(row, moved.get(row["id"]), zone),
            "address": " ".join(_named(row, cells)),
            "address_id": None,
            "zipcode": None,
            "lat": row["latitude"],
            "long": row["longitude"],
            "media_url": None,
        }
        for row in rows
    ]


def _last_moved(session: Session, incidents: Sequence[int]) -> dict[int, datetime]:
    """Return when each of some incidents was last moved."""
    latest = select(STEP.c.incident_id, func.max(STEP.c.made_at)).group_by(STEP.c.incident_id)
    parts = [incidents[start : start + AT_A_TIME] for start in range(0, len(incidents), AT_A_TIME)]
    found: dict[int, datetime] = {}
    for part in parts:
        found |= dict(session.execute(latest.where(visible(session, STEP), STEP.c.incident_id.in_(part))).all())
    return found


def _service(editions: Editions, row: dict[str, Any], zone: ZoneInfo) -> dict[str, str]:
    kind = editions.kind_at(row["kind"], row["reported_at"], zone)
    return {"service_name": service_name(kind) if kind else row["kind"], "service_code": row["kind"]}


def _times(row: dict[str, Any], moved_at: datetime | None, zone: ZoneInfo) -> dict[str, str | None]:
    told = {
        "requested_datetime": row["reported_at"],
        "updated_datetime": moved_at or row["received_at"],
        "expected_datetime": row["due_at"],
    }
    return {name: at and at.astimezone(zone).isoformat(timespec="seconds") for name, at in told.items()}


def _named(row: dict[str, Any], cells: dict[int, CellName]) -> list[str]:
    return [cells[row[column]].name for column in CELL_COLUMNS if row[column] in cells]
