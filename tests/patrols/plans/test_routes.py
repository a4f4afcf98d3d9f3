"""Plans, rounds and gaps over HTTP: what is sent and answered, and by whom it may be."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from gisgrid.patrols.plans.gaps import settle_lately
from gisgrid.patrols.plans.terms import Place
from tests.laid import COMMUNITY, SPOT, STREET, SUBSTATION
from tests.patrols.asking import Asking, a_fix, device, somebody
from tests.patrols.plans.builders import ZONE
from tests.patrols.plans.worlds import AWAY, SETTINGS, a_walker, planned, today

QUAY = {"kind": "checkpoint", "code": "C1"}
FAR = {"kind": "checkpoint", "code": "C9"}
HOURS = {"windows": [{"start": "00:00", "end": "00:00"}], "times_a_day": 1, "duration_min": 1440}
C1, C9 = Place("checkpoint", "C1"), Place("checkpoint", "C9")


def all_day(engine: Engine, name: str, **changes: Any) -> int:
    """Make a plan whose round lasts for the whole day, so that it is due whenever this is tried."""
    given = {"at": ("00:00",), "duration_min": 1440, "grace_min": 0, "first_day": today() - timedelta(9), **changes}
    return planned(engine, name=name, **given)


def body(**changes: Any) -> dict[str, Any]:
    return {"name": "码头巡查", "places": [QUAY], "first_day": today().isoformat(), **HOURS, **changes}


def test_a_plan_is_made_read_changed_and_ended(staff: Asking, town: Engine) -> None:
    a_walker(town, "zhang")
    made = staff.post(
        "/api/plans", body(people=["zhang"], weekdays=[7, 1, 1], is_operation=True, last_day="2126-01-01"), 201
    )
    times = {"at": [], "windows": [{"start": "00:00", "end": "00:00"}], "times_a_day": 1, "duration_min": 1440}
    days = {
        "first_day": str(today()),
        "last_day": "2126-01-01",
        "weekdays": [1, 7],
        "every_days": 1,
        "since": str(today()),
    }
    assert made == {
        "id": made["id"], "name": "码头巡查", "is_operation": True, "places": [QUAY], "grace_min": 0,
        "people": [{"name": "zhang", "full_name": ""}], **times, **days, "made_at": made["made_at"], "ended_at": None,
        "area": None,
    }  # fmt: skip
    path = f"/api/plans/{made['id']}"
    assert staff.get(path) == made
    changed = staff.ask("PUT", path, json=body(at=["15:00", "09:00"], windows=[], times_a_day=0, duration_min=60))
    assert (changed["at"], changed["people"], changed["since"]) == (
        ["09:00", "15:00"],
        None,
        str(today() + timedelta(1)),
    )
    assert staff.get("/api/plans")["numberMatched"] == 1
    assert staff.ask("DELETE", path)["ended_at"] is not None
    assert staff.ask("DELETE", path, 409)["code"] == "PlanOver"
    assert staff.ask("PUT", path, 409, json=body())["code"] == "PlanOver"
    assert staff.get("/api/plans/99", 404)["code"] == "NoSuchPlan"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "name"),
        ({"places": []}, "places"),
        ({"places": [{"kind": "lane", "code": "C1"}]}, "'checkpoint' or 'cell'"),
        ({"places": [{**QUAY, "why": 1}]}, "unknown field"),
        ({"at": ["9:00"]}, "08:00"),
        ({"at": ["09:00:00"]}, "08:00"),
        ({"at": ["24:00"]}, "08:00"),
        ({"first_day": "26.11.2026"}, "2026-11-01"),
        ({"first_day": "0001-01-01"}, "1901"),
        ({"weekdays": [8]}, "at most 7"),
        ({"weekdays": []}, "weekdays"),
        ({"duration_min": 0}, "at least 1"),
        ({"duration_min": 60.5}, "whole number"),
        ({"people": []}, "people"),
        ({"seed": "x"}, "unknown field"),
        ({"at": ["09:00"]}, "one of the two"),
    ],
)
@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_what_is_wrong_with_a_plan_is_told(staff: Asking, changes: dict[str, Any], words: str) -> None:
    assert words in staff.post("/api/plans", body(**changes), 422)["description"]


def test_a_station_s_staff_see_its_plans_rounds_and_gaps_and_no_others(
    asked: TestClient, staff: Asking, town: Engine
) -> None:
    boss = somebody(asked, town, "street_leader", name="boss", cell=None)
    other = somebody(asked, town, "station_staff", name="other", cell=AWAY)
    watcher = somebody(asked, town, "supervision", name="watch", cell=STREET)
    mine, whole = all_day(town, "本站"), all_day(town, "全街", places=(C1, C9))
    assert staff.post("/api/plans", body(places=[FAR]), 404)["code"] == "NoSuchPlace"
    asking = (staff, boss, other, watcher)
    seen = {who.name: [plan["name"] for plan in who.get("/api/plans")["plans"]] for who in asking}
    assert seen == {"zhan": ["本站"], "boss": ["全街", "本站"], "other": [], "watch": ["全街", "本站"]}
    for path, method in ((f"/api/plans/{whole}", "GET"), (f"/api/plans/{whole}", "DELETE")):
        staff.ask(method, path, 404)
    staff.get(f"/api/plans/{whole}/report", 404)
    rounds = {
        who.name: sorted((each["plan"]["name"], each["place"]["code"]) for each in who.get("/api/rounds")["rounds"])
        for who in (staff, other, boss)
    }
    assert rounds["zhan"] == [("全街", "C1"), ("本站", "C1")]
    assert rounds["other"] == [("全街", "C9")]
    assert len(rounds["boss"]) == 3
    assert watcher.post("/api/plans", body(), 403)["code"] == "NotForYou"
    assert staff.get(f"/api/plans/{mine}/report")["rounds"]["due"] == 1


def test_the_rounds_of_a_day_and_how_they_stand(staff: Asking, asked: TestClient, town: Engine) -> None:
    a_walker(town, "zhang")
    plan = all_day(town, "码头巡查", by_anyone=False, people=("zhang",))
    all_day(town, "分站", places=(Place("cell", SUBSTATION),), duration_min=1)
    (first, second) = staff.get("/api/rounds")["rounds"]
    assert (first["place"]["kind"], first["people"]) == ("cell", None)
    assert first["place"]["radius_m"] is None
    assert second == {
        "id": f"{plan}/{today()}/1",
        "plan": {"id": plan, "name": "码头巡查", "is_operation": False},
        "place": {
            "kind": "checkpoint", "code": "C1", "name": "码头", "longitude": SPOT[0], "latitude": SPOT[1],
            "radius_m": 50.0, "dwell_s": 0.0, "needs_code": False,
        },
        "start_at": second["start_at"], "end_at": second["end_at"], "last_at": second["last_at"],
        "state": "due", "done_at": None, "cell_code": SUBSTATION, "people": [{"name": "zhang", "full_name": ""}],
    }  # fmt: skip
    asks = {"state": "ahead"}, {"cell": COMMUNITY}, {"cell": AWAY}, {"plan": plan}, {"day": str(today() - timedelta(1))}
    assert [len(staff.get("/api/rounds", **each)["rounds"]) for each in asks] == [0, 2, 0, 1, 2]
    assert staff.get("/api/rounds", day=str(today() + timedelta(1)))["rounds"][0]["state"] == "ahead"
    for day in ("x", "2026-02-30", "0001-01-01", "2026-11-1"):
        assert staff.get("/api/rounds", 422, day=day)["code"] == "BadDay"


def test_a_patroller_and_the_phone_they_carry_are_told_what_to_do(
    asked: TestClient, staff: Asking, town: Engine
) -> None:
    zhang, li = (somebody(asked, town, "patroller", name=name) for name in ("zhang", "li"))
    away = somebody(asked, town, "patroller", name="away", cell=AWAY)
    all_day(town, "张的", by_anyone=False, people=("zhang",))
    all_day(town, "谁都行")
    theirs = {who.name: who.get("/api/me/rounds")["rounds"] for who in (zhang, li, away)}
    named = {name: [each["plan"]["name"] for each in rounds] for name, rounds in theirs.items()}
    assert named == {"zhang": ["张的", "谁都行"], "li": ["谁都行"], "away": []}
    (its,) = li.get("/api/me/rounds")["rounds"]
    assert set(its) == {"id", "plan", "place", "start_at", "end_at", "last_at", "state", "done_at"}
    phone = device(asked, town)
    assert phone.get("/api/me/rounds") == {"day": str(today()), "rounds": []}
    phone.sign_on(person="li", pin="184629")
    assert [each["id"] for each in phone.get("/api/me/rounds")["rounds"]] == [its["id"]]
    assert phone.send(a_fix("1", datetime.now(UTC))) == ["counted"]
    done = phone.get("/api/me/rounds")["rounds"][0]
    assert (done["state"], done["done_at"] is not None) == ("done", True)
    assert [each["state"] for each in zhang.get("/api/me/rounds")["rounds"]] == ["due", "done"]
    assert staff.get("/api/me/rounds", 403)["code"] == "NotForYou"
    assert [each["state"] for each in li.get("/api/me/rounds", day=str(today() - timedelta(1)))["rounds"]] == ["missed"]


def test_gaps_are_listed_and_closed_for_a_reason(asked: TestClient, staff: Asking, town: Engine) -> None:
    other = somebody(asked, town, "station_staff", name="other", cell=AWAY)
    cadre = somebody(asked, town, "cadre", name="cadre", cell=SUBSTATION)
    start = datetime.now(UTC) - timedelta(minutes=50)
    plan = planned(
        town, name="全街", at=(start.astimezone(ZONE).strftime("%H:%M"),), duration_min=10, grace_min=0,
        places=(C1, C9), first_day=start.astimezone(ZONE).date(),
    )  # fmt: skip
    settle_lately(town, SETTINGS, datetime.now(UTC))
    (gap,) = staff.get("/api/gaps")["gaps"]
    assert (gap["plan"]["name"], gap["kind"], gap["code"], gap["name"]) == ("全街", "checkpoint", "C1", "码头")
    assert (gap["cell_code"], gap["closed_as"], gap["round"][: len(str(plan)) + 1]) == (SUBSTATION, None, f"{plan}/")
    assert (gap["level"], gap["age_s"] < 60, [step["act"] for step in gap["steps"]]) == ("substation", True, ["opened"])
    path = f"/api/gaps/{gap['id']}/close"
    assert cadre.post(path, {"reason": "x"}, 403)["code"] == "NotForYou"
    assert other.post(path, {"reason": "x"}, 404)["code"] == "NoSuchGap"
    assert staff.post(path, {"reason": " "}, 422)["code"] == "BadInput"
    closed = staff.post(path, {"reason": "台风停航"})
    assert (closed["closed_as"], closed["reason"], closed["closed_by"]) == ("reason", "台风停航", "zhan")
    assert staff.post(path, {"reason": "x"}, 409)["code"] == "GapClosed"
    asks = (
        {},
        {"open": "true"},
        {"open": "false"},
        {"cell": AWAY},
        {"plan": plan},
        {"datetime": "2020-01-01/2020-01-02"},
        {"level": "substation"},
        {"level": "street"},
    )
    assert [cadre.get("/api/gaps", **each)["numberMatched"] for each in asks] == [1, 0, 1, 0, 1, 0, 1, 0]
    assert [(step["act"], step["words"]) for step in closed["steps"]] == [("opened", ""), ("explained", "台风停航")]
    assert staff.get("/api/gaps", 404, cell="440307009999")["code"] == "NoSuchCell"
