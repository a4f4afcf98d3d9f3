"""The figures through the whole: records brought by the command, asked for over HTTP and on the command line."""

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from starlette.testclient import TestClient

from gisgrid.audit.record import OPERATOR
from gisgrid.database import session_scope
from gisgrid.incidents.figures.figures import Wish, incident_figures, month_period
from gisgrid.incidents.figures.present import percent
from gisgrid.incidents.figures.schemas import IncidentFigures
from gisgrid.incidents.loop.standing import Wish as MoveWish
from gisgrid.incidents.loop.transitions import move_by_itself
from gisgrid.incidents.surveys.enter import Found, enter
from gisgrid.incidents.tables import Incident
from gisgrid.settings import Settings
from gisgrid.sight import EVERYTHING
from tests.incidents.conftest import Hire
from tests.incidents.records.ledger import DECEMBER, HOUR, ZONE, line, tianmen, write
from tests.laid import CELLS, COMMUNITY, STREET, SUBSTATION, lay
from tests.rows import a_plan
from tests.service import gisgrid

spatialite = pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
STATIONS = CELLS.loc[CELLS["level"] == "substation", "code"].tolist()
MONTH = "2016-12-01/2016-12-31"


@pytest.fixture
def ground(engine: Engine) -> Engine:
    """A grid in force for long."""
    lay(engine, date(2010, 1, 1))
    return engine


def brought(tmp_path: Path, database_url: str, lines: Any) -> None:
    ran = gisgrid(
        *("incidents", "records", str(write(tmp_path / "ledger.csv", lines))),
        home=tmp_path,
        GISGRID_DATABASE_URL=database_url,
    )
    assert ran.returncode == 0, ran.stderr


def figures(engine: Engine, settings: Settings, day: datetime = DECEMBER, **wish: Any) -> IncidentFigures:
    with session_scope(engine) as session:
        return incident_figures(session, settings, Wish(month_period(day.date(), settings), **wish))


def ratio(report: IncidentFigures, name: str) -> tuple[int, int, float | None]:
    (found,) = (each for each in report.total.shares if each.name == name)
    return found.numerator, found.denominator, found.ratio


def test_a_real_month(ground: Engine, settings: Settings, tmp_path: Path, database_url: str) -> None:
    brought(tmp_path, database_url, tianmen(STATIONS))
    report = figures(ground, settings, group_by="cell", cell=STREET)
    assert (ratio(report, "closing")[:2], percent(ratio(report, "closing")[2])) == ((911, 972), "93.72%")
    assert (ratio(report, "closed_in_time")[:2], percent(ratio(report, "closed_in_time")[2])) == ((737, 972), "75.82%")
    assert report.total.counts.overdue == 61
    assert ratio(report, "repeats") == (0, 911, 0)  # their places are those of whole cells
    communities = [each.counts for each in report.groups if each.key]
    assert sum(each.closed for each in communities) == 911
    assert len(communities) == 3
    assert any("2016" in note.zh for note in report.notes)
    # the same figure in two places is the same number
    out = gisgrid(
        *("incidents", "figures", "--period", MONTH, "--cell", STREET, "--group-by", "cell"),
        home=tmp_path,
        GISGRID_DATABASE_URL=database_url,
    ).stdout
    rows = list(csv.reader(out.removeprefix("﻿").splitlines()))
    shown = dict(zip(rows[0], rows[1], strict=True))
    assert (shown["结案率 closing"], shown["结案率:分母 closing denominator"]) == ("93.72%", "972")
    assert shown["按期结案率 closed_in_time"] == "75.82%"
    assert shown["办结信访 petition_settled"] == "0"
    assert [dict(zip(rows[0], row, strict=True))["办结信访 petition_settled"] for row in rows[2:5]] == ["n/a"] * 3


def month_of_2026() -> list[dict[str, str]]:
    """31 cases, 16 disputes, 13 petitions settled in October 2026, and one of each a month before."""
    lines, start = [], datetime(2026, 10, 2, 9, tzinfo=ZONE)
    for kind, count in (("L0103", 31), ("L0201", 16), ("L0301", 13)):
        for number in range(count):
            filed = start + timedelta(hours=6 * number)
            station = STATIONS[number % len(STATIONS)]
            lines.append(line(len(lines), kind, station, filed, HOUR, 来源="来电" if number % 2 else "巡查发现"))
        lines.append(line(len(lines), kind, SUBSTATION, start - timedelta(days=20), HOUR))
    return lines


@pytest.fixture
def october(ground: Engine, settings: Settings, tmp_path: Path, database_url: str) -> datetime:
    brought(tmp_path, database_url, month_of_2026())
    with session_scope(ground, write=True) as session:
        for month, satisfied in ((9, 405), (10, 431)):
            enter(session, OPERATOR, EVERYTHING, Found(STREET, date(2026, month, 1), 500, satisfied), settings.zone)
    return datetime(2026, 10, 1, tzinfo=ZONE)


def test_what_the_system_of_2007_reported(ground: Engine, settings: Settings, october: datetime) -> None:
    report = figures(ground, settings, october)
    assert report.total.settled.model_dump() == {"case": 31, "dispute": 16, "petition": 13}
    assert report.satisfaction is not None
    assert (report.satisfaction.asked, round(report.satisfaction.change_points or 0, 6)) == (500, 5.2)
    assert ratio(report, "found_by_patrols")[:2] == (24, 47)  # petitions are in no rate
    assert ratio(report, "settled_at_substation")[:2] == (47, 47)
    for kind, left in (("L0103", {"case": 30}), ("L0301", {"petition": 12})):
        with session_scope(ground, write=True) as session:
            number = session.scalars(select(Incident.id).where(Incident.kind == kind).order_by(Incident.id)).first()
            move_by_itself(session, settings, number or 0, MoveWish("reopen", "并未办结"), datetime.now(UTC))
        settled = figures(ground, settings, october).total.settled.model_dump()
        assert {name: settled[name] for name in left} == left
    changed = figures(ground, settings, october)
    assert ratio(changed, "closing")[:2] == (46, 47)
    assert ratio(figures(ground, settings, datetime(2026, 9, 1, tzinfo=ZONE)), "closing")[:2] == (2, 2)


def test_what_is_kept_is_told_for_a_street_and_whole_months_alone(
    ground: Engine, settings: Settings, october: datetime
) -> None:
    def petitions(report: IncidentFigures) -> list[int | None]:
        return [each.settled.petition for each in (report.total, *report.groups)]

    assert petitions(figures(ground, settings, october, group_by="cell")) == [13, 13]
    assert petitions(figures(ground, settings, october, cell=COMMUNITY)) == [None]
    assert petitions(figures(ground, settings, october, cell=STREET, group_by="cell")) == [13, None, None, None]
    assert set(petitions(figures(ground, settings, october, group_by="kind"))) == {None}
    assert petitions(figures(ground, settings, october, kind="L0301")) == [None]
    assert petitions(figures(ground, settings, october, department="police")) == [None]
    with session_scope(ground) as session:
        month = month_period(october.date(), settings)
        part = type(month)(month.start, month.end - timedelta(days=1))
        assert petitions(incident_figures(session, settings, Wish(part))) == [None]
        kinds = incident_figures(session, settings, Wish(month, group_by="kind"))
    assert {each.key for each in kinds.groups} == {"L0103", "L0201"}


@spatialite
def test_every_way_to_group_adds_up(ground: Engine, settings: Settings, october: datetime) -> None:
    for group_by in ("cell", "level", "department", "kind"):
        report = figures(ground, settings, october, group_by=group_by)
        for name in ("reported", "closed", "handled"):
            assert sum(getattr(each.counts, name) for each in report.groups) == getattr(report.total.counts, name)
    assert [each.key for each in figures(ground, settings, october, group_by="level").groups] == [
        *("community", "street", "substation")
    ]
    departments = {each.key: each.zh for each in figures(ground, settings, october, group_by="department").groups}
    assert departments == {"justice": "司法所", "police": "派出所"}
    assert figures(ground, settings, october, department="justice").total.counts.closed == 16
    assert figures(ground, settings, october, kind="L0103").total.counts.closed == 31


@spatialite
def test_an_empty_period_gives_zeros_and_nothing(ground: Engine, settings: Settings) -> None:
    report = figures(ground, settings, group_by="cell", cell=COMMUNITY)
    assert [each.counts.reported for each in (report.total, *report.groups)] == [0, 0, 0]
    assert {each.ratio for each in report.total.shares} == {None}
    assert report.satisfaction is not None
    assert report.satisfaction.change_points is None


def get(client: TestClient, words: str, **asked: str) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {words}"}
    answer = client.get("/api/incident-figures", params=asked, headers=headers)
    return answer.status_code, answer.json()


def test_whoever_asks_sees_their_own_ground(api: TestClient, hire: Hire, october: datetime) -> None:
    asked = {"datetime": "2026-10-01/2026-10-31", "group_by": "cell"}
    street = hire(("street_leader", STREET))
    community = hire(("community_leader", COMMUNITY))
    station = hire(("station_staff", SUBSTATION))
    status, whole = get(api, street.words, **asked)
    assert status == 200
    assert (whole["total"]["counts"]["closed"], whole["total"]["settled"]["petition"]) == (47, 13)
    status, part = get(api, community.words, **asked)
    assert [each["key"] for each in part["groups"]] == [COMMUNITY]
    assert part["total"]["settled"]["petition"] is None
    assert part["total"]["counts"] == part["groups"][0]["counts"]
    assert part["satisfaction"] is None
    _, same = get(api, street.words, **asked, cell=COMMUNITY)
    assert same["total"]["counts"] == part["total"]["counts"]
    assert same["total"]["shares"] == part["total"]["shares"]
    assert get(api, community.words, **asked, cell=STREET)[1]["code"] == "NotYourGround"
    assert get(api, station.words, **asked, cell=COMMUNITY)[0] == 404
    assert get(api, station.words, **asked)[1]["total"]["counts"]["closed"] == 8


@spatialite
@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"cell": "1"}, 404, "NotYourGround"),
        ({"department": "nobody"}, 422, "NoSuchDepartment"),
        ({"kind": "X"}, 422, "UnknownKind"),
        ({"group_by": "person"}, 422, "BadInput"),
        ({"datetime": "x"}, 422, "BadPeriod"),
    ],
)
def test_what_is_not_known_is_told(api: TestClient, hire: Hire, asked: dict[str, str], status: int, code: str) -> None:
    found, answer = get(api, hire(("street_leader", STREET)).words, **asked)
    assert (found, answer["code"]) == (status, code)


@spatialite
def test_the_period_of_a_special_operation(api: TestClient, hire: Hire, ground: Engine, october: datetime) -> None:
    days = {"first_day": date(2026, 10, 2), "last_day": date(2026, 10, 3)}
    with session_scope(ground, write=True) as session:
        plans = [a_plan("冬季行动", is_operation=True, **days), a_plan("日常", **days)]
        session.add_all(plans)
        session.flush()
        operation, everyday = (str(plan.id) for plan in plans)
    words = hire(("street_leader", STREET)).words
    status, told = get(api, words, operation=operation)
    assert (status, told["operation"]) == (200, "冬季行动")
    assert told["period"] == {"start": "2026-10-02T00:00:00+08:00", "end": "2026-10-04T00:00:00+08:00"}
    same = get(api, words, datetime="2026-10-02/2026-10-03")[1]
    assert told["total"] == same["total"]
    assert 0 < told["total"]["settled"]["case"] < 31
    assert get(api, words, operation=everyday)[1]["code"] == "NotAnOperation"
    department = hire(("department_staff", STREET)).words  # who sees no plans
    assert get(api, department, operation=operation)[1]["code"] == "NoSuchPlan"
    assert get(api, words, operation="99")[1]["code"] == "NoSuchPlan"
    assert get(api, words, operation=operation, datetime="2026-10-02")[1]["code"] == "TwoPeriods"


@spatialite
@pytest.mark.parametrize("role", ["mediator", "administrator", "liaison"])
def test_who_may_not(api: TestClient, hire: Hire, role: str) -> None:
    assert get(api, hire((role, None)).words)[0] == 403


@spatialite
def test_a_handler_of_what_is_confidential_answers_for_no_ground(
    api: TestClient, hire: Hire, october: datetime
) -> None:
    words = hire(("confidential_handler", STREET)).words
    asked = {"datetime": "2026-10-01/2026-10-31"}
    assert get(api, words, **asked)[1]["total"]["counts"]["closed"] == 0
    assert get(api, words, **asked, cell=STREET)[0] == 404
