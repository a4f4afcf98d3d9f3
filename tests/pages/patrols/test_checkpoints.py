"""The page of the checkpoints, with what is to be put up at each of them."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import Engine, update

from gisgrid.database import session_scope
from gisgrid.patrols.plans.codes import Lock, code_on
from gisgrid.patrols.tables import Checkpoint
from tests.laid import COMMUNITY, STREET, SUBSTATION
from tests.pages.browsing import Visitor
from tests.pages.conftest import Visit, let_in, session_of
from tests.patrols.plans.worlds import settle_down, store_two, today

PATH = "/rounds/checkpoints"
SECRET = "ab" * 32


def code() -> str:
    return code_on(Lock("C1", SECRET, 7), today()).code


def put_up(engine: Engine) -> None:
    with session_scope(engine, write=True) as session:
        change = update(Checkpoint).where(Checkpoint.code == "C1")
        session.execute(change.values(code_days=7, code_secret=SECRET, dwell_s=600))


@pytest.fixture
def staff(visit: Visit, engine: Engine) -> Visitor:
    store_two(engine)
    put_up(engine)
    return visit(("station_staff", SUBSTATION))


def test_each_says_what_a_visit_takes_and_shows_its_code(staff: Visitor) -> None:
    text = staff.get(PATH).text
    there = ("码头 C1", "分站2-1", "50 米以内，停留 10 分钟，须打卡码", code())
    assert [words for words in there if words not in text] == []
    assert "岭顶" not in text
    images = [given for tag, given in staff.page.elements if tag == "img"]
    pictures = [given for given in images if given["src"].startswith("data:image/png")]
    assert [given["alt"] for given in pictures] == ["打卡码的二维码 码头"]


def test_the_code_is_for_those_who_plan_there(staff: Visitor, visit: Visit) -> None:
    for roles in ([("cadre", COMMUNITY)], [("supervision", STREET), ("station_staff", "440307009003002")]):
        text = visit(*roles).get(PATH).text
        assert ("码头" in text, code() in text, "由可制定计划的人员查看" in text) == (True, False, True)
    visit(("patroller", SUBSTATION)).get(PATH, 403)


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_none_and_in_english(visit: Visit, engine: Engine) -> None:
    staff = visit(("station_staff", SUBSTATION)).get(PATH)
    assert "还没有打卡点" in staff.text
    store_two(engine)
    put_up(engine)
    staff.client.cookies.set("gisgrid-language", "en")
    assert re.findall("[一-鿿]", re.sub("中文|码头|分站2-1", "", staff.get(PATH).text)) == []
    assert "within 50 m, for 10 min, with its code" in staff.text


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
@pytest.mark.parametrize("width", [1280, 360])
def test_in_the_browser_by_keyboard(
    page: Page, context: BrowserContext, served: str, engine: Engine, width: int
) -> None:
    settle_down(engine)
    put_up(engine)
    let_in(context, served, session_of(engine, ("street_leader", None)))
    page.set_viewport_size({"width": width, "height": 640})
    page.goto(f"{served}{PATH}")
    expect(page.get_by_role("img", name="打卡码的二维码")).to_be_hidden()
    page.locator("summary", has_text="二维码").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("img", name="打卡码的二维码")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == width
