from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, update

from gisgrid.app import create_app
from gisgrid.audit.record import OPERATOR
from gisgrid.database import session_scope
from gisgrid.pages.own.sign_in import LINK
from gisgrid.settings import Settings
from gisgrid.staff.devices import link_url
from gisgrid.staff.people import person_of
from gisgrid.staff.sign_in import issue_link
from gisgrid.staff.tables import Appointment, Person
from gisgrid.staff.tokens import LIFE
from tests.pages.browsing import Visitor
from tests.pages.conftest import Visit
from tests.staff.builders import BETTER, GOOD, audited, hire, last_used
from tests.staff.provider import running

spatialite = pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)


def appoint(engine: Engine, person: int, role: str) -> None:
    with session_scope(engine, write=True) as session:
        session.add(Appointment(person_id=person, role=role, granted_at=datetime.now(UTC)))


def link_for(engine: Engine, person: int) -> str:
    with session_scope(engine, write=True) as session:
        return issue_link(session, OPERATOR, person_of(session, person)).words


# --- by password ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("role", "home"), [("street_leader", "/"), ("auditor", "/audit"), ("", "/me")])
def test_the_right_password_lets_in_and_leads_to_where_ones_work_is(
    visit: Visit, engine: Engine, role: str, home: str
) -> None:
    person = hire(engine, password=GOOD)
    if role:
        appoint(engine, person, role)
    visitor = visit().get("/sign-in").send("/sign-in", name="ZhangSan", password=GOOD)
    assert visitor.place == home
    cookies = {name.partition("=")[0]: name for name in visitor.answer.headers.get_list("set-cookie")}
    assert set(cookies) == {"gisgrid", "gisgrid-browser"}
    assert all("HttpOnly" in each and "SameSite=lax" in each and "Path=/" in each for each in cookies.values())
    assert f"Max-Age={int(LIFE['session'].total_seconds())}" in cookies["gisgrid"]
    assert "zhangsan" in visitor.get("/me").text


@pytest.mark.parametrize(
    ("asked", "place"),
    [
        ("/me?x=1", "/me?x=1"),
        ("/?level=street&cell=1", "/?level=street&cell=1"),
        ("", "/me"),
        ("me", "/me"),
        ("//evil.example", "/me"),
        ("/\\evil.example", "/me"),
        ("\\/evil.example", "/me"),
        ("https://evil.example/", "/me"),
        ("javascript:alert(1)", "/me"),
        ("/\n//evil.example", "/me"),
        ("/\t/evil.example", "/me"),
        ("/汉字", "/me"),
    ],
)
@spatialite
def test_it_leads_on_within_the_service_alone(visit: Visit, engine: Engine, asked: str, place: str) -> None:
    hire(engine, password=GOOD)
    shown = visit().get("/sign-in?" + httpx.QueryParams({"next": asked}).__str__())
    assert shown.send("/sign-in", name="zhangsan", password=GOOD).place == place
    assert visit().post("/sign-in", name="zhangsan", password=GOOD, next=asked).place == place


def test_a_page_that_needs_a_session_leads_to_sign_in_and_back(visit: Visit, engine: Engine) -> None:
    hire(engine, password=GOOD)
    visitor = visit().get("/me?done=pin", 303).follow().send("/sign-in", name="zhangsan", password=GOOD)
    assert visitor.place == "/me?done=pin"


@pytest.mark.parametrize(
    ("name", "password"), [("zhangsan", BETTER), ("nobody", GOOD), ("", ""), ("zhang\x00san", GOOD)]
)
def test_a_wrong_one_is_told_in_place(visit: Visit, engine: Engine, name: str, password: str) -> None:
    hire(engine, password=GOOD)
    status = 422 if "\x00" in name else 401
    visitor = visit().post("/sign-in", status, name=name, password=password)
    if status == 401:
        assert "登录名、口令或 PIN 码不对" in visitor.text
        assert visitor.page.value("name") == name
        assert visitor.has_form("/sign-in")
    assert not password or password not in visitor.answer.text
    assert "set-cookie" not in visitor.answer.headers


def test_too_many_wrong_ones_are_told_with_the_time_to_wait(visit: Visit, engine: Engine) -> None:
    hire(engine, password=GOOD)
    visitor = visit()
    for _ in range(5):
        visitor.post("/sign-in", 401, name="zhangsan", password=BETTER)
    visitor.post("/sign-in", 429, name="zhangsan", password=GOOD)
    assert int(visitor.answer.headers["retry-after"]) > 0
    assert "分钟后再试" in visitor.text


def test_a_password_that_has_served_its_time_is_replaced_on_the_way(settings: Settings, engine: Engine) -> None:
    person = hire(engine, password=GOOD)
    with session_scope(engine, write=True) as session:
        long_ago = datetime.now(UTC) - timedelta(days=91)
        session.execute(update(Person).where(Person.id == person).values(password_set_at=long_ago))
    app = create_app(settings.model_copy(update={"password_profile": "dengbao2"}))
    visitor = Visitor(app).get("/sign-in")
    assert "new_password" not in visitor.page.forms[-1].fields
    visitor.send("/sign-in", 401, name="zhangsan", password=GOOD)
    assert "口令已满期限" in visitor.text
    visitor.send("/sign-in", 422, password=GOOD, new_password="short")
    visitor.send("/sign-in", password=GOOD, new_password="Horse-22-staple")
    assert "zhangsan" in visitor.get("/me").text
    app.state.engine.dispose()


def test_a_new_session_ends_the_one_the_browser_had(visit: Visit, engine: Engine) -> None:
    hire(engine, password=GOOD)
    visitor = visit().post("/sign-in", name="zhangsan", password=GOOD)
    former = visitor.client.cookies["gisgrid"]
    visitor.post("/sign-in", name="zhangsan", password=GOOD)
    assert visitor.client.cookies["gisgrid"] != former
    stranger = visit()
    stranger.client.cookies.set("gisgrid", former)
    stranger.get("/me", 303)


# --- the connection ------------------------------------------------------------------------------


def test_on_plain_http_from_elsewhere_it_says_why_there_is_no_sign_in(app: FastAPI, engine: Engine) -> None:
    person = hire(engine, password=GOOD)
    words = link_for(engine, person)
    visitor = Visitor(app, base_url="http://grid.example")
    visitor.get("/sign-in", 403)
    assert "此连接未加密" in visitor.text
    assert not visitor.has_form("/sign-in")
    visitor.post("/sign-in", 403, name="zhangsan", password=GOOD)
    assert "此连接未加密" in visitor.text
    visitor.get(LINK, 403)
    assert "此连接未加密" in visitor.text
    assert not visitor.has_form(LINK)
    visitor.post(LINK, 403, words=words)
    visitor.post("/device/enrol", 403, words=words)
    assert "set-cookie" not in visitor.answer.headers
    assert not audited(engine, "sign_in")


def test_on_tls_cookies_are_of_this_host_alone(app: FastAPI, engine: Engine) -> None:
    hire(engine, password=GOOD)
    visitor = Visitor(app, base_url="https://grid.example").post("/sign-in", name="zhangsan", password=GOOD)
    cookies = visitor.answer.headers.get_list("set-cookie")
    assert all(each.startswith("__Host-gisgrid") and "Secure" in each for each in cookies)
    visitor.get("/me")


# --- by a one-time link --------------------------------------------------------------------------


@spatialite
def test_links_lead_to_the_page_that_takes_them(settings: Settings) -> None:
    assert urlsplit(link_url(settings, "words")).path == LINK


def test_a_link_lets_in_once_and_leads_to_where_a_password_is_set(visit: Visit, engine: Engine) -> None:
    person = hire(engine)
    words = link_for(engine, person)
    visitor = visit()
    for _ in range(2):  # whoever only looks at the page uses nothing up
        visitor.get(LINK)
    assert visitor.send(LINK, words=f" {words} ").place == "/me/password"
    form = next(form for form in visitor.follow().page.forms if form.action == "/me/password")
    assert "old" not in form.fields
    assert visitor.send("/me/password", new=GOOD, again=GOOD).place == "/me?done=first_password"
    second = visit().post(LINK, 401, words=words)
    assert "链接无效" in second.text
    assert words not in second.answer.text
    later = visit().post(LINK, words=link_for(engine, person))
    assert later.place == "/me"


# --- through a provider --------------------------------------------------------------------------


@spatialite
def test_without_a_provider_there_is_no_button_and_no_way(visit: Visit) -> None:
    visitor = visit().get("/sign-in")
    assert "统一身份认证" not in visitor.text
    assert "OidcOff" in visitor.get("/sign-in/oidc", 404).text
    assert "没有配置统一身份认证" in visitor.get("/sign-in/oidc/back?code=x&state=y", 404).text


@spatialite
def test_through_the_provider_and_back(settings: Settings, engine: Engine) -> None:
    hire(engine, "zhangsan")
    with running() as provider:
        told = {
            "oidc_issuer": provider.issuer,
            "oidc_client_id": provider.client_id,
            "oidc_client_secret": type(settings.oidc_client_secret)(provider.client_secret),
        }
        provider.claims = {"preferred_username": "zhangsan"}
        app = create_app(settings.model_copy(update=told))
        visitor = Visitor(app).get("/sign-in?next=/me?done=pin")
        assert "统一身份认证登录" in visitor.text
        way = next(given["href"] for tag, given in visitor.page.elements if "/sign-in/oidc" in given.get("href", ""))
        visitor.get(way, 303)
        back = httpx.get(visitor.place).headers["location"]
        stranger = Visitor(app).get("/sign-in/oidc/back?" + urlsplit(back).query, 401)
        assert "未能确认您的身份" in stranger.text
        assert visitor.get("/sign-in/oidc/back?" + urlsplit(back).query, 303).place == "/me?done=pin"
        assert "gisgrid-oidc" not in visitor.client.cookies
        assert "zhangsan" in visitor.get("/me").text
        app.state.engine.dispose()


# --- out -----------------------------------------------------------------------------------------


def test_signing_out_ends_the_session(visit: Visit, engine: Engine) -> None:
    hire(engine, password=GOOD)
    visitor = visit().post("/sign-in", name="zhangsan", password=GOOD)
    words = visitor.client.cookies["gisgrid"]
    assert visitor.get("/me").send("/sign-out").place == "/sign-in"
    assert "gisgrid" not in visitor.client.cookies
    stranger = visit()
    stranger.client.cookies.set("gisgrid", words)
    stranger.get("/me", 303)
    visit().post("/sign-out")  # of nobody: no mistake
    assert [entry.action for entry in audited(engine, "sign_")] == ["sign_in", "sign_out"]


def test_a_browser_left_alone_has_to_sign_in_again(visit: Visit, engine: Engine) -> None:
    hire(engine, password=GOOD)
    visitor = visit().post("/sign-in", name="zhangsan", password=GOOD).get("/me")
    with session_scope(engine) as session:
        token = session.connection().exec_driver_sql("SELECT id FROM tokens WHERE kind = 'session'").scalar()
    last_used(engine, int(token or 0), timedelta(minutes=31))
    assert visitor.get("/me", 303).place == "/sign-in?next=%2Fme"


# --- a demonstration -----------------------------------------------------------------------------


def test_each_page_of_a_demonstration_says_so_and_lets_one_try_the_others(visit: Visit, engine: Engine) -> None:
    people = {name: hire(engine, name, is_demonstration=True) for name in ("演示甲", "演示乙")}
    real = hire(engine, "zhangsan")
    appoint(engine, people["演示甲"], "auditor")
    appoint(engine, people["演示乙"], "street_leader")
    visitor = visit(person=people["演示甲"])
    for path in ("/audit", "/me", "/me/password"):
        assert "演示系统，数据为模拟" in visitor.get(path).text
    assert "演示系统，数据为模拟" in visitor.get("/admin/people", 403).text
    assert visitor.send("/demonstration", person=str(people["演示乙"])).place == "/"
    assert "演示系统，数据为模拟" in visitor.follow().text
    assert visitor.send("/demonstration", person=str(people["演示甲"])).place == "/audit"
    visitor.client.cookies.set("gisgrid-language", "en")
    assert "Auditor · 演示甲" in visitor.follow().text
    visitor.send("/demonstration", 403, person=str(real))
    assert "NotADemonstration" in visitor.text


def test_nobody_real_is_in_a_demonstration(visit: Visit, engine: Engine) -> None:
    played = hire(engine, "演示甲", is_demonstration=True)
    visitor = visit(person=hire(engine, "zhangsan")).get("/me")
    assert "演示" not in visitor.text
    form_token = visitor.form_token
    visitor.post("/demonstration", 403, person=str(played), form_token=form_token)
    assert "NotADemonstration" in visitor.text
