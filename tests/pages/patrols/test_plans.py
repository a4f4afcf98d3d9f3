"""The page on which staff see, make and end plans."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import Engine, select

from gisgrid.audit.record import OPERATOR
from gisgrid.database import session_scope
from gisgrid.patrols.plans.change_plans import change_plan
from gisgrid.patrols.plans.read_plans import known
from gisgrid.patrols.plans.tables import Plan
from gisgrid.patrols.plans.terms import Place, clock
from tests.laid import COMMUNITY, SUBSTATION
from tests.pages.browsing import Visitor
from tests.pages.conftest import Visit, let_in, session_of
from tests.patrols.plans.builders import ZONE
from tests.patrols.plans.worlds import AWAY, SETTINGS, a_walker, a_wish, planned, settle_down, store_two, today
from tests.staff.builders import audited

PATH = "/rounds/plans"
STAFF = ("station_staff", SUBSTATION)


@pytest.fixture
def staff(visit: Visit, engine: Engine) -> Visitor:
    store_two(engine)
    a_walker(engine, "zhang")
    a_walker(engine, "far", AWAY)
    return visit(STAFF, name="zhan")


def plans(engine: Engine) -> list[tuple[Any, ...]]:
    """Return name, kind, days, places, times and people of all plans."""
    with session_scope(engine) as session:
        rows = session.scalars(select(Plan).order_by(Plan.id)).all()
        found = []
        for row, its in zip(rows, known(session, rows), strict=True):
            terms = its.planned.terms[-1]
            times = [clock(moment) for moment in terms.at] or [list(map(clock, window)) for window in terms.windows]
            people = len(its.people.get(terms.since, ()))
            found.append((row.name, row.is_operation, row.last_day, [*terms.places], times, terms.times_a_day, people))
    return found


def typed(**changes: Any) -> dict[str, Any]:
    return {
        "name": "码头",
        "kind": "plan",
        "place": "checkpoint:C1",
        "first_day": str(today()),
        "at": "9:00，15:30",
        "weekday": list("12345"),
        "every_days": "1",
        "times": "fixed",
        "duration_min": "60",
        "grace_min": "15",
        **changes,
    }


def send(visitor: Visitor, status: int = 303, **changes: Any) -> Visitor:
    return visitor.post(PATH, status, form_token=visitor.get(PATH).form_token, **typed(**changes))


def test_what_there_is_to_choose_lies_in_one_s_cells(staff: Visitor) -> None:
    text = staff.get(PATH).answer.text
    mine = ('value="checkpoint:C1"', f'value="cell:{SUBSTATION}"', 'value="zhang"')
    assert [words for words in mine if words not in text] == []
    assert [words for words in ("C9", f'value="cell:{COMMUNITY}"', 'value="far"') if words in text] == []


def test_a_plan_is_made_with_the_form_as_it_stands(staff: Visitor, engine: Engine) -> None:
    staff.get(PATH)
    sent = staff.send(PATH, name="早晚巡", place="checkpoint:C1", at="09:00 15:30")
    assert "计划已制定" in sent.follow().text
    assert plans(engine) == [("早晚巡", False, None, [Place("checkpoint", "C1")], ["09:00", "15:30"], 0, 0)]
    there = ("早晚巡", "09:00、15:30", "码头", "当班任何人", "时长 1 小时，宽限 15 分钟")
    assert [words for words in there if words not in staff.text] == []
    (entry,) = audited(engine, "plan.made")
    assert entry.actor == "person"


def test_an_operation_by_some_people_at_random(staff: Visitor, engine: Engine) -> None:
    last = today() + timedelta(days=9)
    send(
        staff, kind="operation", last_day=str(last), place=["checkpoint:C1", f"cell:{SUBSTATION}"], person="zhang",
        times="random", windows="8:00-12:00、20:00–02:00", times_a_day="3",
    )  # fmt: skip
    places = [Place("checkpoint", "C1"), Place("cell", SUBSTATION)]
    windows = [["08:00", "12:00"], ["20:00", "02:00"]]
    assert plans(engine) == [("码头", True, last, places, windows, 3, 1)]
    text = staff.follow().text
    there = ("专项行动", "08:00–12:00、20:00–02:00 内每天随机 3 次", "周一", "zhang", f"{today()} – {last}")
    assert [words for words in there if words not in text] == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": " "}, "请填写计划名称"),
        ({"place": []}, "请至少勾选一个地点"),
        ({"weekday": []}, "请至少勾选一个星期几"),
        ({"at": ""}, "时间请写成 09:00"),
        ({"at": "nine"}, "时间请写成 09:00"),
        ({"at": "25:00"}, "没有这样的钟点"),
        ({"at": "09:00 09:30"}, "间隔短于一次巡查的时长"),
        ({"times": "random", "windows": "08:00"}, "时段请写成"),
        ({"times": "random", "windows": "08:00-09:00", "times_a_day": "2"}, "最多容得下 1 次"),
        ({"times": "random", "windows": "08:00-09:00", "times_a_day": ""}, "请写数字"),
        ({"duration_min": "-5"}, "请写数字"),
        ({"duration_min": "9999"}, "不能大于 1440"),
        ({"first_day": "26.11."}, "应为日期"),
        ({"kind": "operation"}, "专项行动要有最后一天"),
        ({"last_day": "2020-01-01"}, "最后一天早于第一天"),
        ({"place": "checkpoint:C9"}, "不归您负责"),
        ({"place": "nonsense"}, "code：缺少"),
        ({"person": "far"}, "没有此登录名的巡查员"),
    ],
)
@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_what_cannot_be_made_is_told_and_what_was_typed_stays(
    staff: Visitor, engine: Engine, changes: dict[str, Any], words: str
) -> None:
    text = send(staff, 404 if "C9" in str(changes) or "far" in str(changes) else 422, **changes).text
    assert words in text
    assert plans(engine) == []
    form = next(form for form in staff.page.forms if form.action == PATH)
    given = typed(**changes)
    kept = {name: form.filled.get(name, "") for name in ("name", "at", "first_day", "duration_min", "windows")}
    assert kept == {name: str(given.get(name, "")).strip() for name in kept}


def test_a_plan_is_ended(staff: Visitor, visit: Visit, engine: Engine) -> None:
    mine, other = planned(engine), planned(engine, places=(Place("checkpoint", "C9"),))
    staff.get(PATH)
    assert (staff.has_form(f"{PATH}/{mine}/end"), staff.has_form(f"{PATH}/{other}/end")) == (True, False)
    assert "计划已结束" in staff.send(f"{PATH}/{mine}/end").follow().text
    assert "已结束" in staff.text
    assert not staff.has_form(f"{PATH}/{mine}/end")
    assert "已经结束" in staff.post(f"{PATH}/{mine}/end", 409, form_token=staff.form_token).text
    staff.post(f"{PATH}/{other}/end", 404, form_token=staff.form_token)


def test_a_plan_leads_to_its_report(staff: Visitor, visit: Visit, engine: Engine) -> None:
    start = (datetime.now(UTC) - timedelta(hours=1)).astimezone(ZONE)
    day = {"first_day": start.date(), "last_day": start.date()}
    mine = planned(engine, name="冬防", is_operation=True, at=(start.strftime("%H:%M"),), duration_min=10, **day)
    other = planned(engine, places=(Place("checkpoint", "C9"),))
    assert f'href="{PATH}/{mine}"' in staff.get(PATH).answer.text
    text = staff.get(f"{PATH}/{mine}").text
    assert [words for words in ("冬防", "码头", "完成率 0 %", "打卡 0", f"{start.date()}") if words not in text] == []
    staff.get(f"{PATH}/{other}", 404)
    visit(("patroller", SUBSTATION), name="lu").get(f"{PATH}/{mine}", 403)


def test_who_does_not_plan_looks_on(staff: Visitor, visit: Visit, engine: Engine) -> None:
    planned(engine, at=("09:00",), every_days=3, weekdays=(1, 2))
    cadre = visit(("cadre", COMMUNITY)).get(PATH)
    assert [words for words in ("码头巡查", "每 3 天", "周一 周二", "长期") if words not in cadre.text] == []
    assert not any(form.action.startswith(PATH) for form in cadre.page.forms)
    cadre.post(PATH, 403, form_token=cadre.get("/me").form_token, **typed())
    assert "码头巡查" not in visit(("station_staff", AWAY)).get(PATH).text


def test_a_plan_that_changes_tomorrow_says_so(staff: Visitor, engine: Engine) -> None:
    plan = planned(engine)
    with session_scope(engine, write=True) as session:
        change_plan(session, SETTINGS, OPERATOR, plan, a_wish(at=("15:00",)))
    assert f"（{today() + timedelta(days=1)} 起）" in staff.get(PATH).text


def test_it_speaks_english(staff: Visitor, engine: Engine) -> None:
    planned(engine, windows=("08:00-12:00",), times_a_day=2, every_days=2, weekdays=(1, 3))
    planned(engine, is_operation=True, last_day=date(2026, 11, 2))
    staff.client.cookies.set("gisgrid-language", "en")
    text = re.sub("中文|码头巡查|码头|分站2-1", "", staff.get(PATH).text)
    assert re.findall("[一-鿿]", text) == []
    there = ("08:00–12:00, 2 a day at random, every 2 days, Mon Wed", "over")
    assert [words for words in there if words not in text] == []


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
@pytest.mark.parametrize("width", [1280, 360])
def test_in_the_browser_by_keyboard(
    page: Page, context: BrowserContext, served: str, engine: Engine, width: int
) -> None:
    settle_down(engine)
    planned(engine, name="w" * 90, places=(Place("checkpoint", "C1"),))
    let_in(context, served, session_of(engine, ("street_leader", None)))
    page.set_viewport_size({"width": width, "height": 640})
    page.goto(f"{served}{PATH}")
    page.locator("details.making > summary").focus()
    page.keyboard.press("Enter")
    page.get_by_label("名称").fill("夜巡")
    station = page.locator("fieldset.choices details", has_text="分站2-1").first
    station.locator("summary").focus()
    page.keyboard.press("Enter")
    station.get_by_label("码头").focus()
    page.keyboard.press("Space")
    page.get_by_label("开始时间").fill("22:00")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.get_by_role("button", name="制定").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("计划已制定")
    expect(page.locator("tbody")).to_contain_text("夜巡")
    assert page.evaluate("document.documentElement.scrollWidth") == width
