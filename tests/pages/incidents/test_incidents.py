"""The pages of incidents as each role uses them: the list, a case and its moves, the entry and its receipt."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import Engine, select

from gisgrid.audit.record import OPERATOR
from gisgrid.database import session_scope
from gisgrid.incidents.clock import Calendar, Limit, Tick, reading
from gisgrid.incidents.report import Report, report
from gisgrid.incidents.saved.searches import MOST
from gisgrid.incidents.saved.tables import SavedSearch
from gisgrid.incidents.tables import Exhibit, Incident
from gisgrid.pages.called import Both
from gisgrid.pages.incidents.words import lasting, light_of
from gisgrid.staff.roles import ROLES
from gisgrid.staff.tokens import issue
from tests.attachments.pictures import jpeg
from tests.laid import COMMUNITY, ELSEWHERE, SPOT, STREET, SUBSTATION, lay
from tests.pages.axe import violations
from tests.pages.browsing import Visitor
from tests.pages.conftest import Visit, let_in, session_of
from tests.patrols.plans.builders import ZONE
from tests.staff.builders import audited

PATH = "/incidents"
KIND, DEPARTMENT = "E0504", "urban_management"
"""Trading outside the shop: closing it takes a photo, and a position on site."""
NOW = datetime.now(UTC).replace(microsecond=0)


@dataclass
class Office:
    """Whoever passes a case on, each at their browser."""

    desk: Visitor
    department: Visitor
    checker: Visitor


@pytest.fixture
def office(visit: Visit) -> Office:
    return Office(
        desk=visit(("station_staff", SUBSTATION), name="zhan"),
        department=visit(("department_staff", STREET), name="chengguan", department=DEPARTMENT),
        checker=visit(("patroller", SUBSTATION), name="xuncha"),
    )


def happen(engine: Engine, at: tuple[float, float] = SPOT, minutes: int = 5, **more: Any) -> int:
    """Let an incident be reported some minutes ago; return its row."""
    moment = NOW - timedelta(minutes=minutes)
    sent = Report(more.pop("kind", KIND), moment, moment, *at, **more)
    with session_scope(engine, write=True) as session:
        (outcome,) = report(session, [sent], ZONE, OPERATOR)
        assert outcome.row, outcome.error
        number: int = outcome.row["id"]
        return number


def stored(engine: Engine, number: int) -> Incident:
    with session_scope(engine) as session:
        return session.get_one(Incident, number)


def listed(visitor: Visitor, query: str = "") -> list[int]:
    """Return the rows of the incidents in the list, in its order."""
    shown = visitor.get(f"{PATH}?{query}").page.elements
    return [int(given["href"][11:]) for tag, given in shown if re.fullmatch(r"/incidents/\d+", given.get("href", ""))]


def offered(visitor: Visitor, number: int) -> set[str]:
    """Return the moves whose forms the page of a case has."""
    forms = visitor.get(f"{PATH}/{number}").page.forms
    return {form.filled["move"] for form in forms if "move" in form.fields}


def make(visitor: Visitor, number: int, move: str, status: int = 303, *, looks: bool = True, **typed: Any) -> Visitor:
    """Fill in and send the form of a move, on the page as it is now, or on the one looked at before."""
    if looks:
        visitor.get(f"{PATH}/{number}")
    forms = [form for form in visitor.page.forms if form.filled.get("move") == move]
    assert forms, move
    assert set(typed) <= forms[0].fields, forms[0].fields
    return visitor.post(f"{PATH}/{number}/moves", status, **(forms[0].filled | typed))


def show(visitor: Visitor, number: int, *files: bytes, status: int = 303, **typed: str) -> Visitor:
    """Send photos by the form of a case."""
    visitor.get(f"{PATH}/{number}")
    return visitor.upload(f"{PATH}/{number}/exhibits", status, *files, form_token=visitor.form_token, **typed)


def count_beside(visitor: Visitor) -> str:
    """Return the number beside the link to the incidents, "" for none."""
    found = re.search(r'href="/incidents"[^>]*>\w+(?: <span class="count">(\d+))?', visitor.answer.text)
    assert found
    return found[1] or ""


# --- the list --------------------------------------------------------------------------------------


def test_what_waits_is_shown_to_whom_it_waits_for(office: Office, engine: Engine) -> None:
    assert (listed(office.desk), "没有符合的记录" in office.desk.text, count_beside(office.desk)) == ([], True, "")
    number, _ = happen(engine, description="<b>占道</b>"), happen(engine, ELSEWHERE)
    assert (listed(office.desk), count_beside(office.desk)) == ([number], "1")
    for words in ("<b>占道</b>", "分站2-1", "已上报", "未起算", "巡查发现"):
        assert words in office.desk.text, words
    assert (listed(office.checker), listed(office.checker, "show=open")) == ([], [number])
    make(office.desk, number, "file", condition="1")
    make(office.desk, number, "dispatch", lead=DEPARTMENT)
    assert [listed(each) for each in (office.desk, office.department)] == [[], [number]]
    assert "城管执法队" in office.desk.get(f"{PATH}?show=open").text


def test_whoever_has_nothing_to_do_is_shown_what_else_there_is(office: Office, engine: Engine, visit: Visit) -> None:
    leader = visit(("street_leader", STREET), name="jiedao")
    assert "现在没有轮到您办的" not in leader.get(PATH).text
    overdue, _ = happen(engine), happen(engine, description="别的")
    with session_scope(engine, write=True) as session:
        its = session.get_one(Incident, overdue)
        its.state, its.due_at = "handling", NOW - timedelta(hours=1)
    assert "现在没有轮到您办的" in leader.get(PATH).text
    assert '<a href="/incidents?show=overdue">超期 1</a>、<a href="/incidents?show=open">全部未结 2</a>' in (
        leader.answer.text
    )
    for asked in ("show=mine", "q=nothing"):
        assert "现在没有轮到您办的" not in leader.get(f"{PATH}?{asked}").text
    assert "现在没有轮到您办的" not in office.desk.get(PATH).text


def test_a_link_reproduces_a_view(office: Office, engine: Engine) -> None:
    old = happen(engine, minutes=60 * 24 * 3, description="占道 100%", source="hotline", outside_number="H-7")
    new = happen(engine, kind="E0102", minutes=7)
    make(office.desk, old, "verify", words="属实")
    make(office.desk, old, "file", condition="1")
    make(office.desk, old, "dispatch", lead=DEPARTMENT)
    today, before = (f"{(NOW - timedelta(days=days)).astimezone(ZONE):%Y-%m-%d}" for days in (0, 3))
    for query, found in {
        "show=open": [new, old],
        "show=open&kind=E0102": [new],
        f"show=open&cell={COMMUNITY}": [new, old],
        "show=open&state=dispatched": [old],
        "show=open&source=hotline": [old],
        f"show=open&department={DEPARTMENT}": [old],
        "show=open&q=100%25": [old],
        "show=open&q=H-7": [old],
        f"show=open&first={today}": [new],
        f"show=open&last={before}": [old],
        f"show=open&first={before}&last={today}&kind=&cell=&state=&q=+": [new, old],
        "show=ended": [],
        "show=mine": [],
    }.items():
        assert listed(office.desk, query) == found, query
    office.desk.get(f"{PATH}?show=open&kind=E0102&q=x&source=phone")
    assert office.desk.page.value("q") == "x"
    assert 'value="E0102" selected' in office.desk.answer.text


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("state=x", 422, "没有这个状态"),
        ("kind=X9999", 422, "类别"),
        ("cell=999", 404, "没有这个编码的网格"),
        ("first=2026-13-01", 422, "应为日期"),
        ("first=2026-11-02&last=2026-11-01", 422, "终点早于起点"),
        ("department=x", 422, "没有这个职能部门"),
        ("q=%00", 422, "控制字符"),
    ],
)
def test_what_cannot_be_asked_for_says_why(visit: Visit, query: str, status: int, words: str) -> None:
    assert words in visit(("station_staff", SUBSTATION)).get(f"{PATH}?{query}", status).text


def test_what_is_due_first_stands_first_with_its_light(office: Office, engine: Engine) -> None:
    numbers = [happen(engine, minutes=minutes) for minutes in (1, 2, 3)]
    with session_scope(engine, write=True) as session:
        for number, hours in zip(numbers, (5, -2, None), strict=True):
            its = session.get_one(Incident, number)
            its.state, its.condition = "filed", "1"
            its.due_at = None if hours is None else NOW + timedelta(hours=hours)
    assert listed(office.desk) == [numbers[1], numbers[0], numbers[2]]
    assert listed(office.desk, "show=overdue") == [numbers[1]]


def test_searches_are_kept_for_oneself_and_given_up(office: Office, engine: Engine) -> None:
    desk = office.desk.get(f"{PATH}?show=open&kind=E0102")
    desk.send(f"{PATH}/searches", name="我常用的").follow()
    assert ("查询已保存" in desk.text, 'href="/incidents?show=open&amp;kind=E0102"' in desk.answer.text) == (True, True)
    desk.get(f"{PATH}?show=overdue").send(f"{PATH}/searches", name="我常用的").follow()
    with session_scope(engine) as session:
        (kept,) = session.scalars(select(SavedSearch)).all()
    assert kept.query == "show=overdue"
    assert "我常用的" not in office.checker.get(PATH).text
    office.checker.post(f"{PATH}/searches/{kept.id}/delete", 404, form_token=office.checker.form_token)
    desk.send(f"{PATH}/searches/{kept.id}/delete").follow()
    assert "已删除这个查询" in desk.text
    assert [each.action for each in audited(engine, "search")] == ["search.saved"] * 2 + ["search.deleted"]


def test_no_search_is_kept_without_a_name_nor_more_than_there_is_room_for(office: Office, engine: Engine) -> None:
    token = office.desk.get(PATH).form_token
    assert "请给查询起名" in office.desk.post(f"{PATH}/searches", 422, form_token=token, name=" ", query="").text
    for query in ("show=nonsense&next=//evil", "%00", "=&&;"):
        assert office.desk.post(f"{PATH}/searches", form_token=token, name="x", query=query).place.startswith(
            f"{PATH}?show="
        )
    with session_scope(engine, write=True) as session:
        person = session.scalars(select(SavedSearch.person_id)).one()
        session.add_all(SavedSearch(person_id=person, name=str(at), query="") for at in range(MOST - 1))
    told = office.desk.post(f"{PATH}/searches", 422, form_token=token, name="y", query="").text
    assert f"至多保存 {MOST} 个查询" in told


# --- a case ----------------------------------------------------------------------------------------


def test_the_loop_from_the_pages_alone(office: Office, engine: Engine) -> None:
    number = happen(engine, description="占道", source="hotline", contact="王女士")
    assert "王女士" in office.desk.get(f"{PATH}/{number}").text
    assert "先核实" in office.desk.text
    make(office.desk, number, "verify", words="情况属实")
    make(office.desk, number, "file", condition="1")
    helping = {"lead": DEPARTMENT, "department": ["fire", DEPARTMENT]}
    make(office.desk, number, "dispatch", **helping, words="请今天处理").follow()
    assert "已办理：派遣" in office.desk.text
    assert "王女士" not in office.department.get(f"{PATH}/{number}").text
    make(office.department, number, "accept")
    show(office.department, number, jpeg(), shows="done", caption="已清理").follow()
    assert ("照片和文书已保存" in office.department.text, "已清理" in office.department.text) == (True, True)
    for who, proposed in ((office.department, "done"), (office.desk, "found")):
        forms = who.get(f"{PATH}/{number}").page.forms
        assert [form.filled["shows"] for form in forms if "shows" in form.filled] == [proposed]
    assert "处置照片由承办部门" in show(office.desk, number, jpeg(66), status=403, shows="done").text
    make(office.department, number, "finish", words="已劝离")
    assert listed(office.checker) == [number]
    assert "pass" in offered(office.checker, number)
    assert "pass" not in offered(office.department, number)
    far = {"longitude": str(ELSEWHERE[0]), "latitude": str(ELSEWHERE[1])}
    assert "不够近" in make(office.checker, number, "pass", 422, **far).text
    assert office.checker.page.value("pass-longitude") == far["longitude"]
    make(office.checker, number, "pass", longitude=str(SPOT[0]), latitude=str(SPOT[1]))
    make(office.desk, number, "evaluate", score="4").follow()
    text = office.desk.text
    for words in ("已评价", "情况属实", "城管执法队", "超出门店经营", "已劝离", "xuncha", "评分 4", "按期"):
        assert words in text, words
    assert stored(engine, number).state == "evaluated"


def test_every_move_aside_has_its_form(office: Office, engine: Engine, visit: Visit) -> None:
    number = happen(engine)
    beside = "440307009002002"
    make(office.desk, number, "hand_over", cell=beside, words="在那边")
    assert stored(engine, number).answering_code == beside
    assert offered(office.desk, number) == set()
    other = visit(("station_staff", beside), name="linzhan")
    make(other, number, "escalate", words="须社区协调").follow()
    assert "此件不再由您办理" in other.text
    leader = visit(("community_leader", COMMUNITY), name="shequ")
    make(leader, number, "file", condition="1")
    make(leader, number, "dispatch", lead="", person="chengguan")
    make(office.department, number, "accept")
    make(leader, number, "extend", words="等天晴")
    make(leader, number, "suspend", until=f"{NOW + timedelta(days=9):%Y-%m-%d}", words="等材料").follow()
    assert "挂账至" in leader.text
    make(leader, number, "resume")
    make(office.department, number, "send_back", words="不属本部门").follow()
    assert "已办理：退回重派" in office.department.text
    assert (stored(engine, number).state, stored(engine, number).handler_id) == ("filed", None)


def test_whoever_comes_second_is_told_who_was_quicker_and_sees_how_it_stands(
    office: Office, engine: Engine, visit: Visit
) -> None:
    number = happen(engine)
    other = visit(("station_staff", SUBSTATION), name="laochen")
    other.get(f"{PATH}/{number}")
    make(office.desk, number, "file", condition="1")
    make(other, number, "reject", 409, looks=False, words="重复上报")
    for words in ("zhan已“立案”", "已立案", "您写的没有保存：重复上报"):
        assert words in other.text, words
    assert {form.filled.get("revision") for form in other.page.forms} == {None, "2"}


def test_a_form_that_lacks_something_keeps_what_was_typed(office: Office, engine: Engine) -> None:
    number = happen(engine)
    for move, typed, status, words in [
        ("file", {"condition": "9"}, 422, "立案条件"),
        ("merge", {"into": "20261101-x-0001"}, 404, "没有这个编号的案件"),
        ("hand_over", {"cell": "x", "words": "在那边"}, 422, "相邻的网格"),
        ("reject", {"words": " "}, 422, "原因"),
        ("settle", {"words": "扫了", "longitude": "x", "latitude": "1"}, 422, "应为度数"),
    ]:
        page = office.desk.get(f"{PATH}/{number}")
        sent = {"form_token": page.form_token, "move": move, "revision": "1", **typed}
        assert words in page.post(f"{PATH}/{number}/moves", status, **sent).text, move
    sent |= {"move": "hand_over", "cell": "x", "words": "在那边"}
    office.desk.post(f"{PATH}/{number}/moves", 422, **sent)
    assert re.search(r"open>\s*<summary>移交相邻网格[\s\S]*在那边</textarea>", office.desk.answer.text)
    for sent in (
        {"move": "fly", "revision": "1"},
        {"move": "file", "revision": "x"},
        {"move": "accept", "revision": "1"},
    ):
        office.desk.post(
            f"{PATH}/{number}/moves",
            409 if sent["move"] == "accept" else 422,
            form_token=office.desk.form_token,
            **sent,
        )
    assert stored(engine, number).revision == 1


def test_a_duplicate_is_offered_and_merged_by_a_button(office: Office, engine: Engine) -> None:
    first, second = happen(engine, minutes=30), happen(engine, (SPOT[0] + 0.0001, SPOT[1]))
    page = office.desk.get(f"{PATH}/{second}")
    assert ("可能重复" in page.text, "相距 10 米" in page.text) == (True, True)
    into = stored(engine, first).number
    form = next(form for form in page.page.forms if form.filled.get("into") == into)
    page.post(f"{PATH}/{second}/moves", **form.filled).follow()
    assert ("已并入" in page.text, stored(engine, second).merged_into_id) == (True, first)
    assert "并入本件的" in office.desk.get(f"{PATH}/{first}").text


def test_photos_are_all_kept_or_none(office: Office, engine: Engine) -> None:
    number = happen(engine)
    assert "请先选择照片" in show(office.desk, number, status=422).text
    assert "不是完好的" in show(office.desk, number, jpeg(), b"no photo", status=422).text
    assert "说明至多" in show(office.desk, number, jpeg(), status=422, caption="长" * 201).text
    show(office.desk, number, jpeg(), jpeg(width=65), shows="found").follow()
    with session_scope(engine) as session:
        assert len(session.scalars(select(Exhibit)).all()) == 2
    assert 'alt="发现时的照片 2"' in office.desk.answer.text
    assert office.desk.client.get(f"/api{PATH}/{number}/exhibits/1").headers["content-type"] == "image/jpeg"


def test_nobody_sees_or_moves_what_lies_elsewhere(office: Office, engine: Engine) -> None:
    number = happen(engine, ELSEWHERE)
    token = office.desk.get(PATH).form_token
    for path in (f"{PATH}/{number}", f"{PATH}/{number}/receipt", f"{PATH}/99"):
        assert "没有这个编号的事件" in office.desk.get(path, 404).text
    office.desk.post(f"{PATH}/{number}/moves", 404, form_token=token, move="file", revision="1", condition="1")
    office.desk.upload(f"{PATH}/{number}/exhibits", 404, jpeg(), form_token=token)


# --- the entry -------------------------------------------------------------------------------------


def enter(visitor: Visitor, status: int = 303, *files: bytes, **typed: str) -> Visitor:
    """Fill in and send the entry form, as it is shown."""
    visitor.get(f"{PATH}/new")
    form = next(form for form in visitor.page.forms if form.action == f"{PATH}/new")
    return visitor.upload(f"{PATH}/new", status, *files, **(form.filled | typed))


def test_a_call_is_entered_with_a_photo_and_receipted(office: Office, engine: Engine) -> None:
    happen(engine)
    place = {"longitude": str(SPOT[0]), "latitude": str(SPOT[1])}
    told = {
        "kind": KIND,
        "source": "phone",
        "contact": "李先生",
        "outside_number": "T-1",
        "description": "占道\r\n三家",
    }
    receipt = enter(office.desk, 303, jpeg(), **told, **place).follow()
    number = int(receipt.answer.url.path.split("/")[2])
    its = stored(engine, number)
    assert (its.source, its.contact, its.outside_number, its.description) == ("phone", "李先生", "T-1", "占道\n三家")
    for words in ("受理回执", "来电", "可能重复", "T-1"):
        assert words in receipt.text, words
    assert its.number in receipt.text
    assert "李先生" not in receipt.text
    assert NOW - timedelta(minutes=2) < its.reported_at <= datetime.now(UTC)
    with session_scope(engine) as session:
        assert session.scalars(select(Exhibit.shows)).all() == ["found"]
    assert listed(office.desk, "show=mine") == [number]


def test_a_form_that_is_sent_twice_is_stored_once(office: Office, engine: Engine) -> None:
    place = {"longitude": str(SPOT[0]), "latitude": str(SPOT[1])}
    first = enter(office.desk, kind=KIND, client_id="entry-1", reported_at="2026-11-01T08:00", **place).place
    assert enter(office.desk, kind=KIND, client_id="entry-1", reported_at="2026-11-01T08:00", **place).place == first
    assert stored(engine, 1).reported_at == datetime(2026, 11, 1, tzinfo=UTC)


def test_where_only_the_cell_is_known_a_point_inside_is_taken(office: Office, engine: Engine) -> None:
    enter(office.desk, kind=KIND, cell=SUBSTATION)
    assert stored(engine, 1).answering_code == SUBSTATION


@pytest.mark.parametrize(
    ("typed", "status", "words"),
    [
        ({"cell": SUBSTATION}, 422, "请选择事件类别"),
        ({"kind": KIND}, 422, "请在地图上点选位置"),
        ({"kind": KIND, "longitude": "114"}, 422, "经度和纬度都要填写"),
        ({"kind": KIND, "longitude": "999", "latitude": "1"}, 422, ""),
        ({"kind": KIND, "longitude": "nan", "latitude": "1"}, 422, ""),
        ({"kind": KIND, "cell": "x"}, 404, "没有这个编码的网格"),
        ({"kind": KIND, "cell": SUBSTATION, "reported_at": "x"}, 422, "上报时间"),
        ({"kind": KIND, "cell": SUBSTATION, "source": "x"}, 422, ""),
        ({"kind": "X", "cell": SUBSTATION}, 422, ""),
        ({"kind": "L1201", "cell": SUBSTATION}, 422, ""),
    ],
)
def test_an_entry_that_is_not_taken_is_shown_again_as_typed(
    office: Office, engine: Engine, typed: dict[str, str], status: int, words: str
) -> None:
    shown = enter(office.desk, status, description="三家摊贩", **typed)
    assert (words in shown.text, "三家摊贩" in shown.text, 'role="alert"' in shown.answer.text) == (True, True, True)
    with session_scope(engine) as session:
        assert session.scalars(select(Incident)).all() == []


def test_a_file_that_is_no_photo_stops_the_entry(office: Office, engine: Engine) -> None:
    shown = enter(office.desk, 422, b"no photo", kind=KIND, cell=SUBSTATION)
    assert ("不是完好的" in shown.text, "照片没有保存" in shown.text) == (True, True)


# --- who, and in which words -------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["administrator", "liaison", "mediator", "confidential_handler", "auditor"])
def test_who_may(visit: Visit, role: str) -> None:
    may = bool({"incidents", "report"} & ROLES[role])
    visitor = visit((role, None)).get("/me")
    assert (f'href="{PATH}"' in visitor.answer.text) == may
    for path in (PATH, f"{PATH}/new"):
        visitor.get(path, 200 if may else 403)


def test_a_shared_phone_is_sent_to_its_own_page(visit: Visit, engine: Engine) -> None:
    with session_scope(engine, write=True) as session:
        phone = issue(session, "device", cell_code=COMMUNITY, name="1 号机").words
    for path in (PATH, f"{PATH}/new", f"{PATH}/1", f"{PATH}/1/receipt"):
        assert "共用手机" in visit(device=phone).get(path, 403).text


def test_it_speaks_english(office: Office, engine: Engine) -> None:
    number = happen(engine)
    make(office.desk, number, "file", condition="1")
    office.desk.client.cookies.set("gisgrid-language", "en")
    for path in (f"{PATH}?show=open", f"{PATH}/{number}", f"{PATH}/{number}/receipt"):
        text = re.sub(
            "中文|葵涌街道|社区[23]|分站[\\d-]+|zhan|北 N|示意图 illustrative", "", office.desk.get(path).text
        )
        assert (path, re.findall("[一-鿿]", text)) == (path, [])


@pytest.mark.parametrize(
    ("seconds", "clock", "words"),
    [
        (0, "normal", ("0 分", "0 min")),
        (59, "urgent", ("0 分", "0 min")),
        (4 * 3600, "normal", ("4 小时", "4 h")),
        (8 * 3600, "normal", ("1 个工作日", "1 working d")),
        (8 * 3600, "urgent", ("8 小时", "8 h")),
        (24 * 3600 + 61, "urgent", ("1 天 1 分", "1 d 1 min")),
        (9 * 3600 + 1800 + 5 * 8 * 3600, "normal", ("6 个工作日 1 小时", "6 working d 1 h")),
    ],
)
def test_lasting(seconds: int, clock: Any, words: tuple[str, str]) -> None:
    assert lasting(seconds, clock) == Both(*words)


@pytest.mark.parametrize(
    ("minutes", "acts", "shown"),
    [
        (60, ["start"], ("green", "●", "正常", "余 1 小时")),
        (100, ["start"], ("yellow", "▲", "临期", "余 20 分")),
        (150, ["start"], ("red", "■", "超期", "超 30 分")),
        (60, ["start", "pause"], ("off", "‖", "停表", "余 2 小时")),
        (60, ["start", "stop"], ("off", "✓", "已停", "按期")),
        (60, [], ("off", "○", "未起算", "")),
    ],
)
def test_a_light_has_a_sign_and_words(minutes: int, acts: list[Any], shown: tuple[str, ...]) -> None:
    begun = NOW - timedelta(minutes=minutes)
    clock = reading([Tick(act, begun) for act in acts], Limit("urgent", 7200), Calendar(ZONE), NOW)
    light = light_of(clock, "urgent")
    assert (light.css, light.sign, light.words.zh, light.more.zh) == shown


# --- in the browser ---------------------------------------------------------------------------------


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_in_the_browser(page: Page, context: BrowserContext, served: str, engine: Engine) -> None:
    lay(engine)
    let_in(context, served, session_of(engine, ("station_staff", SUBSTATION)))
    page.goto(f"{served}{PATH}/new")
    page.get_by_label("按名称查找类别").fill("店外经营")
    expect(page.locator("#kind")).to_have_value(KIND)
    page.get_by_label("工作人员上报").check()
    page.locator("#map").click()
    expect(page.locator("#map path.fault")).to_have_count(1)
    expect(page.locator("#longitude")).to_have_value(re.compile(r"^11\d\.\d+$"))
    page.locator("#file").set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": jpeg(400, 300)})
    page.get_by_label("情况").fill("占道" * 60)
    page.locator("#longitude").fill(str(SPOT[0]))
    page.locator("#latitude").fill(str(SPOT[1]))
    assert sound(page) == []
    page.get_by_role("button", name="保存并出回执").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("受理回执")
    expect(page.get_by_role("button", name="打印")).to_be_visible()
    assert sound(page) == []
    page.get_by_role("link", name="打开案件").click()
    expect(page.get_by_alt_text("发现时的照片 1")).to_be_visible()
    page.locator("summary", has_text=re.compile("^立案$")).click()
    page.locator("#file-words").fill("属实")
    assert sound(page) == []
    page.get_by_role("button", name="立案", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("已办理：立案")
    page.goto(f"{served}{PATH}")
    page.get_by_text("查询条件").click()
    assert sound(page) == []


def sound(page: Page) -> list[Any]:
    """Return what axe finds wrong, and the widths at which the page does not fit."""
    found: list[Any] = []
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 700})
        if page.evaluate("document.documentElement.scrollWidth") != width:
            found.append(width)
    return found + violations(page)
