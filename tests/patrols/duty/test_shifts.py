"""Signing on and off: at a phone with a PIN, by oneself without; late, too late, elsewhere, and on another's phone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select
from starlette.testclient import TestClient

from gisgrid.audit.record import OPERATOR
from gisgrid.database import session_scope
from gisgrid.patrols.duty.shifts import LONGEST
from gisgrid.patrols.tables import Shift
from gisgrid.staff.appointments import withdraw
from gisgrid.staff.tables import Appointment
from tests.patrols.asking import SHIFTS, a_fix, ago, device, kept, somebody
from tests.staff.builders import PIN, audited

END, CURRENT = "/api/shifts/end", "/api/shifts/current"


@pytest.fixture
def api(ground: Engine, client: TestClient) -> TestClient:
    return client


def spans(engine: Engine) -> list[tuple[float, float]]:
    """Return begin and end of each shift in hours before now, to a tenth."""
    now = datetime.now(UTC)
    with session_scope(engine) as session:
        found = session.scalars(select(Shift).order_by(Shift.id)).all()
    return [
        tuple(round((now - at) / timedelta(hours=1), 1) for at in (each.started_at, each.ended_at)) for each in found
    ]  # type: ignore[misc]


def late(**hours: float) -> str:
    return ago(**hours).isoformat()


def test_a_shift_at_a_phone_from_beginning_to_end(api: TestClient, engine: Engine) -> None:
    phone, zhang = device(api, engine), somebody(api, engine, "patroller")
    assert phone.get(CURRENT) is None
    begun = phone.sign_on(person=zhang.name, pin=PIN)
    assert (begun["person"], begun == phone.get(CURRENT), begun == zhang.get(CURRENT)) == ("zhangsan", True, True)
    assert datetime.fromisoformat(begun["ended_at"]) - datetime.fromisoformat(begun["started_at"]) == LONGEST
    assert phone.sign_on(person=zhang.name, pin=PIN) == begun
    ended = phone.post(END, {})
    assert datetime.now(UTC) - datetime.fromisoformat(ended["ended_at"]) < timedelta(seconds=20)
    assert phone.get(CURRENT) is zhang.get(CURRENT) is None
    assert phone.post(END, {}, 404)["code"] == "NotSignedOn"
    told = [(each.action, each.actor, each.subject, each.detail["device"]) for each in audited(engine, "shift")]
    assert told == [(action, "device", zhang.id, phone.id) for action in ("shift.on", "shift.off")]


def test_a_shift_of_ones_own_needs_no_pin_and_outlives_the_session(api: TestClient, engine: Engine) -> None:
    zhang = somebody(api, engine, "patroller")
    begun = zhang.sign_on()
    with session_scope(engine, write=True) as session:
        from gisgrid.staff.tokens import issue

        again = issue(session, "api", person_id=zhang.id).words
    other = type(zhang)(api, zhang.id, zhang.name, again)
    assert other.get(CURRENT) == begun
    assert other.send(a_fix("1", datetime.now(UTC))) == ["counted"]
    other.post(END, {})
    assert audited(engine, "shift.off")[0].actor == "person"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "ProofNeeded"),
        ({"person": "zhangsan"}, 422, "ProofNeeded"),
        ({"person": "zhangsan", "pin": "000000"}, 401, "SignInFailed"),
        ({"person": "nobody", "pin": PIN}, 401, "SignInFailed"),
        ({"person": "zhangsan", "pin": PIN, "notice_version": "old"}, 409, "NoticeNeeded"),
        ({"person": "desk", "pin": PIN}, 403, "NoPatroller"),
        ({"person": "zhangsan", "pin": PIN, "track": 1}, 422, "BadInput"),
        ({"person": "zhangsan", "pin": PIN, "who": 1}, 422, "BadInput"),
    ],
)
def test_nobody_signs_on_like_this(api: TestClient, engine: Engine, body: Any, status: int, code: str) -> None:
    phone = device(api, engine)
    somebody(api, engine, "patroller")
    somebody(api, engine, "cadre", name="desk")
    assert phone.sign_on(status, **body)["code"] == code
    assert spans(engine) == []


@pytest.mark.parametrize("hours", [73, -0.2])
def test_a_shift_begins_neither_long_ago_nor_ahead(api: TestClient, engine: Engine, hours: float) -> None:
    phone, zhang = device(api, engine), somebody(api, engine, "patroller")
    refused = phone.sign_on(422, person=zhang.name, pin=PIN, started_at=late(hours=hours))
    assert refused["code"] == "BadShiftTime"
    assert spans(engine) == []


def test_who_is_signed_in_signs_on_for_themselves_alone(api: TestClient, engine: Engine) -> None:
    zhang, desk = somebody(api, engine, "patroller"), somebody(api, engine, "cadre", name="desk")
    assert zhang.sign_on(422, person="zhangsan", pin=PIN)["code"] == "NotYourShift"
    assert desk.sign_on(403)["code"] == "NotForYou"
    assert desk.post(END, {}, 403)["code"] == "NotForYou"


def test_wrong_pins_are_counted_and_slowed(api: TestClient, engine: Engine) -> None:
    phone, zhang = device(api, engine), somebody(api, engine, "patroller")
    wrong = {"person": "zhangsan", "pin": "111222"}
    assert [phone.sign_on(401, **wrong)["code"] for _ in range(5)] == ["SignInFailed"] * 5
    assert phone.sign_on(429, person=zhang.name, pin=PIN)["code"] == "TooManyFailures"


def test_a_role_that_was_taken_away_signs_nobody_on(api: TestClient, engine: Engine) -> None:
    phone, zhang = device(api, engine), somebody(api, engine, "patroller")
    with session_scope(engine, write=True) as session:
        (held,) = session.scalars(select(Appointment.id).where(Appointment.person_id == zhang.id))
        withdraw(session, OPERATOR, held)
    assert phone.sign_on(403, person=zhang.name, pin=PIN)["code"] == "NoPatroller"


def test_the_notice_comes_first_and_is_accepted_once(api: TestClient, engine: Engine) -> None:
    phone, zhang = device(api, engine), somebody(api, engine, "patroller")
    refused = phone.post(SHIFTS, {"person": zhang.name, "pin": PIN}, 409)
    assert refused["code"] == "NoticeNeeded"
    version = phone.get("/api/notice")["version"]
    assert version in refused["description"]
    phone.post(SHIFTS, {"person": zhang.name, "pin": PIN, "notice_version": version}, 201)
    phone.post(END, {})
    phone.post(SHIFTS, {"person": zhang.name, "pin": PIN}, 201)
    consents = zhang.get("/api/me/consents")
    assert [(each["covers"], each["version"], each["withdrawn_at"]) for each in consents] == [("notice", version, None)]


def test_a_fix_of_the_very_second_counts(api: TestClient, engine: Engine) -> None:
    phone, zhang = device(api, engine), somebody(api, engine, "patroller")
    begun = datetime.fromisoformat(phone.sign_on(person=zhang.name, pin=PIN)["started_at"])
    assert begun.microsecond == 0
    assert phone.send(a_fix("a", begun)) == ["counted"]
    phone.post(END, {})
    again = datetime.fromisoformat(phone.sign_on(person=zhang.name, pin=PIN)["started_at"])
    assert len(spans(engine)) == 2
    assert again > begun


def test_what_a_clock_that_runs_ahead_dates_stays_with_whoever_walked(api: TestClient, engine: Engine) -> None:
    phone, zhang = device(api, engine), somebody(api, engine, "patroller")
    li = somebody(api, engine, "patroller", name="lisi")
    phone.sign_on(person=zhang.name, pin=PIN)
    ahead = a_fix("a", ago(minutes=-3))
    assert phone.send(ahead) == ["counted"]
    phone.post(END, {})
    assert kept(engine) == {"a": ("zhangsan", "counted")}
    phone.sign_on(person=li.name, pin=PIN)
    assert phone.send(ahead) == ["counted"]
    assert kept(engine) == {"a": ("zhangsan", "counted")}
    assert li.seen() == []


def test_signing_on_late_counts_what_waited(api: TestClient, engine: Engine) -> None:
    phone, zhang = device(api, engine), somebody(api, engine, "patroller")
    sent = [a_fix(name, ago(hours=hours)) for name, hours in (("a", 3), ("b", 1))]
    assert phone.send(*sent) == zhang.send(*(fix | {"client_id": f"own {fix['client_id']}"} for fix in sent))
    phone.sign_on(person=zhang.name, pin=PIN, started_at=late(hours=2))
    assert kept(engine) == {
        "a": (f"device\t{phone.id}", "withheld"),
        "b": ("zhangsan", "counted"),
        "own a": ("zhangsan", "withheld"),
        "own b": ("zhangsan", "counted"),
    }
    assert spans(engine) == [(2, 2 - 16)]


def test_signing_off_with_an_earlier_time_withholds_what_followed_and_is_the_patrollers_own(
    api: TestClient, engine: Engine
) -> None:
    phone, zhang = device(api, engine), somebody(api, engine, "patroller")
    somebody(api, engine, "patroller", name="lisi")
    phone.sign_on(person=zhang.name, pin=PIN, started_at=late(hours=5))
    phone.send(a_fix("a", ago(hours=3)), a_fix("b", ago(hours=1)))
    earlier = {"ended_at": late(hours=2)}
    assert phone.post(END, earlier, 422)["code"] == "PinNeeded"
    assert phone.post(END, {**earlier, "person": "lisi", "pin": PIN}, 404)["code"] == "NotSignedOn"
    assert phone.post(END, {**earlier, "person": "zhangsan", "pin": "000000"}, 401)["code"] == "SignInFailed"
    assert kept(engine)["b"] == ("zhangsan", "counted")
    phone.post(END, {**earlier, "person": "zhangsan", "pin": PIN})
    assert kept(engine) == {"a": ("zhangsan", "counted"), "b": (f"device\t{phone.id}", "withheld")}
    assert zhang.post(END, {"ended_at": late(hours=1)}, 404)["code"] == "NotSignedOn"
    zhang.post(END, {"ended_at": late(hours=4)})
    assert kept(engine)["a"] == (f"device\t{phone.id}", "withheld")
    assert spans(engine) == [(5, 4)]


def test_signing_on_elsewhere_ends_the_shift_there(api: TestClient, engine: Engine) -> None:
    first, second, zhang = device(api, engine), device(api, engine), somebody(api, engine, "patroller")
    first.sign_on(person=zhang.name, pin=PIN, started_at=late(hours=5))
    first.send(a_fix("a", ago(hours=4)), a_fix("b", ago(hours=2)))
    second.sign_on(person=zhang.name, pin=PIN, started_at=late(hours=3))
    assert (first.get(CURRENT), second.get(CURRENT)["person"]) == (None, "zhangsan")
    assert kept(engine) == {"a": ("zhangsan", "counted"), "b": (f"device\t{first.id}", "withheld")}
    zhang.sign_on()
    assert second.get(CURRENT) is None
    assert spans(engine) == [(5, 3), (3, 0), (0, -16)]


def test_another_who_signs_on_takes_the_phone_over_from_now(api: TestClient, engine: Engine) -> None:
    phone, zhang = device(api, engine), somebody(api, engine, "patroller")
    li = somebody(api, engine, "patroller", name="lisi")
    phone.sign_on(person=zhang.name, pin=PIN, started_at=late(hours=5))
    assert phone.sign_on(409, person=li.name, pin=PIN, started_at=late(hours=2))["code"] == "DeviceTaken"
    phone.sign_on(person=li.name, pin=PIN)
    assert (phone.get(CURRENT)["person"], zhang.get(CURRENT)) == ("lisi", None)
    assert [(each.action, each.subject) for each in audited(engine, "shift")] == [
        ("shift.on", zhang.id), ("shift.off", zhang.id), ("shift.on", li.id)
    ]  # fmt: skip


def test_a_phone_that_was_handed_on_in_silence_is_put_right_by_both(api: TestClient, engine: Engine) -> None:
    phone, zhang = device(api, engine), somebody(api, engine, "patroller")
    li = somebody(api, engine, "patroller", name="lisi")
    phone.sign_on(person=zhang.name, pin=PIN, started_at=late(hours=8))
    phone.send(a_fix("zhang", ago(hours=7)), a_fix("between", ago(hours=5)), a_fix("li", ago(hours=3)))
    zhang.post(END, {"ended_at": late(hours=6)})
    phone.sign_on(person=li.name, pin=PIN, started_at=late(hours=4))
    assert kept(engine) == {
        "zhang": ("zhangsan", "counted"), "between": (f"device\t{phone.id}", "withheld"), "li": ("lisi", "counted")
    }  # fmt: skip


def test_a_late_shift_ends_where_the_next_begins(api: TestClient, engine: Engine) -> None:
    phone, zhang = device(api, engine), somebody(api, engine, "patroller")
    phone.sign_on(person=zhang.name, pin=PIN, started_at=late(hours=2))
    phone.sign_on(person=zhang.name, pin=PIN, started_at=late(hours=3))
    zhang.sign_on(started_at=late(hours=60))
    assert spans(engine) == [(2, -14), (3, 2), (60, 44)]


def test_a_revoked_phone_lets_nobody_sign_on(api: TestClient, engine: Engine) -> None:
    from gisgrid.staff.tokens import revoke

    phone, zhang = device(api, engine), somebody(api, engine, "patroller")
    phone.sign_on(person=zhang.name, pin=PIN)
    with session_scope(engine, write=True) as session:
        revoke(session, phone.id)
    assert phone.get(CURRENT, 401)["code"] == "SignInNeeded"
    assert zhang.get(CURRENT)["person"] == "zhangsan"
