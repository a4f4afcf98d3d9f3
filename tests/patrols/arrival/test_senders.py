"""Whose a fix is that is sent in, and whether it counts; and that nobody sends in another's name."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from gisgrid.database import session_scope
from gisgrid.patrols.sealed import SealedDay
from tests.laid import COMMUNITY, STREET, SUBSTATION
from tests.patrols.asking import CHECK_INS, a_fix, ago, device, kept, somebody
from tests.staff.builders import PIN


@pytest.fixture
def api(ground: Engine, client: TestClient) -> TestClient:
    return client


def test_a_phone_sends_for_whoever_is_signed_on_to_it_at_the_time_of_the_fix(api: TestClient, engine: Engine) -> None:
    phone = device(api, engine)
    zhang, li = (somebody(api, engine, "patroller", name=name) for name in ("zhangsan", "lisi"))
    phone.sign_on(person=zhang.name, pin=PIN, started_at=ago(hours=3).isoformat())
    phone.sign_on(person=li.name, pin=PIN)
    assert phone.send(a_fix("before", ago(hours=4)), a_fix("zhang", ago(hours=1)), a_fix("li", datetime.now(UTC))) == [
        "withheld",
        "counted",
        "counted",
    ]
    assert kept(engine) == {
        "before": (f"device\t{phone.id}", "withheld"), "zhang": ("zhangsan", "counted"), "li": ("lisi", "counted")
    }  # fmt: skip


def test_a_name_that_a_phone_gives_must_be_that_of_whoever_is_signed_on(api: TestClient, engine: Engine) -> None:
    phone, zhang = device(api, engine), somebody(api, engine, "patroller")
    somebody(api, engine, "patroller", name="lisi")
    phone.sign_on(person=zhang.name, pin=PIN, started_at=ago(hours=3).isoformat())
    sent = [
        a_fix("own", ago(hours=1), patroller="ZhangSan"),
        a_fix("other", ago(hours=1), patroller="lisi"),
        a_fix("nobody", ago(hours=1), patroller="nobody"),
        a_fix("early", ago(hours=9), patroller="zhangsan"),
    ]
    assert phone.send(*sent) == ["counted", "AnotherSignedOn", "AnotherSignedOn", "NobodySignedOn"]
    assert set(kept(engine)) == {"own"}


def test_a_repeat_is_one_row_whatever_the_shift_did_meanwhile(api: TestClient, engine: Engine) -> None:
    phone, zhang = device(api, engine), somebody(api, engine, "patroller")
    sent = [a_fix(name, ago(hours=hours), patrol="day") for name, hours in (("a", 5), ("b", 3), ("c", 1))]
    nameless = {name: value for name, value in a_fix("", ago(hours=2)).items() if name != "client_id"}
    assert phone.send(*sent, nameless) == ["withheld"] * 4
    phone.sign_on(person=zhang.name, pin=PIN, started_at=ago(hours=4).isoformat())
    assert phone.send(*sent, nameless) == ["withheld", "counted", "counted", "counted"]
    phone.post("/api/shifts/end", {"ended_at": ago(hours=2.5).isoformat(), "person": zhang.name, "pin": PIN})
    answers = phone.post(CHECK_INS, [*sent, nameless])
    assert [(answer["status"], answer["standing"]) for answer in answers] == [
        ("repeated", "withheld"), ("repeated", "counted"), ("repeated", "withheld"), ("repeated", "withheld")
    ]  # fmt: skip
    assert len(kept(engine)) == 4


def test_one_sends_for_oneself_alone(api: TestClient, engine: Engine) -> None:
    zhang = somebody(api, engine, "patroller")
    somebody(api, engine, "patroller", name="lisi")
    zhang.sign_on(started_at=ago(hours=3).isoformat())
    sent = [
        a_fix("mine", ago(hours=1)),
        a_fix("by name", ago(hours=1), patroller="zhangsan"),
        a_fix("for another", ago(hours=1), patroller="lisi"),
        a_fix("for a stranger", ago(hours=1), patroller="P1"),
        a_fix("off duty", ago(hours=5)),
    ]
    assert zhang.send(*sent) == ["counted", "counted", "NotYourOwn", "NotYourOwn", "withheld"]
    answer = zhang.post(CHECK_INS, sent[2], 403)
    assert answer["code"] == "NotYourOwn"
    assert kept(engine).keys() == {"mine", "by name", "off duty"}


def test_a_name_that_was_stored_before_is_not_taken_over(api: TestClient, engine: Engine) -> None:
    staff = somebody(api, engine, "station_staff", name="desk", cell=None)
    assert staff.send(a_fix("old", ago(hours=1), patroller="zhangsan")) == ["counted"]
    zhang = somebody(api, engine, "patroller")
    assert zhang.send(a_fix("new", ago(hours=1))) == ["withheld"]
    assert zhang.seen() == ["new"]
    assert kept(engine) == {"old": ("zhangsan", "counted"), "new": ("zhangsan (2)", "withheld")}


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        (SUBSTATION, ["counted", "NotYourPatroller", "NotYourPatroller", "NotYourPatroller", "PatrollerNeeded"]),
        (COMMUNITY, ["counted", "NotYourPatroller", "NotYourPatroller", "NotYourPatroller", "PatrollerNeeded"]),
        (STREET, ["counted", "counted", "NotYourPatroller", "NotYourPatroller", "PatrollerNeeded"]),
        (None, ["counted", "counted", "counted", "counted", "PatrollerNeeded"]),
    ],
)
def test_staff_bring_in_for_those_who_walk_in_their_cells(
    api: TestClient, engine: Engine, cell: str | None, told: list[str]
) -> None:
    somebody(api, engine, "patroller", name="near")
    somebody(api, engine, "patroller", name="far", cell="440307009003")
    somebody(api, engine, "cadre", name="staff")
    desk = somebody(api, engine, "station_staff", name="desk", cell=cell)
    names = ["near", "far", "staff", "stranger"]
    assert (
        desk.send(*(a_fix(name, ago(hours=9), patroller=name) for name in names), a_fix("whose", ago(hours=9))) == told
    )
    assert {whose for whose, _ in kept(engine).values()} == {
        name for name, answer in zip(names, told, strict=False) if answer == "counted"
    }


@pytest.mark.parametrize("is_brought_first", [True, False])
def test_what_waits_in_a_phone_counts_once_though_it_is_brought_in_too(
    api: TestClient, engine: Engine, is_brought_first: bool
) -> None:
    phone, zhang = device(api, engine), somebody(api, engine, "patroller")
    staff = somebody(api, engine, "station_staff", name="wang")
    phone.sign_on(person=zhang.name, pin=PIN, started_at=ago(hours=3).isoformat())
    sent = a_fix("a", ago(hours=1))
    handed_in = {**sent, "patroller": "zhangsan", "recorded_by": phone.id}
    for asking, fix in [(staff, handed_in), (phone, sent)][:: 1 if is_brought_first else -1]:
        assert asking.send(fix) == ["counted"]
    assert kept(engine) == {"a": ("zhangsan", "counted")}
    other = {**handed_in, "client_id": "b", "recorded_by": zhang.id + 10_000}
    assert staff.send(other, {**other, "client_id": "c", "recorded_by": None}) == ["counted"] * 2
    assert {whose for whose, _ in kept(engine).values()} == {"zhangsan"}


def test_who_has_no_part_in_it_sends_nothing(api: TestClient, engine: Engine) -> None:
    for role in ("cadre", "administrator", "auditor"):
        who = somebody(api, engine, role, name=role, cell=None)
        assert who.post(CHECK_INS, [a_fix("x", ago(hours=1))], 403)["code"] == "NotForYou"
    assert kept(engine) == {}


@pytest.mark.parametrize(("role", "told"), [("volunteer_patroller", "PointsOnly"), ("patroller", "counted")])
def test_volunteers_send_points_only_until_they_agree_to_tracks(
    api: TestClient, engine: Engine, role: str, told: str
) -> None:
    phone, zhang = device(api, engine), somebody(api, engine, role)
    shift = {"person": zhang.name, "pin": PIN, "started_at": ago(hours=3).isoformat()}
    phone.sign_on(**shift)
    point, track = a_fix("point", ago(hours=1)), a_fix("track", ago(hours=1), is_track=True)
    for sender in (phone, zhang):
        assert sender.send(point, track) == ["counted", told]
    version = zhang.get("/api/notice")["version"]
    zhang.post("/api/me/consents", {"covers": "track", "version": version}, 201)
    assert phone.send(track) == ["counted"]
    zhang.ask("DELETE", "/api/me/consents/track")
    assert phone.send(a_fix("later", ago(hours=1), is_track=True)) == [told]


def test_a_waiting_track_is_not_given_to_a_volunteer_who_has_not_agreed(api: TestClient, engine: Engine) -> None:
    phone, zhang = device(api, engine), somebody(api, engine, "mediator")
    assert phone.send(a_fix("track", ago(hours=1), is_track=True), a_fix("point", ago(hours=1))) == ["withheld"] * 2
    phone.sign_on(person=zhang.name, pin=PIN, started_at=ago(hours=3).isoformat())
    assert kept(engine) == {"track": (f"device\t{phone.id}", "withheld"), "point": ("zhangsan", "counted")}


def test_a_volunteer_may_agree_to_tracks_while_signing_on(api: TestClient, engine: Engine) -> None:
    phone, zhang = device(api, engine), somebody(api, engine, "mediator")
    assert phone.send(a_fix("track", ago(hours=1), is_track=True)) == ["withheld"]
    phone.sign_on(person=zhang.name, pin=PIN, started_at=ago(hours=3).isoformat(), track=True)
    assert kept(engine) == {"track": ("zhangsan", "counted")}


def test_a_fix_of_a_sealed_day_is_quarantined_unless_it_lies_outside_a_shift(api: TestClient, engine: Engine) -> None:
    day = date(2026, 1, 5)
    with session_scope(engine, write=True) as session:
        session.add(SealedDay(day=day, sealed_at=datetime.now(UTC), fixes=0))
    phone, zhang = device(api, engine), somebody(api, engine, "patroller")
    desk = somebody(api, engine, "station_staff", name="desk", cell=None)
    late = datetime.combine(day, time(8), UTC)
    assert phone.send(a_fix("1", late)) == ["withheld"]
    assert zhang.send(a_fix("2", late), a_fix("3", late + timedelta(days=1))) == ["withheld", "withheld"]
    assert desk.send(a_fix("4", late, patroller="zhangsan"), a_fix("4", late, patroller="zhangsan")) == [
        "quarantined", "quarantined"
    ]  # fmt: skip
