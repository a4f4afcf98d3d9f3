"""The pages on which staff see rounds and gaps."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import Engine, select

from gisgrid.database import session_scope
from gisgrid.patrols.plans.gaps import settle_lately
from gisgrid.patrols.plans.gaps_up import let_gaps_go_up
from gisgrid.patrols.plans.tables import Gap
from gisgrid.patrols.plans.terms import Place
from gisgrid.patrols.tables import SealedDay
from tests.laid import COMMUNITY, SUBSTATION
from tests.pages.browsing import Visitor
from tests.pages.conftest import Visit, let_in, session_of
from tests.patrols.plans.builders import ZONE
from tests.patrols.plans.worlds import AWAY, SETTINGS, a_walker, planned, settle_down, store_two, today
from tests.staff.builders import audited

PATH, GAPS = "/rounds", "/rounds/gaps"
STAFF, CADRE = ("station_staff", SUBSTATION), ("cadre", COMMUNITY)
C1, C9 = Place("checkpoint", "C1"), Place("checkpoint", "C9")


def yesterday() -> date:
    return today() - timedelta(days=1)


def all_day(engine: Engine, name: str, **changes: object) -> int:
    """Make a plan whose round lasts for the whole day."""
    given = {
        "at": ("00:00",),
        "duration_min": 1440,
        "grace_min": 0,
        "first_day": yesterday(),
        **changes,
    }
    return planned(engine, name=name, **given)


def missed(engine: Engine, *places: Place) -> None:
    """Let there be a gap at each of some places."""
    start = (datetime.now(UTC) - timedelta(minutes=50)).astimezone(ZONE)
    at, day = (start.strftime("%H:%M"),), start.date()
    planned(engine, name="午前", at=at, duration_min=10, grace_min=0, places=places, first_day=day, last_day=day)
    settle_lately(engine, SETTINGS, datetime.now(UTC))


@pytest.fixture
def staff(visit: Visit, engine: Engine) -> Visitor:
    store_two(engine)
    return visit(STAFF, name="zhan")


def waiting(visitor: Visitor) -> str:
    """Return the number beside the link to the rounds, "" for none."""
    found = re.search(r'href="/rounds"[^>]*>\w+(?: <span class="count">(\d+))?', visitor.answer.text)
    assert found
    return found[1] or ""


def test_none(staff: Visitor) -> None:
    assert "这一天没有计划内的巡查" in staff.get(PATH).text
    assert "没有符合的记录" in staff.get(GAPS).text
    assert waiting(staff) == ""


def test_the_rounds_of_today_station_by_station(staff: Visitor, visit: Visit, engine: Engine) -> None:
    a_walker(engine, "zhang")
    all_day(engine, "岸线<b>", places=(C1, C9), is_operation=True, last_day=today())
    all_day(engine, "张的", by_anyone=False, people=("zhang",))
    text = staff.get(PATH).text
    assert [
        words
        for words in ("分站2-1", "码头", "岸线<b>", "专项", "当班任何人", "zhang", "进行中 2")
        if words not in text
    ] == []
    assert "岭顶" not in text
    leader = visit(("street_leader", None))
    assert [words for words in ("分站2-1", "分站3-2", "岭顶", "进行中 3") if words not in leader.get(PATH).text] == []
    assert "岭顶" not in leader.get(f"{PATH}?cell={SUBSTATION}").text
    assert f"day={yesterday()}" in staff.answer.text
    assert "漏巡 1" in staff.get(f"{PATH}?day={yesterday()}").text
    assert "应为日期" in staff.get(f"{PATH}?day=gestern", 422).text


def test_of_a_sealed_day_the_page_says_so(staff: Visitor, engine: Engine) -> None:
    all_day(engine, "岸线")
    with session_scope(engine, write=True) as session:
        session.add(SealedDay(day=yesterday(), sealed_at=datetime.now(UTC), fixes=1))
    assert "这一天已封存" in staff.get(f"{PATH}?day={yesterday()}").text


def test_a_gap_is_closed_for_a_reason_and_leaves_the_list(staff: Visitor, engine: Engine) -> None:
    missed(engine, C1, C9)
    text, form_token = staff.get(GAPS).text, staff.form_token
    assert ("码头" in text, "岭顶" in text, waiting(staff)) == (True, False, "1")
    with session_scope(engine) as session:
        mine, other = (session.scalars(select(Gap.id).where(Gap.code == code)).one() for code in ("C1", "C9"))
    staff.send(f"{GAPS}/{mine}/close", 422, reason=" \r\n ")
    assert "请写明原因" in staff.text
    assert "已记录原因" in staff.send(f"{GAPS}/{mine}/close", reason="台风，\r\n停航").follow().text
    assert (waiting(staff), staff.has_form(f"{GAPS}/{mine}/close")) == ("", False)
    everything = staff.get(f"{GAPS}?show=all").text
    assert [words for words in ("台风， 停航", "zhan", "已说明原因") if words not in everything] == []
    late = staff.post(f"{GAPS}/{mine}/close", 409, form_token=form_token, reason="写了很久")
    assert [words for words in ("此漏巡已关闭", "写了很久") if words not in late.text] == []
    refused = staff.post(f"{GAPS}/{other}/close", 404, form_token=form_token, reason="x")
    assert ("没有这个编号的漏巡" in refused.text, "岭顶" in refused.text) == (True, False)
    assert len(audited(engine, "gap.closed")) == 1


def test_who_does_not_plan_looks_on(staff: Visitor, visit: Visit, engine: Engine) -> None:
    missed(engine, C1)
    cadre = visit(CADRE).get(GAPS)
    assert ("码头" in cadre.text, "未关闭" in cadre.text, waiting(cadre)) == (True, True, "1")
    assert not any(form.action.startswith("/rounds") and form.method == "post" for form in cadre.page.forms)
    cadre.post(f"{GAPS}/1/close", 403, form_token=cadre.get("/me").form_token, reason="x")
    visit(("patroller", SUBSTATION)).get(PATH, 403)
    assert 'href="/rounds"' not in visit(("liaison", None), department="fire").get("/me").answer.text


def test_a_gap_goes_up_and_its_life_is_told(staff: Visitor, engine: Engine) -> None:
    missed(engine, C1)
    assert "码头" in staff.get(f"{GAPS}?level=substation").text
    let_gaps_go_up(engine, SETTINGS, datetime.now(UTC) + timedelta(hours=25))
    for query, is_there in (("level=substation", False), ("level=community", True), ("gap=1", True), ("gap=2", False)):
        assert ("码头" in staff.get(f"{GAPS}?{query}").text) is is_there
    text = re.sub(r"\s+", " ", re.sub("<[^>]+>", "", staff.get(GAPS).text))
    assert [words for words in ("逾期未处理，上报社区", "不到 1 小时", "超过 24 小时未关闭") if words not in text] == []


def test_they_speak_english(staff: Visitor, engine: Engine) -> None:
    all_day(engine, "x", is_operation=True, last_day=today())
    missed(engine, C1)
    staff.client.cookies.set("gisgrid-language", "en")
    for path in (PATH, f"{PATH}?day={yesterday()}", GAPS, f"{GAPS}?show=all"):
        text = re.sub("中文|码头|分站2-1|午前|社区2", "", staff.get(path).text)
        found = [words for words in re.findall("[一-鿿]+", text) if words not in ("葵涌街道", "社区", "分站")]
        assert found == []
    assert re.search("[12] open gaps", staff.text)  # a round of yesterday is still settled soon after midnight
    assert "Missed" in staff.get(f"{PATH}?day={yesterday()}").text


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
@pytest.mark.parametrize("width", [1280, 360])
def test_in_the_browser_by_keyboard(
    page: Page, context: BrowserContext, served: str, engine: Engine, width: int
) -> None:
    settle_down(engine)
    all_day(engine, "冬季防火专项行动" * 4, places=(C1, C9, Place("cell", AWAY)), is_operation=True, last_day=today())
    missed(engine, C1)
    let_in(context, served, session_of(engine, ("street_leader", None)))
    page.set_viewport_size({"width": width, "height": 640})
    page.goto(f"{served}{PATH}")
    expect(page.locator("details.station")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.get_by_role("link", name="漏巡").last.focus()
    page.keyboard.press("Enter")
    summary = page.locator("details.reply summary").first
    summary.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.insert_text("台风停航" * 30)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("已记录原因")
