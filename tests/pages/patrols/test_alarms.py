"""The page on which staff see who calls for help, and say that they see to it."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import Engine

from gisgrid.database import session_scope
from gisgrid.patrols.alarms.calls import Sos, raise_alarm
from gisgrid.staff.caller import callers_of
from gisgrid.staff.roles import ROLES
from gisgrid.staff.tokens import issue
from tests.laid import COMMUNITY, ELSEWHERE, SPOT, lay
from tests.pages.browsing import Visitor
from tests.pages.conftest import Visit, let_in, session_of
from tests.patrols.asking import ago
from tests.patrols.plans.builders import ZONE
from tests.patrols.plans.worlds import a_walker
from tests.staff.builders import audited

PATH = "/alarms"
CADRE = ("cadre", COMMUNITY)


def call(engine: Engine, name: str, at: tuple[float, float] | None = SPOT, words: str = "") -> int:
    """Let somebody who walks call for help; return the row of the alarm."""
    person = a_walker(engine, name)
    with session_scope(engine, write=True) as session:
        key = issue(session, "api", person_id=person).words
    with session_scope(engine, write=True) as session:
        caller = callers_of(session, {key}, "api")[key]
        place = (None, None, None) if at is None else (*at, 8.0)
        return raise_alarm(session, caller, Sos(ago(minutes=3), ago(minutes=2), name, *place, words), ZONE).id


@pytest.fixture
def cadre(visit: Visit) -> Visitor:
    return visit(CADRE, name="ganbu")


def waiting(visitor: Visitor) -> str:
    """Return the number beside the link to the alarms, "" for none."""
    found = re.search(r'href="/alarms"[^>]*>\w+(?: <span class="count urgent">(\d+))?', visitor.answer.text)
    assert found
    return found[1] or ""


def test_none(cadre: Visitor) -> None:
    assert "没有符合的记录" in cadre.get(PATH).text
    assert waiting(cadre) == ""


def test_one_of_ones_cells_is_seen_and_acknowledged_once(cadre: Visitor, engine: Engine) -> None:
    number = call(engine, "zhang", words="<b>被困</b>")
    call(engine, "far", ELSEWHERE)
    text = cadre.get(PATH).text
    assert [words for words in ("zhang", "分站2-1", "<b>被困</b>", "± 8 米") if words not in text] == []
    assert "far" not in text
    assert waiting(cadre) == "1"
    cadre.send(f"{PATH}/{number}/acknowledge").follow()
    assert ("已确认" in cadre.text, "没有符合的记录" in cadre.text, waiting(cadre)) == (True, True, "")
    assert "ganbu" in cadre.get(f"{PATH}?show=all").text
    assert [entry.action for entry in audited(engine, "alarm")] == ["alarm.raised"] * 2 + ["alarm.acknowledged"]


def test_one_from_nowhere_is_for_the_street(cadre: Visitor, visit: Visit, engine: Engine) -> None:
    call(engine, "zhang", None)
    assert "zhang" not in cadre.get(PATH).text
    assert "没有位置" in visit(("supervision", None), name="duban").get(PATH).text


def test_ones_own_and_others_elsewhere_are_not_acknowledged(cadre: Visitor, engine: Engine) -> None:
    number = call(engine, "far", ELSEWHERE)
    form_token = cadre.get("/me").form_token
    assert "没有这个编号的呼救" in cadre.post(f"{PATH}/{number}/acknowledge", 404, form_token=form_token).text


@pytest.mark.parametrize("role", ROLES)
def test_who_may(visit: Visit, role: str) -> None:
    visitor = visit((role, None)).get("/me")
    may = "tracks" in ROLES[role]
    form_token = visitor.form_token
    assert (f'href="{PATH}"' in visitor.answer.text) == may
    visitor.get(PATH, 200 if may else 403)
    visitor.post(f"{PATH}/1/acknowledge", 404 if may else 403, form_token=form_token)


def test_it_speaks_english(cadre: Visitor, engine: Engine) -> None:
    call(engine, "zhang")
    cadre.client.cookies.set("gisgrid-language", "en")
    for path in (PATH, f"{PATH}?show=all"):
        text = re.sub("中文|社区2|分站2-1|ganbu", "", cadre.get(path).text)
        assert re.findall("[一-鿿]", text) == []
    assert [words for words in ("1 unacknowledged", "I see to it") if words not in text] == []


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
@pytest.mark.parametrize("width", [1280, 360])
def test_in_the_browser(page: Page, context: BrowserContext, served: str, engine: Engine, width: int) -> None:
    lay(engine)
    call(engine, "zhang", words="被困" * 40)
    let_in(context, served, session_of(engine, CADRE))
    page.set_viewport_size({"width": width, "height": 640})
    page.goto(f"{served}{PATH}")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.get_by_role("button", name="确认，由我处置").click()
    expect(page.get_by_role("status")).to_contain_text("已确认")


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_who_watches_sees_it_at_once(page: Page, context: BrowserContext, served: str, engine: Engine) -> None:
    lay(engine)
    let_in(context, served, session_of(engine, CADRE))
    page.goto(f"{served}/live?purpose=to+see+who+is+on+duty")
    expect(page.get_by_text("实时更新中")).to_be_visible()
    expect(page.get_by_role("alert")).to_be_hidden()
    call(engine, "zhang", words="被困")
    expect(page.get_by_role("alert")).to_contain_text("zhang")
    page.get_by_role("link", name="呼救，待确认").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("呼救")
