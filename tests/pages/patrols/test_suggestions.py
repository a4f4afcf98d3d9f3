"""Suggested rounds: asked for by staff and drawn on a map, and on the phone of whoever walks, without a network too."""

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import Engine, select

from gisgrid.database import session_scope
from gisgrid.patrols.suggest.tables import Suggestion
from tests.laid import SUBSTATION
from tests.pages.browsing import Visitor
from tests.pages.conftest import Visit, let_in, session_of
from tests.pages.patrols.test_rounds import C1, C9, missed
from tests.pages.phones import WITHOUT_WORKER, a_phone, token, walker
from tests.patrols.plans.worlds import AWAY, a_walker, settle_down, store_two
from tests.staff.builders import audited

PATH = "/rounds/suggestions"


@pytest.fixture
def staff(visit: Visit, engine: Engine) -> Visitor:
    store_two(engine)
    return visit(("station_staff", SUBSTATION), name="zhan")


def test_staff_ask_for_a_round_and_see_it(staff: Visitor, visit: Visit, engine: Engine) -> None:
    assert "您的网格内还没有巡查员" in staff.get(PATH).text
    zhang, far = a_walker(engine, "zhang"), a_walker(engine, "li", AWAY)
    missed(engine, C1, C9)
    shown = staff.get(PATH).text
    assert ("zhang" in shown, ">li<" in shown, "今天还没有建议路线" in shown) == (True, False, True)
    told = staff.send(PATH, person=str(zhang), minutes="90").follow().answer.text
    words = ("已生成建议路线", "码头", "漏巡", "起点在其网格内", "直线 × 1.3", "<svg", "stroke-dasharray")
    assert [each for each in words if each not in told] == []
    assert "您的网格里没有这个巡查员" in staff.send(PATH, 404, person=str(far), minutes="60").text
    assert "zhang" not in visit(("station_staff", AWAY)).get(PATH).text
    looker = visit(("cadre", SUBSTATION)).get(PATH)
    assert ("码头" in looker.text, looker.has_form(PATH)) == (True, False)
    (entry,) = audited(engine, "suggestion.made")
    assert entry.actor == "person"


def test_it_speaks_english(staff: Visitor, engine: Engine) -> None:
    zhang = a_walker(engine, "zhang")
    missed(engine, C1)
    staff.get(PATH).send(PATH, person=str(zhang), minutes="60")
    staff.client.cookies.set("gisgrid-language", "en")
    text = re.sub("中文|码头|分站[-0-9]+|社区2|北 N|示意图", "", staff.get(PATH).text)
    assert re.findall("[一-鿿]+", text) == []


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_in_the_browser(page: Page, context: BrowserContext, served: str, engine: Engine) -> None:
    settle_down(engine)
    a_walker(engine, "zhang")
    missed(engine, C1)
    let_in(context, served, session_of(engine, ("station_staff", SUBSTATION)))
    page.set_viewport_size({"width": 360, "height": 640})
    page.goto(f"{served}{PATH}")
    page.get_by_label("时间").select_option("30")
    page.get_by_role("button", name="建议", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("已生成建议路线")
    expect(page.get_by_role("img", name="路线示意图").locator("svg")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 360


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_on_the_phone_of_whoever_walks(street: None, browser: Browser, served: str, engine: Engine) -> None:
    own = token(engine, "session", walker(engine, "lisi"))
    with a_phone(browser, served, own, "gisgrid", **WITHOUT_WORKER) as phone:
        page = phone.open()
        expect(page.locator("#suggested-told")).to_have_text("还没有建议路线。")
        page.route("**/api/suggestions", lambda route: route.abort())
        page.get_by_role("button", name="建议下一轮").click()
        expect(page.locator("#suggest-failed")).not_to_be_empty()
        page.unroute("**/api/suggestions")
        page.get_by_role("button", name="建议下一轮").click()
        expect(page.locator("#suggested li").first).to_contain_text("步行")
        expect(page.locator("#map path.suggested-way")).to_have_count(1)
        expect(page.locator("#suggest-failed")).to_be_empty()
        count = page.locator("#suggested li").count()
        page.route("**/api/**", lambda route: route.abort())
        page.reload()
        expect(page.locator("#suggested li")).to_have_count(count)
        assert page.evaluate("document.documentElement.scrollWidth") == 360
    with session_scope(engine) as session:
        assert len(session.scalars(select(Suggestion)).all()) == 1
