"""Who starts an emergency, who is called and who is not, who may do what, and what is told of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from gisgrid.database import session_scope
from gisgrid.incidents.emergencies.instead import instead_of
from gisgrid.incidents.emergencies.lines import Called, is_waiting
from gisgrid.incidents.emergencies.tables import Alert, ContingencyPlan, Emergency
from gisgrid.incidents.emergencies.timeline import timeline
from gisgrid.settings import Settings
from gisgrid.staff.tables import Person
from tests.incidents.conftest import Hire
from tests.incidents.desk import Staff
from tests.incidents.emergencies.crew import (
    FIRE,
    Crew,
    alerted,
    ask,
    done,
    later,
    muster,
    now,
    phone,
    running,
    shown,
)
from tests.laid import STREET, SUBSTATION

ORDINARY = "L0201"
AT = datetime(2026, 11, 26, 8, tzinfo=UTC)


@pytest.fixture
def crew(hire: Hire, engine: Engine) -> Crew:
    return muster(hire, engine)


def started(staff: Staff, incident: int) -> int:
    status, answer = staff.ask("POST", f"/{incident}/emergency")
    assert status == 200, answer
    number: int = answer["id"]
    return number


# --- the start -------------------------------------------------------------------------------------


def test_the_report_of_an_emergency_starts_its_plan_once(crew: Crew) -> None:
    sent = {"kind": FIRE, "reported_at": now(), "client_id": "1"}
    incident = crew.walker.report(**sent)
    assert crew.walker.report(**sent) == incident
    (entry,) = running(crew.walker)
    assert (entry["incident_id"], entry["plan_zh"], entry["tasks"]) == (incident, "火灾、山火处置预案", 7)
    assert crew.station.ask("POST", f"/{incident}/emergency")[1]["code"] == "AlreadyStarted"


def test_what_is_long_past_and_what_is_no_emergency_alert_nobody_by_themselves(crew: Crew) -> None:
    past = (datetime.now(UTC) - timedelta(hours=25)).isoformat()
    incident = crew.walker.report(kind=FIRE, reported_at=past)
    crew.walker.report(kind=ORDINARY, reported_at=now())
    assert running(crew.station) == []
    assert "通用" not in str(shown(crew.station, started(crew.station, incident))["plan_zh"])


def test_the_button_starts_the_general_plan_where_there_is_no_other(crew: Crew) -> None:
    incident = crew.walker.report(kind=ORDINARY)
    assert crew.stranger.ask("POST", f"/{incident}/emergency")[0] == 404
    told = shown(crew.walker, started(crew.walker, incident))
    assert (told["plan_zh"], told["started_by"]) == ("通用应急预案", "巡查员甲")
    assert set(alerted(told)) >= {"分站工作人员", "社区领导", "街道领导", "派出所"}
    assert [line["phone"] for line in told["lines"] if line["zh"] == "派出所"] == ["110"]


def test_what_has_ended_starts_nothing(crew: Crew) -> None:
    incident = crew.walker.report(kind=ORDINARY)
    crew.station.ask("POST", f"/{incident}/transitions", json={"move": "reject", "revision": 1, "words": "不属实"})
    assert crew.station.ask("POST", f"/{incident}/emergency")[1]["code"] == "NothingToStart"


def test_without_any_plan_the_three_levels_are_called(crew: Crew, engine: Engine) -> None:
    with session_scope(engine, write=True) as session:
        for plan in session.scalars(select(ContingencyPlan)):
            plan.retired_at = AT
    told = shown(crew.station, started(crew.station, crew.walker.report(kind=ORDINARY)))
    assert set(alerted(told)) >= {"分站工作人员", "社区领导", "街道领导"}
    assert (told["plan_zh"], told["checklist"]) == (None, [])


# --- who is called ---------------------------------------------------------------------------------


def test_whoever_complaints_are_about_is_not_called(crew: Crew, engine: Engine, hire: Hire) -> None:
    complaint = crew.walker.report(kind="L1202", complained_department="police")
    told = shown(crew.street, started(crew.street, complaint))
    assert "派出所" not in alerted(told)
    assert running(crew.police) == []


def test_nobody_who_is_away_and_nobody_of_another_cell_is_called(crew: Crew, engine: Engine) -> None:
    with session_scope(engine, write=True) as session:
        session.get_one(Person, crew.second.id).is_active = False
    told = shown(crew.station, started(crew.station, crew.walker.report(kind=ORDINARY)))
    assert alerted(told)["分站工作人员"] == ["分站甲", "分站丙"]
    nobody = [line for line in told["lines"] if not line["people"]]
    assert all(line["is_received"] is False for line in nobody)


def test_a_line_that_has_ended_is_followed_up_once(crew: Crew, engine: Engine, settings: Settings) -> None:
    number = started(crew.station, crew.walker.report(kind=ORDINARY))
    assert later(engine, settings, 61) == 1  # behind the community's two
    assert later(engine, settings, 61) == 0
    told = shown(crew.station, number)
    assert [each["zh"] for each in told["timeline"] if each["what"] == "silent"] == ["未按时回执"] * 5
    with session_scope(engine) as session:
        left = session.scalars(select(Alert.person_id).where(Alert.followed_up_at.is_(None))).all()
    assert set(left) == {crew.station.id, crew.second.id}


def test_where_nobody_is_there_or_nobody_next_it_is_said_whom_to_telephone(
    crew: Crew, engine: Engine, settings: Settings
) -> None:
    with session_scope(engine, write=True) as session:
        for each in (crew.police, crew.deputy, crew.behind):
            session.get_one(Person, each.id).is_active = False
    phone(engine, crew.street, "13800000000")
    number = started(crew.station, crew.walker.report(kind="E0102"))

    def lines() -> dict[str, Any]:
        return {line["zh"]: line for line in shown(crew.station, number)["lines"]}

    def nobody() -> list[str]:
        return [each["zh"] for each in shown(crew.station, number)["timeline"] if each["what"] == "nobody"]

    at_street = {"zh": "街道领导 街道主任", "en": "street leader, 街道主任", "phone": "13800000000"}
    told = lines()
    assert told["派出所"]["instead"] == {"zh": "派出所", "en": told["派出所"]["en"], "phone": "110"}
    assert (told["城管执法队"]["is_unreached"], told["城管执法队"]["instead"]) == (True, at_street)
    assert (told["社区领导"]["is_unreached"], told["社区领导"]["instead"]) == (False, None)
    assert nobody() == ["派出所:没有人可通知,请打电话", "城管执法队:没有人可通知,请打电话"]
    later(engine, settings, 61)
    assert lines()["社区领导"]["instead"] == at_street
    assert "社区领导:没有人可通知,请打电话" in nobody()


@pytest.mark.parametrize(
    ("role", "lines", "instead"),
    [
        ("station_staff", [("community_leader", "书记"), ("street_leader", "主任")], "community_leader 书记"),
        ("station_staff", [("community_leader", ""), ("street_leader", "主任")], "street_leader 主任"),
        ("department_staff", [("community_leader", "书记"), ("street_leader", "主任")], "street_leader 主任"),
        ("street_leader", [("community_leader", "书记"), ("station_staff", "员")], "community_leader 书记"),
        ("street_leader", [("community_leader", "")], None),
    ],
)
def test_the_next_level_up_is_telephoned(role: str, lines: list[tuple[str, str]], instead: str | None) -> None:
    def line(role: str, name: str) -> dict[str, Any]:
        people = [{"name": name, "phone": "1", "acknowledged_at": None}] if name else []
        return {"role": role, "zh": role, "en": role, "phone": None, "people": people}

    empty = line(role, "")
    found = instead_of(empty, [empty, *(line(*each) for each in lines)])
    assert (found and (found["zh"], found["phone"])) == (instead and (instead, "1"))


def test_what_has_ended_calls_nobody(crew: Crew, engine: Engine, settings: Settings) -> None:
    number = started(crew.station, crew.walker.report(kind=ORDINARY))
    done(crew.station, f"/{number}/end", words="误报")
    assert later(engine, settings, 600) == 0


def a_call(turn: int, seconds: float, *, acknowledged: bool = False, followed_up: bool = False) -> Called:
    at = AT + timedelta(seconds=seconds)
    return Called("station_staff", None, turn, turn, at, AT if acknowledged else None, AT if followed_up else None)


@pytest.mark.parametrize(
    ("calls", "after", "is_due"),
    [
        ([], 600, False),
        ([a_call(1, 0)], 59.9, False),
        ([a_call(1, 0)], 60, True),
        ([a_call(1, 0, acknowledged=True), a_call(2, 0)], 600, False),
        ([a_call(1, 0, followed_up=True), a_call(2, 60)], 119, False),
        ([a_call(1, 0, followed_up=True), a_call(2, 60)], 120, True),
        ([a_call(1, 0, followed_up=True), a_call(2, 60, followed_up=True)], 600, False),
    ],
)
def test_when_the_next_is_due(calls: list[Called], after: float, is_due: bool) -> None:
    assert is_waiting(calls, AT + timedelta(seconds=after), 60) == is_due


# --- while it runs ---------------------------------------------------------------------------------


def test_a_receipt_is_of_whoever_was_called(crew: Crew) -> None:
    number = started(crew.station, crew.walker.report(kind=ORDINARY))
    assert ask(crew.walker, "POST", f"/{number}/acknowledge")[1]["code"] == "NotCalled"
    assert ask(crew.stranger, "POST", f"/{number}/acknowledge")[0] == 404
    assert running(crew.street)[0]["is_called"] is True
    assert done(crew.street, f"/{number}/acknowledge")["acknowledged"] == 2
    assert done(crew.street, f"/{number}/acknowledge")["acknowledged"] == 2


def test_others_look_on_and_know_no_phone(crew: Crew, engine: Engine, hire: Hire) -> None:
    phone(engine, crew.station, "13800000000")
    incident = crew.walker.report(kind=ORDINARY)
    number = started(crew.station, incident)
    cadre = hire(("cadre", SUBSTATION), name="干部")
    told = shown(cadre, number)
    assert (told["is_involved"], "13800000000" in str(told), told["nearest"]) == (False, False, [])
    assert "13800000000" in str(shown(crew.street, number))
    for path, sent in (("words", {"words": "x"}), ("end", {"words": "x"}), ("tasks/1/done", {})):
        assert ask(cadre, "POST", f"/{number}/{path}", json=sent)[1]["code"] == "NotInvolved"


@pytest.mark.parametrize(
    ("path", "sent", "status"),
    [
        ("tasks/99/done", {}, 404),
        ("words", {"words": "  "}, 422),
        ("words", {"words": ""}, 422),
        ("end", {"words": "\n"}, 422),
        ("end", {}, 422),
    ],
)
def test_what_is_missing_is_told(crew: Crew, path: str, sent: dict[str, Any], status: int) -> None:
    number = started(crew.station, crew.walker.report(kind=ORDINARY))
    assert ask(crew.station, "POST", f"/{number}/{path}", json=sent)[0] == status


def test_the_first_who_ticks_a_task_off_counts(crew: Crew) -> None:
    number = started(crew.station, crew.walker.report(kind=ORDINARY))
    done(crew.street, f"/{number}/tasks/1/done", words="已到场")
    task = done(crew.station, f"/{number}/tasks/1/done", words="我也到了")["checklist"][0]
    assert (task["done_by"], task["words"], task["for_zh"]) == ("街道主任", "已到场", "分站工作人员")


def test_it_may_begin_again_when_it_has_ended(crew: Crew) -> None:
    incident = crew.walker.report(kind=ORDINARY)
    first = started(crew.station, incident)
    done(crew.station, f"/{first}/end", words="解除")
    second = started(crew.station, incident)
    assert second != first
    assert [entry["id"] for entry in ask(crew.station, "GET")[1]["emergencies"]] == [second, first]


def test_a_stream_tells_of_it_those_who_see_it_and_asks_for_no_purpose(crew: Crew) -> None:
    crew.walker.client.app.state.ending.set()  # type: ignore[attr-defined]

    def heard(staff: Staff, only: str) -> tuple[int, str]:
        headers = {"Authorization": f"Bearer {staff.words}"}
        answer = staff.client.get("/api/live", params={"only": only}, headers=headers)
        return answer.status_code, answer.text

    started(crew.station, crew.walker.report(kind=ORDINARY))
    for staff in (crew.station, crew.fire, crew.police):
        status, text = heard(staff, "emergencies")
        assert (status, '"alerted": ' in text) == (200, True)
    assert '"is_called": true' in heard(crew.street, "emergencies")[1]
    assert '"alerted": ' not in heard(crew.stranger, "emergencies")[1]
    assert heard(crew.station, "positions")[0] == 403
    assert "event: end" in heard(crew.station, "nothing")[1]


def test_what_happens_at_once_has_an_order() -> None:
    emergency = {"started_at": AT, "started_by": 1, "ended_at": None}
    step = {"made_at": AT, "zh": "上报", "en": "report", "made_by": 1, "words": ""}
    alert = {"person_id": 1, "alerted_at": AT, "acknowledged_at": AT, "followed_up_at": None}
    told = timeline(emergency, [step], [alert], [], [], [{"zh": "城管", "en": "urban management", "people": []}])
    assert [each.what for each in told] == ["step", "started", "alerted", "nobody", "acknowledged"]


@pytest.mark.parametrize("database_url", ["postgis"], indirect=True)
def test_the_second_wall_says_the_same(crew: Crew, engine: Engine) -> None:
    started(crew.station, crew.walker.report(kind=ORDINARY))
    assert len(running(crew.station)) == 1
    with session_scope(engine) as session:
        assert session.scalar(select(Emergency.id)) is not None
    assert running(crew.stranger) == []
    assert STREET in str(running(crew.street))
