from datetime import date, timedelta

import pandas as pd
import pytest
from sqlalchemy import update

from gisgrid.coverage.report import coverage_report
from gisgrid.coverage.told.gather import NOWHERE, extras_of, handed_of
from gisgrid.database import session_scope
from gisgrid.geometry import to_wgs84
from gisgrid.incidents.report import store_incidents
from gisgrid.incidents.search import INCIDENT
from gisgrid.parameters import Period
from gisgrid.sight import EVERYTHING
from gisgrid.staff.caller import sight_for
from tests.coverage.occasions.worlds import NOW, a_caller, lay_out
from tests.coverage.worlds import NOON, ORIGIN, SETTINGS

NOVEMBER = Period.parse("2026-11-01/2026-11-30", SETTINGS.zone)


@pytest.fixture
def world(engine):
    """The world, with an incident overdue in SW, one that is confidential, and one in no cell."""
    lay_out(engine)
    longitude, latitude = to_wgs84(ORIGIN[0] + 500, ORIGIN[1] + 500, SETTINGS.metric_crs)
    frame = pd.DataFrame(
        {
            "kind": ["L0501", "L0101", "L0501"],
            "reported_at": pd.to_datetime([NOON] * 3, utc=True),
            "received_at": pd.to_datetime([NOON] * 3, utc=True),
            "longitude": [float(longitude)] * 2 + [113.0],
            "latitude": [float(latitude)] * 2 + [22.0],
        }
    )
    with session_scope(engine, write=True) as session:
        assert store_incidents(session, frame, SETTINGS)["stored"] == 3
        session.execute(update(INCIDENT).values(state="dispatched", due_at=NOON + timedelta(days=1)))
        session.execute(update(INCIDENT).where(INCIDENT.c.kind == "L0101").values(is_confidential=True))


def seen(engine, caller):
    if caller is None:
        return EVERYTHING
    with session_scope(engine) as session:
        return sight_for(session, caller, "coverage")


def handed(engine, caller=None, period=NOVEMBER, **how):
    with session_scope(engine, sight=seen(engine, caller)) as session:
        return handed_of(session, SETTINGS, period, NOW, caller=caller, **how)


def test_what_is_open_and_overdue_is_told_with_its_place(engine, world):
    found = handed(engine)
    assert [(gap.place, gap.cell, gap.plan) for gap in found.gaps] == [("SW站", "SW站", "岸线")]
    assert found.gaps[0].missed_at == NOON - timedelta(days=1)
    assert [each.cell for each in found.overdue] == ["SW站", NOWHERE]
    assert {each.due_at for each in found.overdue} == {NOON + timedelta(days=1)}
    assert all(each.number and each.kind != "L0501" for each in found.overdue)
    assert found.silent == []
    before = Period(NOON - timedelta(days=9), NOON - timedelta(days=2))
    assert handed(engine, period=before) == ([], [], [])
    assert handed(engine, plan=10**6).gaps == []


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
@pytest.mark.parametrize(
    ("role", "cell", "gaps", "overdue"),
    [
        ("street_leader", "X", 1, 2),
        ("community_leader", "S", 1, 1),
        ("community_leader", "N", 0, 0),
        ("department_staff", "X", 0, 2),
        ("volunteer_patroller", "SW", 0, 0),
    ],
)
def test_nobody_is_told_more_than_on_their_own_pages(engine, world, role, cell, gaps, overdue):
    found = handed(engine, a_caller(role, cell))
    assert (len(found.gaps), len(found.overdue)) == (gaps, overdue)


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_a_document_is_titled_for_its_place(engine, world):
    for caller, place in ((None, "X站"), (a_caller("community_leader", "N"), "N站")):
        with session_scope(engine, sight=seen(engine, caller)) as session:
            report = coverage_report(session, SETTINGS, level="all", period=NOVEMBER)
            how = {"dated": date(2026, 12, 5), "now": NOW, "caller": caller}
            extras = extras_of(session, SETTINGS, report, title=("{place}月报", "Report: {place}"), **how)
            office = SETTINGS.model_copy(update={"office": "指挥中心"})
            named = extras_of(session, office, report, title=("", ""), **how)
        assert extras.title == (f"{place}月报", f"Report: {place}")
        assert (extras.place, extras.office, named.office) == (place, "X站", "指挥中心")
        assert set(extras.shapes) == {cell.code for cell in report.cells}
