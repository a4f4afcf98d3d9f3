import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import Engine, select

from gisgrid.audit.record import OPERATOR, Actor
from gisgrid.database import session_scope
from gisgrid.grid.tables import Cell
from gisgrid.patrols.doubts.objections import contest
from gisgrid.patrols.people import patroller_of
from gisgrid.patrols.tables import Objection
from gisgrid.staff.appointments import grant
from gisgrid.staff.people import person_of
from gisgrid.staff.roles import ROLES
from tests.laid import COMMUNITY, STREET, SUBSTATION, lay
from tests.pages.browsing import Visitor
from tests.pages.conftest import Visit, let_in, session_of
from tests.rows import a_fix
from tests.staff.builders import audited, hire

PATH = "/objections"
ELSEWHERE = "440307009003001"
NOW = datetime.now(UTC)
CADRE = ("cadre", COMMUNITY)


def object_to(engine: Engine, person: int, *words: str, station: str = SUBSTATION) -> list[int]:
    """Let a person have been in a station and contest what became of it, once for each of the words."""
    with session_scope(engine, write=True) as session:
        own = patroller_of(session, person).id
        cells = dict(session.execute(select(Cell.code, Cell.id)).all())
        ids = {"street_id": cells[STREET], "community_id": cells[station[:12]], "substation_id": cells[station]}
        made = []
        for number, each in enumerate(words):
            moment = NOW - timedelta(hours=1, seconds=number)
            fix = a_fix(number, own, client_id=each, fix_at=moment, received_at=NOW, standing="quarantined", **ids)
            session.add(fix)
            session.flush()
            made.append(contest(session, Actor("person", person), person, fix.id, each))
        return made


@pytest.fixture
def cadre(visit: Visit) -> Visitor:
    return visit(CADRE, name="ganbu")


def waiting(visitor: Visitor) -> str:
    """Return the number beside the link to the objections, "" for none."""
    found = re.search(
        r'href="/objections"[^>]*>(?:<span[^>]*>)?\w+(?:</span>)?(?: <span class="count">(\d+))?', visitor.answer.text
    )
    assert found
    return found[1] or ""


def test_none(cadre: Visitor) -> None:
    assert "没有符合的记录" in cadre.get(PATH).text
    assert waiting(cadre) == ""


def test_an_objection_is_answered_and_leaves_the_list(cadre: Visitor, visit: Visit, engine: Engine) -> None:
    zhang = hire(engine)
    first, second = object_to(engine, zhang, "当时在岗", "定位<b>漂移")
    cadre.get(PATH)
    text = cadre.text
    moment = f"{NOW - timedelta(hours=1):%M:%S}"
    assert [
        words for words in ("zhangsan", "存疑，未计入", "当时在岗", "定位<b>漂移", moment) if words not in text
    ] == []
    assert text.index("定位<b>漂移") < text.index("当时在岗"), "the newest comes first"
    assert waiting(cadre) == "2"
    assert "已答复，巡查员会看到" in cadre.send(f"{PATH}/{first}/reply", words="已核实，\r\n予以更正").follow().text
    assert (waiting(cadre), cadre.has_form(f"{PATH}/{first}/reply")) == ("1", False)
    assert cadre.has_form(f"{PATH}/{second}/reply")
    everything = cadre.get(f"{PATH}?show=all").text
    assert [words for words in ("已核实， 予以更正", "ganbu", "当时在岗") if words not in everything] == []
    assert not cadre.has_form(f"{PATH}/{first}/reply")
    assert "已核实， 予以更正" in visit(person=zhang).get("/me/track").text
    (entry,) = audited(engine, "objection.answered")
    assert (entry.actor, entry.subject, entry.detail) == ("person", zhang, {"objection": first})


@pytest.mark.parametrize("words", ["", " \r\n ", "看\u200b不见"])
def test_a_reply_needs_words_and_what_was_typed_stays(cadre: Visitor, engine: Engine, words: str) -> None:
    (made, _) = object_to(engine, hire(engine), "当时在岗", "漂移")
    cadre.get(PATH).send(f"{PATH}/{made}/reply", 422, words=words)
    assert "请写明答复" in cadre.text
    (form,) = [form for form in cadre.page.forms if form.action.startswith(PATH)]
    assert form.filled.get("words", "").strip() == words.strip()
    assert "已答复" in cadre.send(f"{PATH}/{made}/reply", words="已核实").follow().text


def test_an_objection_that_somebody_else_answered_meanwhile(cadre: Visitor, visit: Visit, engine: Engine) -> None:
    (made,) = object_to(engine, hire(engine), "当时在岗")
    other = visit(("street_leader", None), name="lingdao").get(PATH)
    cadre.get(PATH)
    other.send(f"{PATH}/{made}/reply", words="先到的答复")
    text = cadre.send(f"{PATH}/{made}/reply", 409, words="写了很久的答复").text
    assert [words for words in ("此异议已有答复", "先到的答复", "写了很久的答复") if words not in text] == []
    assert not cadre.has_form(f"{PATH}/{made}/reply")
    assert len(audited(engine, "objection.answered")) == 1


def test_nobody_replies_to_themselves(visit: Visit, engine: Engine) -> None:
    both = hire(engine, "both")
    with session_scope(engine, write=True) as session:
        for role in ("cadre", "patroller"):
            grant(session, OPERATOR, person_of(session, both), role, COMMUNITY)
    (own,) = object_to(engine, both, "我在岗")
    object_to(engine, hire(engine), "当时在岗")
    visitor = visit(person=both).get(PATH)
    assert [words for words in ("我在岗", "由他人答复", "当时在岗") if words not in visitor.text] == []
    assert not visitor.has_form(f"{PATH}/{own}/reply")
    refused = visitor.post(f"{PATH}/{own}/reply", 403, form_token=visitor.form_token, words="同意自己")
    assert [words for words in ("不能答复自己的异议", "同意自己") if words not in refused.text] == []


def test_what_lies_elsewhere_is_neither_listed_nor_counted_nor_answered(
    cadre: Visitor, visit: Visit, engine: Engine
) -> None:
    (far,) = object_to(engine, hire(engine), "在别处", station=ELSEWHERE)
    object_to(engine, hire(engine, "lisi"), "在这里")
    for path in (PATH, f"{PATH}?show=all"):
        assert ("在别处" in cadre.get(path).text, "在这里" in cadre.text, waiting(cadre)) == (False, True, "1")
    refused = cadre.post(f"{PATH}/{far}/reply", 404, form_token=cadre.form_token, words="x")
    assert ("没有这个编号的异议" in refused.text, "在别处" in refused.text) == (True, False)
    with session_scope(engine) as session:
        assert session.scalars(select(Objection.reply)).all() == ["", ""]
    assert waiting(visit(("street_leader", None)).get(PATH)) == "2"


def test_the_number_is_the_same_on_every_page_whatever_is_seen_there(visit: Visit, engine: Engine) -> None:
    object_to(engine, hire(engine), "在别处", station=ELSEWHERE)
    object_to(engine, hire(engine, "lisi"), "在这里")
    everything_else = [(role, None) for role in ROLES if "tracks" not in ROLES[role]]
    visitor = visit(CADRE, *everything_else)
    for path in ("/", PATH, "/me", "/me/track", "/me/password", "/admin/people", "/audit"):
        assert (path, waiting(visitor.get(path))) == (path, "1")
    assert waiting(visitor.get("/admin/people/999", 404)) == "1"


@pytest.mark.parametrize("role", sorted(ROLES))
def test_the_link_is_for_those_who_may_reply(visit: Visit, engine: Engine, role: str) -> None:
    may = "tracks" in ROLES[role]
    visitor = visit((role, None)).get("/me")
    form_token = visitor.form_token
    assert (f'href="{PATH}"' in visitor.answer.text) == may
    visitor.get(PATH, 200 if may else 403)
    visitor.post(f"{PATH}/1/reply", 404 if may else 403, form_token=form_token, words="x")


def test_long_lists_are_turned_over(cadre: Visitor, engine: Engine) -> None:
    object_to(engine, hire(engine), *(f"第{number}次" for number in range(51)))
    cadre.get(f"{PATH}?done=answered")
    assert ("第50次" in cadre.text, "第0次" in cadre.text) == (True, False)
    onward = next(given["href"] for _, given in cadre.page.elements if given.get("rel") == "next")
    assert onward == f"{PATH}?offset=50"
    assert ("第0次" in cadre.get(onward).text, "已答复" in cadre.text) == (True, False)


def test_it_speaks_english(cadre: Visitor, engine: Engine) -> None:
    object_to(engine, hire(engine), "当时在岗")
    cadre.client.cookies.set("gisgrid-language", "en")
    for path in (PATH, f"{PATH}?show=all"):
        text = re.sub("中文|当时在岗|社区2|ganbu", "", cadre.get(path).text)
        assert re.findall("[一-鿿]", text) == []
    assert [words for words in ("1 unanswered", "In doubt, does not count", "Reply") if words not in text] == []


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
@pytest.mark.parametrize("width", [1280, 360])
def test_in_the_browser_by_keyboard(
    page: Page, context: BrowserContext, served: str, engine: Engine, width: int
) -> None:
    lay(engine)
    object_to(engine, hire(engine), "当时在岗" * 40, "w" * 300)
    let_in(context, served, session_of(engine, CADRE))
    page.set_viewport_size({"width": width, "height": 640})
    page.goto(f"{served}{PATH}")
    first = page.get_by_role("row").nth(1)
    first.locator("summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.insert_text("已核实" * 20)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("已答复")
    expect(page.locator('.sections a[href="/objections"] .count')).to_contain_text("1")
    page.goto(f"{served}/")
    page.locator("details.account summary").click()
    page.get_by_role("link", name="异议 1 条未答复").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("异议")
    page.get_by_role("link", name="全部", exact=True).click()
    expect(page.locator("tbody")).to_contain_text("已核实")
    assert page.evaluate("document.documentElement.scrollWidth") == width
