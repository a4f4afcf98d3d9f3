from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Engine, func, select

from gisgrid.database import session_scope
from gisgrid.incidents.report import Report, report, store_incidents
from gisgrid.incidents.tables import Incident
from gisgrid.intake.arrivals import Outcome
from tests.laid import OUTSIDE, SPOT

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 1, 12, tzinfo=ZONE)


def a_report(**changes: Any) -> Report:
    given = {"kind": "L0201", "reported_at": NOON, "received_at": NOON, "longitude": SPOT[0], "latitude": SPOT[1]}
    return Report(**{**given, **changes})


def send(engine: Engine, *sent: Report) -> list[Outcome]:
    with session_scope(engine, write=True) as session:
        return report(session, sent, ZONE)


def statuses(engine: Engine, *sent: Report) -> list[str]:
    return [outcome.status for outcome in send(engine, *sent)]


def test_an_incident_is_located_stored_and_has_a_geometry(ground: Engine) -> None:
    (outcome,) = send(ground, a_report(description="吵架\n两家", client_id="K1"))
    assert outcome.status == "stored"
    with session_scope(ground) as session:
        incident = session.scalars(select(Incident)).one()
        place = session.execute(select(func.ST_X(Incident.geometry), func.ST_Y(Incident.geometry))).one()
    assert tuple(place) == SPOT
    assert (incident.kind, incident.description, incident.client_id) == ("L0201", "吵架\n两家", "K1")
    assert (incident.reported_at, incident.received_at) == (NOON, NOON)
    assert None not in (incident.street_id, incident.community_id, incident.substation_id)


def test_outside_every_cell_and_off_the_earth(ground: Engine) -> None:
    outcomes = send(ground, a_report(longitude=OUTSIDE[0], latitude=OUTSIDE[1]), a_report(latitude=91.0))
    assert [outcome.status for outcome in outcomes] == ["stored", "refused"]
    assert outcomes[0].row is not None
    assert outcomes[0].row["street_id"] is None


def test_a_client_id_is_one_incident(ground: Engine) -> None:
    sent = a_report(client_id="1")
    later = a_report(client_id="1", received_at=NOON + timedelta(days=1))
    assert statuses(ground, sent, later, sent) == ["stored", "repeated", "repeated"]


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "L0202"},
        {"description": "b"},
        {"reported_at": NOON + timedelta(seconds=1)},
        {"longitude": OUTSIDE[0]},
        {"crs": "bd09"},
    ],
)
def test_the_same_client_id_with_other_content_is_a_conflict(ground: Engine, change: dict[str, Any]) -> None:
    given = {"client_id": "1", "description": "a"}
    assert statuses(ground, a_report(**given), a_report(**{**given, **change})) == ["stored", "conflict"]
    with session_scope(ground) as session:
        assert session.scalar(select(Incident.description)) == "a"


def test_without_a_client_id_equal_reports_are_one(ground: Engine) -> None:
    others = [
        a_report(kind="L0202"),
        a_report(description="b"),
        a_report(longitude=SPOT[0] + 1e-9),
        a_report(crs="gcj02"),
    ]
    sent = [a_report(), a_report(reported_at=NOON.astimezone(UTC)), *others]
    assert statuses(ground, *sent) == ["stored", "repeated", *["stored"] * 4]
    assert statuses(ground, *sent) == ["repeated"] * 6


def test_a_frame(ground: Engine) -> None:
    times = pd.Series(pd.Timestamp(NOON) + pd.to_timedelta(np.arange(3), unit="s"))
    frame = pd.DataFrame({"kind": "E0102", "reported_at": times, "received_at": times}).assign(
        longitude=[SPOT[0], OUTSIDE[0], SPOT[0]], latitude=[SPOT[1], OUTSIDE[1], -91], description=["a", None, "c"]
    )
    with session_scope(ground, write=True) as session:
        counts = store_incidents(session, frame, ZONE)
    assert counts == {"stored": 2, "repeated": 0, "conflict": 0, "refused": 1, "outside": 1}
