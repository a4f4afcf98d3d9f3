from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Engine, func, select

from gisgrid.audit.record import OPERATOR
from gisgrid.audit.tables import AuditEntry
from gisgrid.database import session_scope
from gisgrid.grid.tables import Cell, LayerSet
from gisgrid.incidents.kinds.stored import starter
from gisgrid.incidents.report import Report, report, store_incidents
from gisgrid.incidents.tables import Incident
from gisgrid.intake.arrivals import Outcome
from gisgrid.settings import Settings
from gisgrid.staff.tables import Department
from tests.laid import COMMUNITY, OUTSIDE, SPOT, STREET, SUBSTATION, lay

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


def test_what_is_of_a_confidential_kind_is_marked(ground: Engine) -> None:
    send(ground, *(a_report(kind=code, complained_cell=COMMUNITY) for code in starter().kinds))
    with session_scope(ground) as session:
        marked = dict(session.execute(select(Incident.kind, Incident.is_confidential)).all())
    assert marked == {code: kind.is_confidential for code, kind in starter().kinds.items()}


def test_a_complaint_is_about_the_unit_of_its_day(ground: Engine) -> None:
    lay(ground, date(2026, 12, 1))
    sent = [
        a_report(client_id="before", complained_cell=COMMUNITY),
        a_report(client_id="eve", reported_at=datetime(2026, 11, 30, 23, 59, tzinfo=ZONE), complained_cell=SUBSTATION),
        a_report(client_id="after", reported_at=datetime(2026, 12, 1, tzinfo=ZONE), complained_cell=STREET),
        a_report(client_id="office", complained_department="police"),
        a_report(client_id="both", complained_cell=COMMUNITY, complained_department="fire"),
        a_report(client_id="none", reported_by=None),
    ]
    assert statuses(ground, *sent) == ["stored"] * 6
    with session_scope(ground) as session:
        grids = list(session.scalars(select(LayerSet.id).order_by(LayerSet.first_day)))
        cells = (Cell.layer_set_id, Cell.code)
        asked = select(Incident.client_id, *cells, Department.code.label("office"))
        asked = asked.outerjoin(Cell, Incident.complained_cell_id == Cell.id)
        found = session.execute(asked.outerjoin(Department, Incident.complained_department_id == Department.id))
        assert {name: about for name, *about in found} == {
            "before": [grids[0], COMMUNITY, None],
            "eve": [grids[0], SUBSTATION, None],
            "after": [grids[1], STREET, None],
            "office": [None, None, "police"],
            "both": [grids[0], COMMUNITY, "fire"],
            "none": [None, None, None],
        }


def test_complaints_of_different_units_are_different(ground: Engine) -> None:
    abouts = [{}, {"complained_cell": COMMUNITY}, {"complained_cell": STREET}, {"complained_department": "police"}]
    sent = [a_report(**about) for about in abouts]
    assert statuses(ground, *sent) == ["stored"] * 4
    assert statuses(ground, *sent) == ["repeated"] * 4
    named = [a_report(**about, client_id="1") for about in abouts]
    assert statuses(ground, *named, named[0]) == ["stored", *["conflict"] * 3, "repeated"]


def test_what_is_stored_is_recorded_once_and_names_nobody(ground: Engine) -> None:
    sent = [
        a_report(client_id="1"),
        a_report(client_id="2", kind="L0801"),
        a_report(client_id="1"),
        a_report(latitude=91),
    ]
    for _ in range(2):
        with session_scope(ground, write=True) as session:
            report(session, sent, ZONE, OPERATOR)
    send(ground, a_report(client_id="3"))
    with session_scope(ground) as session:
        ids = session.scalars(select(Incident.id).order_by(Incident.id)).all()
        its = AuditEntry.action == "incident.reported"
        entries = session.scalars(select(AuditEntry).where(its).order_by(AuditEntry.number)).all()
    assert [(each.actor, each.action, each.subject, each.subject_id, each.detail) for each in entries] == [
        ("operator", "incident.reported", "incident", number, "{}") for number in ids[:2]
    ]
    assert len(ids) == 3


def test_a_frame(ground: Engine) -> None:
    times = pd.Series(pd.Timestamp(NOON) + pd.to_timedelta(np.arange(3), unit="s"))
    frame = pd.DataFrame({"kind": ["L0801", "E0102", "E0102"], "reported_at": times, "received_at": times}).assign(
        longitude=[SPOT[0], OUTSIDE[0], SPOT[0]], latitude=[SPOT[1], OUTSIDE[1], -91], description=["a", None, "c"]
    )
    with session_scope(ground, write=True) as session:
        counts = store_incidents(session, frame, Settings())
    assert counts == {"stored": 2, "repeated": 0, "conflict": 0, "refused": 1, "outside": 1, "quarantined": 0}
    with session_scope(ground) as session:
        marked = session.execute(select(Incident.kind, Incident.is_confidential))
        assert dict(marked.all()) == {"L0801": True, "E0102": False}
