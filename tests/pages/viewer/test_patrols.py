"""The layers of the viewer that show patrols: each by itself, and what it takes to see persons."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import Engine, update

from gisgrid.audit.record import OPERATOR
from gisgrid.database import session_scope
from gisgrid.parameters import Period
from gisgrid.patrols.plans.gaps import settle_gaps
from gisgrid.patrols.plans.tables import Gap
from gisgrid.patrols.suggest.suggest import suggest
from gisgrid.patrols.tables import Fix, Patroller, Shift
from gisgrid.settings import Settings
from tests.laid import SPOT, lay
from tests.pages.conftest import let_in, session_of
from tests.patrols.plans.worlds import a_walker, planned, store_two
from tests.staff.builders import audited

pytestmark = pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)

SETTINGS = Settings()
DAYS = timedelta(days=1)


@pytest.fixture
def street(served: str, engine: Engine) -> str:
    """The address of the service, with a street and two checkpoints."""
    lay(engine)
    store_two(engine)
    return served


def walked(engine: Engine, *minutes_ago: float, ref: str = "zhangsan", on_duty: bool = True) -> None:
    """Let somebody have walked from SPOT northward, a fix at each of some times."""
    now = datetime.now(UTC)
    with session_scope(engine, write=True) as session:
        patroller = Patroller(ref=ref)
        session.add(patroller)
        session.flush()
        start, end = now - timedelta(hours=9), now + timedelta(hours=1 if on_duty else -1)
        session.add(Shift(patroller_id=patroller.id, started_at=start, ended_at=end, signed_on_at=start))
        for number, minutes in enumerate(sorted(minutes_ago, reverse=True)):
            x, y = SPOT[0], SPOT[1] + number * 1e-4
            place = {"longitude": x, "latitude": y, "raw_longitude": x, "raw_latitude": y, "crs": "EPSG:4326"}
            times = {"fix_at": now - timedelta(minutes=minutes), "received_at": now}
            its = {"client_id": f"{ref} {number}", "sender_id": patroller.id, "patroller_id": patroller.id}
            session.add(Fix(**its, **times, **place, accuracy_m=12.0, attributes='{"bearing_deg": 90}'))


def opened(page: Page, url: str, search: str) -> Page:
    page.goto(f"{url}/{search}")
    expect(page.locator("#panel h2")).to_be_visible()
    return page


def say_what_for(page: Page) -> None:
    page.get_by_role("dialog").get_by_role("textbox").fill("核查在岗情况")
    page.keyboard.press("Enter")


def mark(page: Page, css: str) -> Locator:
    return page.locator(f".leaflet-marker-icon.{css}")


# --- checkpoints, gaps, suggested rounds ------------------------------------------------------------


def test_checkpoints_show_how_their_rounds_stand(page: Page, street: str, engine: Engine) -> None:
    planned(engine, at=("00:00",), duration_min=1440, grace_min=0)
    opened(page, street, "?period=today&layers=checkpoints")
    expect(mark(page, "checkpoint")).to_have_count(2)
    expect(mark(page, "checkpoint.due")).to_have_attribute("aria-label", re.compile("码头.*C1.*待到访"))
    expect(page.locator("#key")).to_contain_text("待到访")
    expect(page.locator("path.reach")).to_have_count(0)
    opened(page, street, f"?period=today&layers=checkpoints&view={SPOT[0]},{SPOT[1]},16")
    expect(page.locator("path.reach")).to_have_count(2)
    mark(page, "checkpoint.due").focus()
    expect(page.locator(".card strong")).to_have_text("码头")


def test_whoever_sees_no_rounds_sees_where_checkpoints_are(page: Page, street: str, engine: Engine) -> None:
    planned(engine, at=("00:00",), duration_min=1440, grace_min=0)
    let_in(page.context, street, session_of(engine, ("mediator", None)))
    opened(page, street, "?period=today&layers=checkpoints,gaps,positions,tracks,suggested")
    expect(mark(page, "checkpoint")).to_have_count(2)
    expect(mark(page, "due")).to_have_count(0)
    expect(page.locator("#layer-list")).not_to_contain_text("轨迹回放")
    expect(page.locator("#duty h3")).to_have_count(0)
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_gaps_are_shown_and_go_as_they_are_closed(page: Page, street: str, engine: Engine) -> None:
    now = datetime.now(UTC)
    first = (now - 3 * DAYS).date()
    planned(engine, at=("00:00",), duration_min=60, grace_min=0, first_day=first)
    settle_gaps(engine, SETTINGS, Period(now - 3 * DAYS, now - DAYS), now)
    opened(page, street, "?period=today&layers=gaps")
    expect(mark(page, "gap")).to_have_attribute("aria-label", re.compile("码头.*由工作分站负责"))
    expect(page.locator("#tray")).to_contain_text("码头")
    expect(page.locator("#duty")).to_contain_text("未关闭漏巡")
    expect(page.locator("#tray").get_by_role("link")).to_have_attribute("href", "/rounds/gaps")
    mark(page, "gap").press("Enter")
    expect(page.locator("#tray").get_by_role("button", name="全部")).to_be_visible()
    with session_scope(engine, write=True) as session:
        session.execute(update(Gap).values(closed_as="reason", closed_at=now, reason="台风"))
    expect(mark(page, "gap")).to_have_count(0)
    expect(page.locator("#tray")).to_contain_text("没有未关闭的漏巡")


def test_a_suggested_round_is_drawn_and_chosen(page: Page, street: str, engine: Engine) -> None:
    planned(engine, at=("00:00",), duration_min=1440, grace_min=0)
    opened(page, street, "?period=today&layers=suggested")
    expect(page.locator("#tray").get_by_role("link")).to_have_attribute("href", "/rounds/suggestions")
    for person in (a_walker(engine, name) for name in ("lisi", "wangwu")):
        with session_scope(engine, write=True) as session:
            suggest(session, SETTINGS, OPERATOR, person, 60, datetime.now(UTC), is_own=False)
    opened(page, street, "?period=today&layers=suggested")
    expect(page.locator("#tray").get_by_role("radio")).to_have_count(2)
    expect(mark(page, "start")).to_have_count(1)
    expect(page.locator("path.suggested:not(.casing, .aside-way)")).to_have_count(1)
    expect(page.locator("#tray ol li").first).not_to_be_empty()
    page.locator("#tray").get_by_role("radio").last.check()
    expect(page.locator("#tray").get_by_role("radio").last).to_be_focused()
    expect(mark(page, "start")).to_have_attribute("aria-label", re.compile("lisi"))


# --- persons ---------------------------------------------------------------------------------------


def test_where_people_are_is_shown_for_a_purpose_alone_and_on_record(page: Page, street: str, engine: Engine) -> None:
    walked(engine, 3)
    walked(engine, 100, ref="lisi")
    opened(page, street, "?period=today&layers=positions")
    page.get_by_role("dialog").get_by_role("button", name="取消").click()
    expect(page.locator("#status")).to_contain_text("未写明用途")
    assert audited(engine, "track.read") == []
    page.reload()
    say_what_for(page)
    expect(mark(page, "walker")).to_have_count(2)
    expect(mark(page, "walker.silent")).to_have_attribute("aria-label", re.compile("lisi.*静默"))
    here = mark(page, "walker.heads:not(.silent)")
    expect(here).to_have_attribute("aria-label", re.compile("zhangsan.*3 分前.*±12 米"))
    expect(page.locator("path.reach.walker")).to_have_count(2)
    assert {each.detail["purpose"] for each in audited(engine, "track.read")} == {"核查在岗情况"}
    assert len(audited(engine, "track.read")) == 2
    expect(page.locator("#duty .now span")).to_have_count(0)  # neither lies in a cell, as far as is stored
    page.locator("#layers summary").click()
    page.get_by_role("checkbox", name="人员位置").uncheck()
    expect(mark(page, "walker")).to_have_count(0)


def test_a_track_is_replayed_by_keyboard(page: Page, street: str, engine: Engine) -> None:
    page.emulate_media(reduced_motion="reduce")
    walked(engine, 480, 479, 478, 477, 60, 59)
    opened(page, street, "?layers=tracks&period=7d")
    say_what_for(page)
    page.locator("#track-of").fill("zhangsan")
    page.keyboard.press("Enter")
    replay = page.get_by_role("group", name="回放")
    play, clock, slider = replay.get_by_role("button"), replay.locator(".clock"), replay.get_by_role("slider")
    expect(page.locator("#tray")).to_contain_text("6 个定位，1 段失联")
    expect(page.locator("path.track.whole")).to_have_count(1)
    expect(page.locator("path.silence")).to_have_count(1)
    expect(play).to_have_attribute("data-state", "paused")  # it never begins by itself
    begun = clock.inner_text()
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(clock).not_to_have_text(begun)
    page.keyboard.press("Home")
    expect(clock).to_have_text(begun)
    replay.get_by_role("radio", name="×300").check()
    slider.focus()
    page.keyboard.press("Space")
    expect(play).to_have_attribute("data-state", "playing")
    expect(clock).not_to_have_text(begun)
    play.press("Enter")
    expect(play).to_have_attribute("data-state", "paused")
    slider.press("End")
    expect(page.locator("path.walker-now")).to_have_count(1)
    page.locator("#layers summary").click()
    page.get_by_role("checkbox", name="轨迹回放").uncheck()
    expect(page.locator("#tray")).to_be_hidden()
    expect(page.locator("path.walker-now")).to_have_count(0)


def test_who_has_no_track_and_what_is_too_long_is_told(page: Page, street: str, engine: Engine) -> None:
    opened(page, street, "?period=today&layers=tracks")
    say_what_for(page)
    page.locator("#track-of").fill("nobody")
    page.get_by_role("button", name="显示轨迹").click()
    expect(page.locator("#tray")).to_contain_text("nobody 在本时段没有打卡")
    many = {"type": "FeatureCollection", "features": [], "numberMatched": 10_001, "numberReturned": 0, "links": []}
    page.route("**/api/check-ins?**", lambda route: route.fulfill(json=many))
    page.get_by_role("button", name="显示轨迹").click()
    expect(page.locator("#tray")).to_contain_text("请选短一些的时段")


@pytest.mark.parametrize(("width", "height"), [(360, 640), (1366, 768)])
def test_nothing_sticks_out(page: Page, street: str, engine: Engine, width: int, height: int) -> None:
    walked(engine, 3, 2, 1)
    page.set_viewport_size({"width": width, "height": height})
    opened(page, street, "?period=today&layers=checkpoints,gaps,suggested,tracks,positions")
    say_what_for(page)
    expect(mark(page, "walker")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


# --- heat ------------------------------------------------------------------------------------------


def test_heat_lies_over_dimmed_cells(page: Page, street: str, engine: Engine) -> None:
    walked(engine, 0, 5)
    opened(page, street, "?layers=heat")
    cell = page.locator("path.cell").first
    expect(cell).to_have_css("fill-opacity", "0.35")
    paints = """it => it.getContext("2d").getImageData(0, 0, it.width, it.height).data.some((part) => part > 0)"""
    assert page.locator(".leaflet-heat-pane canvas").evaluate(paints)
    page.get_by_text("图层", exact=True).click()
    page.locator("#layer-heat").uncheck()
    expect(cell).to_have_css("fill-opacity", "1")
