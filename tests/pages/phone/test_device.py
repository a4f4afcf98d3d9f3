from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, select
from starlette.testclient import TestClient

from gisgrid.audit.record import OPERATOR
from gisgrid.database import session_scope
from gisgrid.patrols.tables import Consent, Shift
from gisgrid.settings import Settings
from gisgrid.staff.appointments import grant
from gisgrid.staff.people import person_of
from gisgrid.staff.tokens import Kind, issue
from tests.laid import COMMUNITY
from tests.pages.browsing import Visitor
from tests.pages.conftest import Visit
from tests.patrols.asking import a_fix
from tests.staff.builders import PIN, audited, hire

OTHER_PIN = "274911"


def token(engine: Engine, kind: Kind, **fields: timedelta) -> str:
    with session_scope(engine, write=True) as session:
        return issue(session, kind, cell_code=COMMUNITY, name="1 号机", **fields).words


def walker(engine: Engine, name: str = "zhangsan", role: str = "patroller", pin: str = PIN) -> int:
    person = hire(engine, name, pin=pin)
    with session_scope(engine, write=True) as session:
        grant(session, OPERATOR, person_of(session, person), role, COMMUNITY)
    return person


@pytest.fixture
def phone(visit: Visit, engine: Engine) -> Visitor:
    """The browser of a phone that is enrolled."""
    return visit().get("/device").send("/device/enrol", words=token(engine, "device")).follow()


def sign_on(phone: Visitor, status: int = 303, *, name: str = "zhangsan", pin: str = PIN, **more: str) -> Visitor:
    return phone.get("/device").send("/device/sign-on", status, person=name, pin=pin, **more)


def accept(phone: Visitor, status: int = 303, pin: str = PIN, **more: str) -> Visitor:
    """Accept the notice that the page shows."""
    return phone.send("/device/sign-on", status, pin=pin, is_accepted="true", **more)


def shifts(engine: Engine) -> list[Shift]:
    with session_scope(engine) as session:
        return list(session.scalars(select(Shift).order_by(Shift.id)))


# --- becoming one --------------------------------------------------------------------------------


def test_a_phone_is_enrolled_and_keeps_a_cookie_that_scripts_cannot_read(visit: Visit, engine: Engine) -> None:
    words = token(engine, "device", life=timedelta(days=3))
    phone = visit().get("/device").send("/device/enrol", words=f" {words}\n")
    assert phone.place == "/device?done=enrolled"
    cookie = phone.answer.headers["set-cookie"]
    assert ("HttpOnly" in cookie, "SameSite=lax" in cookie) == (True, True)
    assert (
        timedelta(days=2)
        < timedelta(seconds=int(cookie.partition("Max-Age=")[2].partition(";")[0]))
        <= timedelta(days=3)
    )
    shown = phone.follow().text
    assert [part for part in ("登记成功", "1 号机", "社区2", "无人在岗") if part not in shown] == []
    assert words not in phone.answer.text


def test_a_board_is_led_to_the_map(visit: Visit, engine: Engine) -> None:
    board = visit().get("/device").send("/device/enrol", words=token(engine, "board"))
    assert board.place == "/"
    assert "1 号机" in board.follow().text
    assert board.get("/device", 303).place == "/"


@pytest.mark.parametrize("kind", ["session", "api", "link", "browser", None])
def test_nothing_else_is_a_device(visit: Visit, engine: Engine, kind: Kind | None) -> None:
    words = token(engine, kind) if kind else "gg_device_x"
    visitor = visit().get("/device").send("/device/enrol", 401, words=words)
    assert "登记码无效" in visitor.text
    assert "set-cookie" not in visitor.answer.headers
    assert words not in visitor.answer.text


def test_a_revoked_phone_is_a_stranger(phone: Visitor, engine: Engine) -> None:
    with session_scope(engine, write=True) as session:
        session.connection().exec_driver_sql("UPDATE tokens SET revoked_at = created_at")
    form = next(form for form in phone.page.forms if form.action == "/device/sign-on")
    assert "登记码" in phone.get("/device").text
    phone.post("/device/sign-on", 401, **form.filled, person="zhangsan", pin=PIN)
    assert "NotEnrolled" in phone.text


def test_guessing_tokens_is_slowed(visit: Visit) -> None:
    visitor = visit()
    for number in range(20):
        visitor.post("/device/enrol", 401, words=f"gg_device_{number}")
    visitor.post("/device/enrol", 429, words="gg_device_x")
    assert int(visitor.answer.headers["retry-after"]) > 0


# --- on duty -------------------------------------------------------------------------------------


def test_the_notice_is_shown_first_accepted_once_and_a_shift_begins(phone: Visitor, engine: Engine) -> None:
    person = walker(engine)
    sign_on(phone, 200)
    shown = ("巡查定位告知书", "用途", "请先阅读并接受", "Purpose")  # the other language, too: changing it asks anew
    assert [part for part in shown if part not in phone.text] == []
    assert phone.page.value("on-person") == "zhangsan"
    assert "连续轨迹（可不选" not in phone.text
    assert shifts(engine) == []
    accept(phone, 401, pin="111119")
    sign_on(phone, 200)
    assert accept(phone).place == "/device?done=on"
    text = phone.follow().text
    assert [part for part in ("已签到", "在岗", "zhangsan") if part not in text] == []
    text = phone.send("/device/sign-off").follow().text
    assert [part for part in ("已签退", "无人在岗") if part not in text] == []
    sign_on(phone)
    with session_scope(engine) as session:
        given = session.scalars(select(Consent)).all()
    assert [(each.person_id, each.covers) for each in given] == [(person, "notice")]
    assert [entry.action for entry in audited(engine, "shift")] == ["shift.on", "shift.off", "shift.on"]


def test_fixes_from_before_signing_on_are_told_until_somebody_signs_on_for_them(
    app: FastAPI, visit: Visit, engine: Engine
) -> None:
    walker(engine)
    words = token(engine, "device")
    phone = visit().get("/device").send("/device/enrol", words=words)
    earlier = datetime.now(UTC) - timedelta(hours=2)
    sent = [a_fix("early", earlier), a_fix("late", earlier + timedelta(hours=1))]
    client = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 50000))
    answers = client.post("/api/check-ins", json=sent, headers={"Authorization": f"Bearer {words}"}).json()
    assert [answer["standing"] for answer in answers] == ["withheld"] * 2
    assert "2 条定位不在任何班次内，只保留 72 小时" in phone.get("/device").text
    sign_on(phone, 200)
    since = (earlier + timedelta(minutes=30)).isoformat()
    assert "1 条定位不在任何班次内" in accept(phone, started_at=since).follow().text


@pytest.mark.parametrize("is_agreed", [True, False])
def test_volunteers_are_asked_apart_about_tracks(phone: Visitor, engine: Engine, is_agreed: bool) -> None:
    walker(engine, role="volunteer_patroller")
    sign_on(phone, 200)
    assert "连续轨迹（可不选" in phone.text
    accept(phone, **({"track": "true"} if is_agreed else {}))
    with session_scope(engine) as session:
        covered = set(session.scalars(select(Consent.covers)))
    assert covered == ({"notice", "track"} if is_agreed else {"notice"})


def test_an_outdated_notice_is_not_accepted(phone: Visitor, engine: Engine) -> None:
    walker(engine)
    sign_on(phone, 200)
    form = next(form for form in phone.page.forms if form.action == "/device/sign-on")
    phone.post("/device/sign-on", 200, **{**form.filled, "version": "2020-01-01-0", "is_accepted": "true", "pin": PIN})
    assert shifts(engine) == []


@pytest.mark.parametrize(
    ("name", "pin", "status", "told"),
    [
        ("zhangsan", "111119", 401, "PIN 码不对"),
        ("nobody", PIN, 401, "PIN 码不对"),
        ("", "", 422, "请填写登录名和 PIN 码"),
        ("lisi", OTHER_PIN, 403, "没有巡查角色"),
    ],
)
def test_who_cannot_sign_on_is_told_in_place(
    phone: Visitor, engine: Engine, name: str, pin: str, status: int, told: str
) -> None:
    walker(engine)
    walker(engine, "lisi", "cadre", OTHER_PIN)
    assert told in sign_on(phone, status, name=name, pin=pin).text
    assert phone.page.value("on-person") == name
    assert not pin or pin not in phone.answer.text
    assert shifts(engine) == []


def test_the_next_one_takes_over(phone: Visitor, engine: Engine) -> None:
    walker(engine)
    walker(engine, "lisi", pin=OTHER_PIN)
    sign_on(phone, 200)
    accept(phone)
    sign_on(phone, 200, name="lisi", pin=OTHER_PIN)
    accept(phone, pin=OTHER_PIN)
    assert "lisi" in phone.follow().text
    first, second = shifts(engine)
    assert first.ended_at == second.started_at


def test_late_sign_on_and_early_sign_off_are_in_local_time(phone: Visitor, engine: Engine, settings: Settings) -> None:
    walker(engine)
    hours_ago = [
        (datetime.now(settings.zone) - timedelta(hours=hours)).replace(second=0, microsecond=0) for hours in (5, 2)
    ]
    typed = [moment.replace(tzinfo=None).isoformat(timespec="minutes") for moment in hours_ago]
    sign_on(phone, 200, started_at=typed[0])
    assert phone.page.value("started_at") == typed[0]
    accept(phone)
    phone.get("/device").send("/device/sign-off", 422, ended_at=typed[1])
    assert "请填写登录名和 PIN 码" in phone.text
    phone.send("/device/sign-off", ended_at=typed[1], person="zhangsan", pin=PIN)
    shift = shifts(engine)[0]
    assert [shift.started_at, shift.ended_at] == [moment.astimezone(UTC) for moment in hours_ago]


@pytest.mark.parametrize("typed", ["gestern", "2026-13-01T00:00", "0001-01-01T00:00", "99999-01-01T00:00"])
def test_a_time_that_is_none_is_told(phone: Visitor, engine: Engine, typed: str) -> None:
    walker(engine)
    assert "时间无法识别" in sign_on(phone, 422, started_at=typed).text


def test_signing_off_nobody_is_told(phone: Visitor, engine: Engine) -> None:
    walker(engine)
    sign_on(phone, 200)
    accept(phone).follow()
    form = next(form for form in phone.page.forms if form.action == "/device/sign-off")
    phone.send("/device/sign-off")
    assert "此时没有在岗的班次" in phone.post("/device/sign-off", 404, **form.filled).text
