"""The pages of emergencies: whoever is called is told on every page, and does what is to be done without a script."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import Engine, select

from gisgrid.database import session_scope
from gisgrid.incidents.tables import Incident
from gisgrid.settings import Settings
from tests.incidents.emergencies.crew import alert
from tests.laid import COMMUNITY, STREET, SUBSTATION, lay
from tests.pages.browsing import Visitor
from tests.pages.conftest import Visit, let_in, session_of
from tests.staff.builders import audited

PATH = "/emergencies"
STATION = ("station_staff", SUBSTATION)


@pytest.fixture
def station(visit: Visit) -> Visitor:
    return visit(STATION, name="fenzhan")


def test_none(station: Visitor) -> None:
    assert "没有符合的记录" in station.get(PATH).text
    assert "请确认收到" not in station.get("/me").text


def test_from_the_alert_to_the_end(station: Visitor, visit: Visit, engine: Engine, settings: Settings) -> None:
    leader = visit(("community_leader", COMMUNITY), name="shuji")
    number, _ = alert(engine, settings)
    for path in ("/", "/me", "/alarms", PATH):
        assert "火灾、山火处置预案" in station.get(path).text
        assert "请确认收到" in station.text
    assert "0 / 2" in station.get(PATH).text
    shown = station.get(f"{PATH}/{number}").text
    missing = [
        words for words in ("火情", "fenzhan", "shuji", "没有人可通知", "119", "现在无人在岗") if words not in shown
    ]
    assert missing == []
    station.send(f"{PATH}/{number}/acknowledge").follow()
    assert ("已确认收到" in station.text, "已确认 1 / 2" in station.text) == (True, True)
    assert "请确认收到" not in station.get("/me").text
    station.get(f"{PATH}/{number}").send(f"{PATH}/{number}/tasks/1").follow()
    station.send(f"{PATH}/{number}/words", words="<b>火已扑灭</b>").follow()
    assert ("1 / 7" in station.text, "<b>火已扑灭</b>" in station.text) == (True, True)
    assert "请写明情况" in station.post(f"{PATH}/{number}/words", 422, form_token=station.form_token, words=" ").text
    station.get(f"{PATH}/{number}").send(f"{PATH}/{number}/end", words="火已灭").follow()
    assert ("应急已结束" in station.text, "火已灭" in station.text) == (True, True)
    assert "请确认收到" not in leader.get("/me").text
    assert "没有符合的记录" in station.get(PATH).text
    assert "火情" in station.get(f"{PATH}?show=all").text
    assert [entry.action for entry in audited(engine, "emergency")][-1] == "emergency.ended"


def test_it_is_started_by_a_form(station: Visitor, engine: Engine, settings: Settings) -> None:
    number, _ = alert(engine, settings)
    station.get(f"{PATH}/{number}").send(f"{PATH}/{number}/end", words="误报").follow()
    with session_scope(engine) as session:
        incident = session.scalars(select(Incident.id)).one()
    form_token = station.get("/me").form_token
    station.post(f"/incidents/{incident}/emergency", form_token=form_token).follow()
    assert "预案已启动" in station.text
    assert "已启动" in station.post(f"/incidents/{incident}/emergency", 409, form_token=form_token).text


def test_others_see_nothing_of_it(visit: Visit, engine: Engine, settings: Settings) -> None:
    number, _ = alert(engine, settings)
    other = visit(("station_staff", "440307009003002"))
    assert "没有符合的记录" in other.get(PATH).text
    other.get(f"{PATH}/{number}", 404)
    assert "/emergencies" not in visit(("mediator", None)).get("/me").answer.text


def test_it_speaks_english(visit: Visit, engine: Engine, settings: Settings) -> None:
    visitor = visit(STATION, ("street_leader", STREET), name="someone")
    number, _ = alert(engine, settings)
    visitor.client.cookies.set("gisgrid-language", "en")
    for path in (PATH, f"{PATH}/{number}", "/orders"):
        text = re.sub("中文|葵涌街道|社区2|分站\\d+-\\d|北 N|示意图|督办〔\\d+〕\\d+号", "", visitor.get(path).text)
        assert (path, re.findall("[一-鿿]", text)) == (path, [])


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_a_duty_screen_hears_of_it_and_sounds(
    page: Page, context: BrowserContext, served: str, engine: Engine, settings: Settings
) -> None:
    lay(engine)
    let_in(context, served, session_of(engine, STATION))
    root = page.locator("html")
    page.goto(f"{served}/live?purpose=to+see+who+is+on+duty")
    expect(page.get_by_text("实时更新中")).to_be_visible()
    page.get_by_role("button", name="开启声音").click()
    expect(root).to_have_attribute("data-sounding", "false")
    alert(engine, settings)
    expect(page.get_by_role("alert").filter(has_text="应急处置进行中")).to_contain_text("请确认")
    expect(root).to_have_attribute("data-sounding", "true")
    page.get_by_role("link", name="火情").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("火情")
    expect(page.get_by_role("button", name="声音已开启")).to_be_visible()  # it is remembered from page to page
    expect(root).to_have_attribute("data-sounding", "true")
    page.get_by_label("现场情况、已做的事").fill("还在写")
    other = context.new_page()
    other.goto(page.url)
    other.get_by_role("button", name="确认收到").click()
    other.close()
    expect(page.get_by_role("button", name="确认收到")).to_have_count(0)
    expect(page.get_by_label("现场情况、已做的事")).to_have_value("还在写")
    expect(root).to_have_attribute("data-sounding", "false")
