"""The page of publications: what is for oneself, and, for those who may plan, a form and who has taken note."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import Engine

from gisgrid.staff.roles import ROLES
from tests.laid import COMMUNITY, STREET, SUBSTATION, lay
from tests.pages.browsing import Visitor
from tests.pages.conftest import Visit, let_in, session_of
from tests.staff.builders import audited

PATH = "/publications"
LEADER = ("community_leader", COMMUNITY)
FORM = {"title": "<b>台风</b>", "words": "第一\r\n第二", "cell": COMMUNITY}


@pytest.fixture
def leader(visit: Visit) -> Visitor:
    return visit(LEADER, name="lingdao")


@pytest.fixture
def cadre(visit: Visit) -> Visitor:
    return visit(("cadre", SUBSTATION), name="ganbu")


def waiting(visitor: Visitor) -> str:
    """Return the number beside the link to the publications, "" for none."""
    found = re.search(r'href="/publications"[^>]*>\w+(?: <span class="count">(\d+))?', visitor.answer.text)
    assert found
    return found[1] or ""


def test_none(cadre: Visitor) -> None:
    assert "没有符合的记录" in cadre.get(PATH).text
    assert (waiting(cadre), cadre.has_form(PATH)) == ("", False)


def test_from_the_form_to_the_receipt(leader: Visitor, cadre: Visitor, engine: Engine) -> None:
    leader.get(PATH).send(PATH, **FORM, must_confirm="yes").follow()
    assert [words for words in ("已发布", "<b>台风</b>", "已看 0", "已确认 0") if words not in leader.text] == []
    assert waiting(cadre.get("/me")) == "1"
    assert waiting(cadre.get(PATH)) == "1", "it must be confirmed"
    assert [words for words in ("第一 第二", "未读", "lingdao", "社区2") if words not in cadre.text] == []
    assert "第一\n第二" in cadre.answer.text
    cadre.send(f"{PATH}/1/confirm").follow()
    assert ("已确认收到" in cadre.text, "未读" in cadre.text, waiting(cadre)) == (True, False, "")
    receipts = leader.get(f"{PATH}/1")
    assert ("ganbu" in receipts.text, "未确认" in receipts.text) == (True, False)
    leader.get(PATH).send(f"{PATH}/1/withdraw").follow()
    assert "已撤回" in leader.text
    assert "台风" not in cadre.get(PATH).text
    cadre.get("/me")
    assert "没有这个编号的发布" in cadre.post(f"{PATH}/9/confirm", 404, form_token=cadre.form_token).text
    done = [entry.action for entry in audited(engine, "publication")]
    assert done == ["publication.made", "publication.confirmed", "publication.withdrawn"]


def test_to_be_shown_it_is_to_have_seen_it(leader: Visitor, cadre: Visitor) -> None:
    leader.get(PATH).send(PATH, **FORM)
    assert waiting(cadre.get("/me")) == "1"
    assert "未读" in cadre.get(PATH).text
    assert (waiting(cadre), "未读" in cadre.get(PATH).text, "未看" in leader.get(f"{PATH}/1").text) == (
        "",
        False,
        False,
    )


def test_by_role_and_until_a_day(leader: Visitor, cadre: Visitor, visit: Visit) -> None:
    leader.get(PATH).send(PATH, **FORM, role="patroller", last_day="2099-01-31")
    assert "台风" not in cadre.get(PATH).text
    assert "至 2099-02-01 00:00" in visit(("patroller", SUBSTATION)).get(PATH).text


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"title": ""}, "请填写标题"),
        ({"words": " "}, "请填写标题"),
        ({"cell": ""}, "请填写标题"),
        ({"cell": "*"}, "不能向这个网格发布"),
        ({"cell": STREET}, "不能向这个网格发布"),
        ({"last_day": "tomorrow"}, "应为日期"),
        ({"last_day": "2020-01-01"}, "截止时间已过"),
        ({"role": "king"}, "没有这个角色"),
    ],
)
def test_what_is_not_taken_is_shown_again(leader: Visitor, change: dict[str, str], says: str) -> None:
    status = 404 if "网格发布" in says else 422
    leader.get(PATH).post(PATH, status, **(FORM | {"title": "台风"} | change), form_token=leader.form_token)
    assert says in leader.text
    assert ("第一" in leader.answer.text) == ("words" not in change)


@pytest.mark.parametrize("role", ROLES)
def test_who_may(visit: Visit, role: str) -> None:
    visitor = visit((role, None)).get("/me")
    may, form_token = "plan" in ROLES[role], visitor.form_token
    assert f'href="{PATH}"' in visitor.answer.text
    assert visitor.get(PATH).has_form(PATH) == may
    visitor.get(f"{PATH}/1", 404 if may else 403)
    visitor.post(f"{PATH}/1/withdraw", 404 if may else 403, form_token=form_token)
    visitor.post(PATH, 422 if may else 403, form_token=form_token)
    visitor.post(f"{PATH}/1/confirm", 404, form_token=form_token)


def test_it_speaks_english(leader: Visitor, cadre: Visitor) -> None:
    leader.get(PATH).send(PATH, **(FORM | {"title": "typhoon", "words": "go"}), must_confirm="yes")
    for visitor, path in ((cadre, PATH), (leader, PATH), (leader, f"{PATH}/1")):
        visitor.client.cookies.set("gisgrid-language", "en")
        text = re.sub(r"中文|葵涌街道|社区\d|分站[\d-]+|ganbu|lingdao", "", visitor.get(path).text)
        assert re.findall("[一-鿿]", text) == []


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
@pytest.mark.parametrize("width", [1280, 360])
def test_in_the_browser(page: Page, context: BrowserContext, served: str, engine: Engine, width: int) -> None:
    lay(engine)
    let_in(context, served, session_of(engine, LEADER, ("patroller", SUBSTATION)))
    page.set_viewport_size({"width": width, "height": 640})
    page.goto(f"{served}{PATH}")
    page.get_by_text("发布给工作人员").click()
    page.get_by_label("标题").fill("台风" * 40)
    page.get_by_label("内容").fill("巡查" * 300)
    page.get_by_label("网格及其下级").select_option(COMMUNITY)
    page.get_by_label("须确认收到").check()
    page.get_by_role("button", name="发布", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("已发布")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    let_in(context, served, session_of(engine, ("cadre", SUBSTATION)))
    page.goto(f"{served}{PATH}")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.get_by_role("button", name="确认收到").click()
    expect(page.get_by_role("status")).to_contain_text("已确认收到")
