"""A street on duty: its phones, its people, and how each of them asks the service."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, select
from starlette.testclient import TestClient

from gisgrid.audit.record import OPERATOR
from gisgrid.database import session_scope
from gisgrid.patrols.duty.notice import notice
from gisgrid.patrols.tables import Fix, Patroller
from gisgrid.settings import Settings
from gisgrid.staff.appointments import grant
from gisgrid.staff.people import person_of
from gisgrid.staff.tokens import issue
from tests.laid import SPOT, SUBSTATION
from tests.staff.builders import PIN, hire

CHECK_INS, SHIFTS = "/api/check-ins", "/api/shifts"
VERSION = notice(Settings()).version


@dataclass(frozen=True)
class Asking:
    """Somebody or something with a token, asking the service; `id` is the row of the person or the device."""

    client: TestClient
    id: int
    name: str
    words: str

    def ask(self, method: str, path: str, status: int = 200, **what: Any) -> Any:
        answer = self.client.request(method, path, headers={"Authorization": f"Bearer {self.words}"}, **what)
        assert answer.status_code == status, answer.text
        return answer.json()

    def get(self, path: str, status: int = 200, **asked: Any) -> Any:
        return self.ask("GET", path, status, params=asked)

    def post(self, path: str, body: Any, status: int = 200) -> Any:
        return self.ask("POST", path, status, json=body)

    def send(self, *fixes: dict[str, Any]) -> list[str]:
        """Check in; return how each fix stands, or the code of the refusal."""
        answers = self.post(CHECK_INS, list(fixes))
        return [answer.get("standing") or answer["code"] for answer in answers]

    def seen(self, **asked: Any) -> list[str]:
        """Return the client_ids of the fixes that are shown."""
        features = self.get(CHECK_INS, **{"purpose": "to try it out", **asked})["features"]
        return [feature["properties"]["client_id"] for feature in features]

    def sign_on(self, status: int = 201, **body: Any) -> Any:
        return self.post(SHIFTS, {"notice_version": VERSION, **body}, status)


def somebody(
    client: TestClient, engine: Engine, *roles: str, name: str = "zhangsan", cell: str | None = SUBSTATION
) -> Asking:
    """Return a new person with a PIN and a key, who has some roles in a cell."""
    person_id = hire(engine, name, pin=PIN)
    with session_scope(engine, write=True) as session:
        for role in roles:
            grant(session, OPERATOR, person_of(session, person_id), role, None if role == "auditor" else cell)
        return Asking(client, person_id, name, issue(session, "api", person_id=person_id).words)


def device(client: TestClient, engine: Engine, cell: str = SUBSTATION) -> Asking:
    """Return a new phone of a cell."""
    with session_scope(engine, write=True) as session:
        made = issue(session, "device", cell_code=cell, name="phone")
        return Asking(client, made.row.id, "", made.words)


def ago(**time: float) -> datetime:
    """Return a time that is past."""
    return datetime.now(UTC) - timedelta(**time)


def a_fix(client_id: str, at: datetime, **changes: Any) -> dict[str, Any]:
    """Return a fix as a phone sends it."""
    place = {"longitude": SPOT[0], "latitude": SPOT[1]}
    return {"client_id": client_id, "fix_at": at.isoformat(), **place, **changes}


def kept(engine: Engine) -> dict[str, tuple[str, str]]:
    """Return whose each fix is and how it stands, by client_id."""
    with session_scope(engine) as session:
        rows: Sequence[Any] = session.execute(
            select(Fix.client_id, Patroller.ref, Fix.standing).join(Patroller, Patroller.id == Fix.patroller_id)
        ).all()
    assert len({row.client_id for row in rows}) == len(rows)
    return {row.client_id: (row.ref, row.standing) for row in rows}
