"""What all pages have in common, asked of every page there is."""

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from gisgrid.access import ACCESS
from gisgrid.audit.record import OPERATOR
from gisgrid.database import session_scope
from gisgrid.incidents.report import Report, report
from gisgrid.pages import frame
from gisgrid.pages.routes import ROUTERS
from gisgrid.pages.viewer import routes as viewer
from gisgrid.settings import Settings
from gisgrid.staff.people import add_person
from gisgrid.staff.roles import ROLES
from gisgrid.staff.tokens import issue
from gisgrid.tls.files import make
from gisgrid.tls.names import read_names
from tests.incidents.emergencies.crew import alert
from tests.laid import COMMUNITY, SPOT
from tests.pages.browsing import Visitor
from tests.pages.conftest import Visit
from tests.patrols.plans.builders import ZONE
from tests.patrols.plans.worlds import planned, store_two
from tests.rows import a_publication
from tests.tls.handshakes import HOST

spatialite = pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)

FRAMED = [router for router in ROUTERS if router not in (ROUTERS[0], viewer.router)]
ROUTES = [f"{method} {route.path}" for router in FRAMED for route in router.routes for method in route.methods]  # type: ignore[attr-defined]
LED_ON = {"/admin", "/sign-in/oidc", "/sign-in/oidc/back", "/patrol/worker.js"}
FILES = {"/tiles/{z}/{x}/{y}", "/install/{file}", "/reports/file", "/me/month/file"}
FILES |= {f"/maps/{name}.html" for name in ("grid", "coverage", "comparison", "heat", "incidents", "track")}
NO_PAGES = LED_ON | FILES
PAGES = sorted(path for method, path in (route.split() for route in ROUTES) if method == "GET" and path not in NO_PAGES)
FORMS = sorted(path for method, path in (route.split() for route in ROUTES) if method == "POST")
OPEN_FORMS = {
    path for path in FORMS if ACCESS[f"POST {path}"] == "open" and path not in ("/device/sign-on", "/device/sign-off")
}
WITH_FILES = {"/incidents/new", "/incidents/{incident_id}/exhibits"}
GIVEN = re.compile(
    r"someone-\d+|码头(?:巡查)?|岭顶|葵涌街道|社区\d+|分站[\d-]+|\d+ 号机|中文|English|PIN|Authorization|Bearer"
    r"|Android|iPhone|iPad|HarmonyOS|Windows|Safari|SHA|VPN|authority\.pem|/install|gisgrid tls show"
    r"|网格巡查 Grid patrol|https?://grid\.kuichong\.example\S*|grid\.kuichong\.example"
    r"|ZIP|gisgrid privacy erase --person|gisgrid calendar import"
    r"|JPEG|PNG|WebP|PDF|北 N|示意图 illustrative"
    r"|SOS|督办〔\d+〕\d+号"
    r"|\.xlsx|\.csv|WGS"
    r"|#\d+ \w{64}|[a-z]+_[a-z_]+|[0-9a-f]{8}"
)
"""Names as people gave them, and what is the same in every language."""
NUMBERS = {
    **{
        f"{{{row}_id}}": "1"
        for row in (
            "person",
            "token",
            "appointment",
            "objection",
            "alarm",
            "plan",
            "emergency",
            "order",
            "task",
            "incident",
            "publication",
            "search",
        )
    },
    "{code}": "cadre",
    "{covers}": "track",
}


def filled(path: str) -> str:
    for name, value in NUMBERS.items():
        path = path.replace(name, value)
    return path


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """An installation with an authority of its own."""
    make(settings.tls_folder, read_names([HOST]), datetime.now(UTC))
    return settings


@pytest.fixture
def everybody(visit: Visit, engine: Engine, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Visitor:
    """Somebody who may open every page, at a phone of ours, in a demonstration, while next year's table is missing.

    They are called to an emergency, on whose incident there is an order.
    """
    monkeypatch.setattr(frame, "missing_years", lambda known, today: [2027])
    with session_scope(engine, write=True) as session:
        phone = issue(session, "device", cell_code=COMMUNITY, name="1 号机").words
    visitor = visit(*((role, None) for role in ROLES), device=phone, is_demonstration=True)
    store_two(engine)
    with session_scope(engine, write=True) as session:
        report(session, [Report("E0504", datetime.now(UTC), datetime.now(UTC), *SPOT)], ZONE)
    assert planned(engine) == 1
    with session_scope(engine, write=True) as session:
        session.add(a_publication("码头", words="码头"))
    alert(engine, settings)
    return visitor


@spatialite
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_page_is_sound(everybody: Visitor, language: str) -> None:
    everybody.client.cookies.set("gisgrid-language", language)
    for path in PAGES:
        shown = everybody.get(filled(path))
        markup, elements = shown.answer.text, shown.page.elements
        tags = [tag for tag, _ in elements]
        assert (tags.count("main"), tags.count("h1"), tags.count("title")) == (1, 1, 1), path
        assert dict(elements)["html"]["lang"] == language
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|<[^>]+\s(?:style|on\w+)=|javascript:", markup), path
        assert shown.answer.headers["cache-control"] == "no-store"
        identifiers = [given["id"] for _, given in elements if "id" in given]
        assert len(identifiers) == len(set(identifiers)), (path, sorted(identifiers))
        named = {given.get("for") for tag, given in elements if tag == "label"} | {"language"}
        for tag, given in elements:
            if tag in ("input", "select", "textarea") and given.get("type") not in ("hidden", "radio", "checkbox"):
                assert given.get("id") in named or "aria-label" in given, (path, given)
        for _, given in elements:
            for name in given.get("aria-labelledby", given.get("aria-describedby", "")).split():
                assert name in identifiers, (path, name)


@spatialite
@pytest.mark.parametrize(("language", "other"), [("zh-CN", re.compile("[A-Za-z]{3,}")), ("en", re.compile("[一-鿿]"))])
def test_every_word_of_a_page_is_in_its_language(everybody: Visitor, language: str, other: re.Pattern[str]) -> None:
    everybody.client.cookies.set("gisgrid-language", language)
    for path in PAGES:
        if path.startswith(("/admin/names", "/audit", "/manual")):  # full of codes, and of words in both languages
            continue
        shown = everybody.get(filled(path))
        assert (path, other.findall(GIVEN.sub("", shown.text))) == (path, [])


def test_the_language_is_chosen_by_a_button_and_else_by_the_browser(visit: Visit) -> None:
    for asked, language in [
        ("", "zh-CN"),
        ("en-US,en;q=0.9", "en"),
        ("fr,en;q=0.8,zh;q=0.5", "en"),
        ("zh-TW,en", "zh-CN"),
        ("fr", "zh-CN"),
        ("*", "zh-CN"),
    ]:
        shown = visit().get("/sign-in", **{"Accept-Language": asked})
        assert dict(shown.page.elements)["html"]["lang"] == language, asked
    visitor = visit().get("/sign-in?next=%2Faudit").send("/language", language="en")
    assert visitor.place == "/sign-in?next=%2Faudit"
    assert dict(visitor.follow().page.elements)["html"]["lang"] == "en"
    visitor.send("/language", language="zh-CN")
    assert "登录" in visitor.follow().text
    visitor.post("/language", 422, language="fr")


@pytest.mark.parametrize(
    "place", ["//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil", "/a b", "/\t/x"]
)
def test_no_form_leads_elsewhere(visit: Visit, place: str) -> None:
    assert visit().post("/language", language="en", next=place).place == "/"


@spatialite
@pytest.mark.parametrize("role", [*ROLES, ""])
def test_the_way_home_leads_to_a_page_one_may_see(visit: Visit, engine: Engine, role: str) -> None:
    with session_scope(engine, write=True) as session:
        nobody = add_person(session, OPERATOR, "zhangsan").id
    visitor = (visit((role, None)) if role else visit(person=nobody)).get("/me")
    brand = next(given for tag, given in visitor.page.elements if given.get("class") == "brand")
    visitor.get("/admin/devices" if role != "administrator" else "/audit", 403)
    assert ("a", brand["href"]) in [(tag, given.get("href")) for tag, given in visitor.page.elements]
    visitor.get(brand["href"])


@pytest.mark.parametrize(
    ("role", "month", "is_told"),
    [
        ("administrator", 12, True),
        ("street_leader", 12, True),
        ("administrator", 11, False),
        ("patroller", 12, False),
    ],
)
def test_whoever_can_see_to_it_is_told_of_a_missing_calendar(
    visit: Visit, monkeypatch: pytest.MonkeyPatch, role: str, month: int, is_told: bool
) -> None:
    clock = type("Clock", (datetime,), {"now": lambda zone: datetime(2026, month, 1, 1, tzinfo=zone)})
    monkeypatch.setattr(frame, "datetime", clock)
    text = visit((role, None)).get("/me").text
    assert ("缺少 2027 年的节假日和调休表" in text) == is_told


# --- mistakes ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [("/nowhere", 404, "NotFound"), ("/admin/people", 403, "NotForYou"), ("/me/pin", 405, "MethodNotAllowed")],
)
def test_a_browser_is_told_of_mistakes_by_a_page_and_a_program_by_a_problem(
    visit: Visit, path: str, status: int, code: str
) -> None:
    visitor = visit(("cadre", None))
    page = visitor.get(path, status)
    assert code in page.text
    assert re.search("[一-鿿]", page.text)
    assert ("a", "/") in [(tag, given.get("href")) for tag, given in page.page.elements]
    assert visitor.get(path, status, Accept="*/*").answer.json()["code"] == code
    assert visitor.get("/api/nowhere", 404).answer.json()["code"] == "NotFound"


def test_a_mistake_never_shows_what_was_sent(visit: Visit) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    page = visit(("administrator", None)).get(f"/admin/people/{hostile}", 422)
    assert hostile not in page.answer.text
    page = visit(("administrator", None)).get(f"/admin/people?q={hostile}")
    assert hostile not in page.answer.text
    assert hostile in page.page.value("q")


# --- forms ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(set(FORMS) - OPEN_FORMS))
@spatialite
def test_no_form_is_taken_but_from_a_page_of_the_session(everybody: Visitor, visit: Visit, path: str) -> None:
    other = visit(("cadre", None)).get("/me").form_token
    for form_token in (None, "", "x", "汉", other):
        sent = {} if form_token is None else {"form_token": form_token}
        post = everybody.upload if path in WITH_FILES else everybody.post
        assert "StaleForm" in post(filled(path), 403, **sent).text
    everybody.client.headers["Sec-Fetch-Site"] = "cross-site"
    assert "ForeignForm" in everybody.post(filled(path), 403).text


@pytest.mark.parametrize("path", sorted(OPEN_FORMS))
@spatialite
def test_open_forms_are_taken_from_pages_of_ours_alone(visit: Visit, path: str) -> None:
    visitor = visit()
    visitor.client.headers["Sec-Fetch-Site"] = "cross-site"
    assert "ForeignForm" in visitor.post(path, 403).text


def test_a_key_sends_no_forms(visit: Visit, engine: Engine) -> None:
    with session_scope(engine, write=True) as session:
        person = add_person(session, OPERATOR, "zhangsan")
        words = issue(session, "api", person_id=person.id).words
    visitor = visit()
    visitor.client.headers["Authorization"] = f"Bearer {words}"
    assert "StaleForm" in visitor.post("/me/pin", 403, pin="184629", form_token="").text
