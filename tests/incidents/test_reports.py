from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from gisgrid.database import session_scope
from gisgrid.incidents.kinds.edition import UnknownKind
from gisgrid.incidents.report import Report, report
from gisgrid.incidents.reports import NoSuchIncident, incident, incidents_frame, incidents_page
from gisgrid.parameters import Page, Period
from tests.laid import CODES, ELSEWHERE, OUTSIDE, SPOT, STREET, SUBSTATION
from tests.rows import an_incident

ZONE = ZoneInfo("Asia/Shanghai")
DAWN = datetime(2026, 11, 1, 6, 0, 0, 123456, UTC)
COLUMNS = {
    "id": "int64",
    "client_id": "object",
    "kind": "object",
    "description": "object",
    "reported_at": "datetime64[us, UTC]",
    "longitude": "float64",
    "latitude": "float64",
    "street_code": "object",
    "community_code": "object",
    "substation_code": "object",
}


@pytest.fixture
def happened(ground: Engine) -> Engine:
    sent = [
        Report(kind, DAWN + timedelta(hours=number), DAWN, *place, client_id="abc"[number])
        for number, (kind, place) in enumerate([("L0201", SPOT), ("E0102", ELSEWHERE), ("L0201", OUTSIDE)])
    ]
    with session_scope(ground, write=True) as session:
        report(session, sent[::-1], ZONE)
    return ground


def test_the_frame_has_the_columns_that_measures_and_maps_expect(happened: Engine) -> None:
    with session_scope(happened) as session:
        frame = incidents_frame(session)
    assert frame.dtypes.astype(str).to_dict() == COLUMNS
    assert frame["client_id"].tolist() == list("abc")
    assert frame.loc[0, list(CODES)].to_dict() == CODES
    assert frame.loc[2, list(CODES)].tolist() == [None] * 3


@pytest.mark.parametrize(
    ("asked", "clients"),
    [
        ({}, "abc"),
        ({"cell": SUBSTATION}, "a"),
        ({"cell": STREET}, "ab"),
        ({"kind": "L0201"}, "ac"),
        ({"period": Period(DAWN + timedelta(hours=1), DAWN + timedelta(hours=2))}, "b"),
    ],
)
def test_frame_and_page_agree(happened: Engine, asked: dict[str, Any], clients: str) -> None:
    with session_scope(happened) as session:
        assert "".join(incidents_frame(session, **asked)["client_id"]) == clients
        matched, rows = incidents_page(session, ZONE, Page(100, 0), **asked)
    assert (matched, "".join(row["client_id"] for row in rows)) == (len(clients), clients)


def test_a_frame_is_passed_around_and_leaves_out_what_not_everybody_may_know(happened: Engine) -> None:
    sent = [
        Report("L0801", DAWN, DAWN, *SPOT, client_id="d"),
        Report("L1201", DAWN, DAWN, *SPOT, client_id="e", complained_cell=SUBSTATION),
        Report("L0201", DAWN, DAWN, *SPOT, client_id="f", complained_department="police"),
    ]
    with session_scope(happened, write=True) as session:
        report(session, sent, ZONE)
    with session_scope(happened) as session:
        assert sorted(incidents_frame(session)["client_id"]) == list("abc")
        assert sorted(incidents_frame(session, confidential=True)["client_id"]) == list("abcdef")
        assert incidents_frame(session, kind="L0801").empty
        assert incidents_page(session, ZONE, Page(100, 0))[0] == 6


def test_a_kind_that_is_none(happened: Engine) -> None:
    with session_scope(happened) as session, pytest.raises(UnknownKind):
        incidents_frame(session, kind="X")


@pytest.mark.parametrize("number", [0, -1, 10**6, 2**63 - 1, 2**63, 10**30])
def test_a_number_that_is_none(happened: Engine, number: int) -> None:
    with session_scope(happened) as session, pytest.raises(NoSuchIncident):
        incident(session, ZONE, number)


def test_a_kind_that_left_the_table_is_named_by_its_code(engine: Engine) -> None:
    with session_scope(engine, write=True) as session:
        session.add(an_incident(1, kind="Z9999"))
    with session_scope(engine) as session:
        _, (row,) = incidents_page(session, ZONE, Page(1, 0))
    assert (row["kind_zh"], row["kind_en"]) == ("Z9999", "Z9999")
