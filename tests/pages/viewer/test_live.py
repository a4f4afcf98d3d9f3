"""The viewer shows by itself what others do, says how its connection stands, and heals it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect
from sqlalchemy import Engine, update

from gisgrid.database import session_scope
from gisgrid.staff.tables import Token
from tests.laid import SPOT, SUBSTATION, lay
from tests.patrols.asking import CHECK_INS, Asking, a_fix, ago, somebody

pytestmark = pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)

ONLY = "/api/live?only="


@pytest.fixture
def zhang(served: str, engine: Engine) -> Iterator[Asking]:
    """A patroller on duty, who sends from elsewhere."""
    lay(engine)
    with httpx.Client(base_url=served, timeout=20) as client:
        zhang = somebody(client, engine, "patroller")  # type: ignore[arg-type]
        zhang.sign_on(started_at=ago(hours=1).isoformat())
        yield zhang


def at(place: tuple[float, float] = SPOT, **more: Any) -> dict[str, Any]:
    return {"longitude": place[0], "latitude": place[1], **more}


HEARD = """async () => {
  const { stateOf } = await import("/static/viewer/live/follow.js");
  while (!stateOf("arrivals")) await new Promise(requestAnimationFrame);
}"""
"""What comes after it is news."""


def lamp(page: Page) -> Locator:
    return page.locator("#link")


def opened(page: Page, served: str, search: str = "?period=today") -> Page:
    page.goto(f"{served}/{search}")
    expect(page.locator("#panel h2")).to_be_attached()  # behind an incident that is open, too
    expect(lamp(page)).to_have_attribute("data-state", "open")
    page.evaluate(HEARD)
    return page


def test_check_ins_and_incidents_of_others_appear_and_can_be_opened(page: Page, served: str, zhang: Asking) -> None:
    opened(page, served)
    expect(page.locator("#duty .now")).to_have_text("在岗 0 人")
    assert zhang.post(CHECK_INS, a_fix("1", datetime.now(UTC)))["standing"] == "counted"
    line = page.locator("#recent li.arrival")
    expect(page.locator("#recent summary")).to_have_text("刚刚 1")
    expect(page.locator("#duty .now")).to_have_text("在岗 1 人")
    expect(page.locator("#panel dl div", has_text="打卡").locator("dd span").first).to_have_text(
        "1"
    )  # the figures, too
    page.locator("#recent summary").click()
    expect(line).to_contain_text("分站2-1 打卡 +1")
    zhang.post(CHECK_INS, a_fix("2", datetime.now(UTC)))
    expect(line).to_contain_text("分站2-1 打卡 +2")
    answer = zhang.post("/api/incidents", {"kind": "L0201", "reported_at": ago(minutes=1).isoformat(), **at()})
    told = page.locator("#recent li.incident a")
    expect(told).to_contain_text("已上报")
    expect(told).to_have_attribute("href", f"/incidents/{answer['id']}")
    page.locator("#language").click()
    expect(line).to_contain_text("分站2-1: +2 check-ins")
    expect(lamp(page)).to_have_text("Live")
    line.get_by_role("button").click()
    expect(page.locator("#panel h2")).to_contain_text(SUBSTATION)


def test_incidents_that_move_are_handed_to_their_layer(page: Page, served: str, zhang: Asking) -> None:
    opened(page, served)
    script = """async () => {
      const { followLive } = await import("/static/viewer/live/follow.js");
      const told = (changes, all, isFirst) => {
        document.body.dataset.heard += `${isFirst} ${Object.values(changes).map((row) => row.state)};`;
      };
      document.body.dataset.heard = "";
      followLive({ settings: { may: ["incidents"] }, cells: () => null }, { onIncidents: told });
    }"""
    page.evaluate(script)
    expect(page.locator("body")).to_have_attribute("data-heard", "true ;")
    zhang.post("/api/incidents", {"kind": "L0201", "reported_at": ago(minutes=1).isoformat(), **at()})
    expect(page.locator("body")).to_have_attribute("data-heard", "true ;false reported;")


def test_a_cut_is_shown_and_heals_by_itself(served: str, tolerant: Page, zhang: Asking) -> None:
    page = opened(tolerant, served)
    page.route("**/api/live**", lambda route: route.abort())
    page.context.set_offline(True)
    expect(lamp(page)).to_have_text("连接中断，正在重连…")
    page.context.set_offline(False)
    expect(lamp(page)).to_have_attribute("data-state", "cut")
    zhang.post(CHECK_INS, a_fix("1", datetime.now(UTC)))
    zoom = page.get_by_role("button", name="放大到此")
    zoom.focus()
    with page.expect_request("**/api/incidents/map?**"):
        page.unroute_all()  # from here on it may heal by itself: what was held back goes through, too
        page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(lamp(page)).to_have_text("实时")
    expect(page.locator("#panel dl div", has_text="打卡").locator("dd span").first).to_have_text("1")
    expect(zoom).to_be_focused()  # though the panel was filled anew
    expect(page.locator("#recent summary")).to_have_text("刚刚 1")  # what was missed meanwhile


def test_an_incident_that_could_not_be_read_is_read_when_it_heals(served: str, tolerant: Page, zhang: Asking) -> None:
    made = zhang.post("/api/incidents", {"kind": "L0201", "reported_at": ago(minutes=1).isoformat(), **at()})
    tolerant.route("**/api/incidents/*/case*", lambda route: route.abort())
    page = opened(tolerant, served, f"?period=today&incident={made['id']}")
    expect(page.locator("#opened .failure")).to_contain_text("连不上服务")
    page.unroute_all()
    page.context.set_offline(True)
    expect(lamp(page)).to_have_attribute("data-state", "cut")
    page.context.set_offline(False)
    expect(page.locator("#opened h2")).to_contain_text("邻里纠纷")


def test_what_could_not_be_fetched_later_is_told(served: str, tolerant: Page) -> None:
    tolerant.route("**/later.js", lambda route: route.abort())
    tolerant.goto(f"{served}/")
    expect(tolerant.locator("#status")).to_contain_text("连不上服务")
    tolerant.unroute_all()
    tolerant.get_by_role("button", name="重试").click()
    expect(tolerant.get_by_role("button", name="深色")).to_be_visible()


def test_without_a_stream_it_asks(served: str, tolerant: Page, zhang: Asking) -> None:
    tolerant.route(f"**{ONLY}**", lambda route: route.abort())
    tolerant.goto(f"{served}/?period=today")
    expect(lamp(tolerant)).to_have_text("每 5 秒查询")
    zhang.post(CHECK_INS, a_fix("1", datetime.now(UTC)))
    expect(tolerant.locator("#recent summary")).to_have_text("刚刚 1")


def test_whoever_is_signed_out_meanwhile_is_told(served: str, tolerant: Page, zhang: Asking, engine: Engine) -> None:
    page = opened(tolerant, served, "?period=today&lang=en")
    with session_scope(engine, write=True) as session:
        session.execute(update(Token).where(Token.kind == "session").values(revoked_at=datetime.now(UTC)))
    expect(lamp(page).get_by_role("link")).to_have_attribute("href", "/sign-in?next=%2F%3Fperiod%3Dtoday%26lang%3Den")


def test_several_windows_share_one_stream(page: Page, context: BrowserContext, served: str, zhang: Asking) -> None:
    opened(page, served)
    other = opened(context.new_page(), served)
    expect(lamp(page)).to_have_text("实时（经另一窗口）")
    zhang.post(CHECK_INS, a_fix("1", datetime.now(UTC)))
    for each in (other, page):
        expect(each.locator("#recent summary")).to_have_text("刚刚 1")
    other.close()
    expect(lamp(page)).to_have_text("实时")


LIT = """
    window.lit = false;
    new MutationObserver(() => { window.lit ||= Boolean(document.querySelector("path.lit")); })
        .observe(document.body, { subtree: true, attributeFilter: ["class"] });
"""


def test_its_outline_lights_up_unless_nothing_is_to_move(page: Page, served: str, zhang: Asking) -> None:
    for number, (motion, moves) in enumerate((("reduce", False), ("no-preference", True))):
        page.emulate_media(reduced_motion=motion)  # type: ignore[arg-type]
        opened(page, served)
        page.evaluate(LIT)
        zhang.post(CHECK_INS, a_fix(f"m{number}", datetime.now(UTC)))
        expect(page.locator("#recent summary")).to_have_text("刚刚 1")
        assert page.evaluate("window.lit") is moves
    expect(page.locator("path.lit")).to_have_count(0)
