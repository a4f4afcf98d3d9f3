"""Check-ins on the page for patrollers, with a network and without: each stands in the database, once."""

import json
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, Request, Route, expect
from sqlalchemy import Engine

from gisgrid.audit.record import OPERATOR
from gisgrid.database import session_scope
from gisgrid.pages.phone import patrol
from gisgrid.patrols.plans.change_checkpoints import Standing, change_checkpoint, code_at
from gisgrid.settings import Settings
from tests.maps.builders import SOUTH, WEST
from tests.pages.phones import (
    PLACE,
    Phone,
    come_online,
    entry,
    fixes,
    ids_of,
    is_sending,
    now,
    queue,
    wait_for_worker,
    waiting,
)

pytestmark = [pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)]


# --- checking in -----------------------------------------------------------------------------------


def test_a_check_in_is_written_down_sent_and_told(device: Phone, engine: Engine) -> None:
    page = device.open()
    expect(page.locator("#duty-who")).to_have_text("zhangsan 在岗")
    begun = now()
    device.check_in(page)
    expect(entry(page)).to_contain_text("已计入")
    expect(entry(page)).to_contain_text("A0工作分站")
    expect(page.locator("#check-in-told")).to_contain_text("已计入 · A0工作分站 · ±8 米")
    expect(page.locator("#network")).to_have_text("在线 · 全部发出")
    (kept,) = fixes(engine)
    assert (kept.longitude, kept.latitude, kept.accuracy_m) == (PLACE["longitude"], PLACE["latitude"], 8.0)
    assert (kept.standing, kept.is_track) == ("counted", False)
    assert begun - timedelta(seconds=2) < kept.fix_at <= kept.received_at
    (made,) = queue(page)
    assert (made["body"]["client_id"], made["state"]) == (kept.client_id, "done")


def test_a_coarse_position_is_awaited_and_can_be_taken_as_it_is(device: Phone, engine: Engine) -> None:
    page = device.open()
    device.be_at(accuracy=90)
    page.locator("#check-in").click()
    expect(page.locator("#check-in")).to_have_text("就用 ±90 米")
    assert fixes(engine) == []
    device.be_at(accuracy=40)
    expect(page.locator("#check-in")).to_have_text("就用 ±40 米")
    page.locator("#check-in").click()
    expect(entry(page)).to_contain_text("已计入")
    expect(page.locator("#check-in")).to_have_text("打卡")
    assert [kept.accuracy_m for kept in fixes(engine)] == [40.0]


def test_without_leave_to_know_the_place_it_says_what_to_do(device: Phone) -> None:
    device.context.clear_permissions()
    page = device.open(knows_place=False)
    page.locator("#check-in").click()
    expect(page.locator("#check-in-told")).to_contain_text("浏览器不允许定位")
    assert queue(page) == []


def test_a_checkpoint_says_at_once_whether_it_counts_and_wants_its_code(
    device: Phone, engine: Engine, settings: Settings
) -> None:
    place = {"longitude": WEST + 0.001, "latitude": SOUTH + 0.005}
    with session_scope(engine, write=True) as session:
        change_checkpoint(session, settings.zone, OPERATOR, Standing("P0", "码头", **place, code_days=7))
        shown = code_at(session, settings.zone, "P0", now().astimezone(settings.zone).date()).code
    page = device.open()
    device.check_in(page, **place)
    expect(page.locator("#check-in-told")).to_contain_text("打卡点 码头：已到位，请输入或扫描现场的打卡码")
    page.get_by_label("打卡码").fill(f" {shown.lower()} ")
    device.check_in(page, **place)
    expect(page.locator("#check-in-told")).to_contain_text("打卡点 码头：有效，距离 0 米")
    expect(page.get_by_label("打卡码")).to_have_value("")
    assert [kept.proved_checkpoint_id is not None for kept in fixes(engine)] == [False, True]


def test_a_code_in_the_address_is_filled_in_and_not_left_there(device: Phone) -> None:
    page = device.context.new_page()
    page.goto(f"{device.url}/patrol#7KX2P0")
    expect(page.get_by_label("打卡码")).to_have_value("7KX2P0")
    expect(page).to_have_url(f"{device.url}/patrol")


def test_outside_a_shift_it_is_noted_and_counts_after_a_late_sign_on(device: Phone, engine: Engine) -> None:
    device.ask("POST", "/api/shifts/end", json={})
    begun = now()
    page = device.open()
    expect(page.locator("#duty-who")).to_have_text("无人在岗")
    device.check_in(page)
    expect(entry(page)).to_contain_text("班次之外")
    device.sign_on(started_at=begun.isoformat())
    assert [kept.standing for kept in fixes(engine)] == ["counted"]


# --- without a network -----------------------------------------------------------------------------


def test_the_queue_outlives_the_page_and_is_stored_exactly_once(installed: Phone, engine: Engine) -> None:
    page = installed.open()
    wait_for_worker(page)
    installed.context.set_offline(True)
    for step in range(3):
        installed.check_in(page, longitude=PLACE["longitude"] + step / 10_000)
    expect(entry(page)).to_contain_text("待发送")
    expect(page.locator("#network")).to_have_text("离线 · 3 条待发")
    page.close()
    page = installed.open()
    expect(page.locator("#duty-who")).to_have_text("zhangsan 在岗")
    expect(page.locator("#entries .entry.wait")).to_have_count(3)
    expect(page.locator("#map path.land")).to_have_count(1)
    expect(page.locator("#places li")).to_contain_text("码头")
    assert fixes(engine) == []
    installed.context.set_offline(False)
    expect(page.locator("#entries .entry.good")).to_have_count(3)
    expect(page.locator("#network")).to_have_text("在线 · 全部发出")
    stored = sorted(fixes(engine), key=lambda kept: kept.fix_at)
    assert [kept.client_id for kept in stored] == [each["body"]["client_id"] for each in queue(page)]
    assert len({kept.client_id for kept in stored}) == 3
    assert [round((kept.longitude - PLACE["longitude"]) * 10_000) for kept in stored] == [0, 1, 2]


def test_an_answer_that_is_lost_after_the_commit_is_asked_for_again(device: Phone, engine: Engine) -> None:
    page = device.open()
    lost: list[str] = []

    def lose(route: Route) -> None:
        lost.append(route.fetch().text())
        route.abort()

    page.route("**/api/check-ins", lose, times=1)
    device.check_in(page)
    expect(page.locator("#network-told")).to_have_text("连不上服务器，稍后自动再发。")
    assert [json.loads(text)[0]["status"] for text in lost] == ["stored"]
    come_online(page)
    expect(entry(page)).to_contain_text("已计入")
    assert queue(page)[0]["answer"]["status"] == "repeated"
    assert len(fixes(engine)) == 1


def test_a_busy_service_is_left_alone_for_as_long_as_it_says(device: Phone, engine: Engine) -> None:
    page = device.open()
    asked: list[float] = []
    page.on("request", lambda request: asked.append(now().timestamp()) if is_sending(request) else None)
    busy = {"code": "Busy", "description": "忙 / busy"}
    page.route(
        "**/api/check-ins", lambda route: route.fulfill(status=503, headers={"Retry-After": "4"}, json=busy), times=1
    )
    device.check_in(page)
    expect(page.locator("#network-told")).to_have_text("服务器忙，稍后自动再发。")
    device.check_in(page)
    come_online(page)
    assert (waiting(page), len(asked)) == (2, 1)
    expect(page.locator("#entries .entry.good")).to_have_count(2)
    assert asked[1] - asked[0] >= 4
    assert len(fixes(engine)) == 2


def test_what_is_refused_is_shown_with_its_reason_and_blocks_nothing(device: Phone, engine: Engine) -> None:
    page = device.open()
    bad = [
        {"client_id": "odd", "fix_at": now().isoformat(), **PLACE, "crs": "EPSG:999999999"},
        {"client_id": "unread", "fix_at": "yesterday", "longitude": 114, "latitude": 22},
    ]
    put(device, page, *bad)
    device.be_at()
    page.locator("#check-in").click()
    expect(page.locator("#entries .entry.good")).to_have_count(1)
    expect(page.locator("#entries .entry.bad")).to_have_count(2)
    expect(page.locator("#entries .entry.bad").first).to_contain_text("未收下")
    expect(page.locator("#entries .entry.bad").last).to_contain_text("不认识这个坐标系")
    assert len(fixes(engine)) == 1
    page.locator("#entries .entry.bad button").first.click()
    expect(page.locator("#entries .entry.bad")).to_have_count(1)


def put(phone: Phone, page: Page, *bodies: dict[str, Any]) -> None:
    """Write check-ins down, then let the page send them."""
    script = """async ([shift, bodies]) => {
        const store = await import("/static/patroller/store.js");
        const whose = { kind: "fix", owner: "device", shift, patroller: null };
        for (const body of bodies) await store.addEntry({ ...whose, body });
    }"""
    page.evaluate(script, [phone.ask("GET", "/api/duty")["shift"]["id"], bodies])
    come_online(page)


def test_a_long_queue_goes_out_in_order_a_hundred_at_a_time(device: Phone, engine: Engine) -> None:
    page = device.open()
    begun = now()
    times = [(begun + timedelta(milliseconds=number)).isoformat() for number in range(230)]
    sent: list[list[str]] = []
    page.on("request", lambda request: sent.append(ids_of(request)) if is_sending(request) else None)
    put(device, page, *({"client_id": f"{number}", "fix_at": at, **PLACE} for number, at in enumerate(times)))
    expect(page.locator("#entries .entry.good")).to_have_count(50)  # of the newest, which are shown
    assert [len(batch) for batch in sent] == [100, 100, 30]
    assert [client_id for batch in sent for client_id in batch] == [f"{number}" for number in range(230)]
    assert len(fixes(engine)) == 230


def test_what_is_too_much_at_once_is_sent_in_parts_until_the_one_at_fault_shows(device: Phone, engine: Engine) -> None:
    page = device.open()
    problem = {"code": "TooLarge", "description": "太大 / too large"}

    def take_few(route: Route) -> None:
        sent = ids_of(route.request)
        if len(sent) > 2 or "fault" in sent:
            route.fulfill(status=413, json=problem)
        else:
            route.continue_()

    page.route("**/api/check-ins", take_few)
    put(device, page, *({"client_id": each, "fix_at": now().isoformat(), **PLACE} for each in ("a", "b", "fault", "c")))
    expect(page.locator("#entries .entry.bad")).to_contain_text("太大")
    expect(page.locator("#network")).to_have_text("在线 · 全部发出")
    assert sorted(kept.client_id for kept in fixes(engine)) == ["a", "b", "c"]


def test_two_pages_do_not_send_the_same_at_once(device: Phone, engine: Engine) -> None:
    pages = [device.open() for _ in range(2)]
    sent: list[Request] = []
    device.context.on("request", lambda request: sent.append(request) if is_sending(request) else None)
    device.context.set_offline(True)
    for _ in range(2):
        device.check_in(pages[0])
    expect(pages[1].locator("#entries .entry.wait")).to_have_count(2)  # it is told by the other
    device.context.set_offline(False)
    for page in pages:
        expect(page.locator("#entries .entry.good")).to_have_count(2)
    delivered = [len(json.loads(request.post_data or "")) for request in sent if not request.failure]
    assert (delivered, len(fixes(engine))) == ([2], 2)


def test_a_phone_that_cannot_keep_anything_says_so_loudly_and_sends_all_the_same(device: Phone, engine: Engine) -> None:
    device.context.add_init_script(
        "IDBObjectStore.prototype.add = () => { throw new DOMException('', 'QuotaExceededError'); };"
    )
    page = device.open()
    device.context.set_offline(True)
    device.check_in(page)
    expect(page.locator("#banners")).to_contain_text("手机存不下记录：存储空间已满")
    device.context.set_offline(False)
    expect(entry(page)).to_contain_text("已计入")
    expect(page.locator("#banners")).to_be_empty()
    assert len(fixes(engine)) == 1


def test_what_waits_goes_out_while_no_page_is_open(installed: Phone, engine: Engine) -> None:
    page = installed.open()
    wait_for_worker(page)
    installed.context.set_offline(True)
    for _ in range(2):
        installed.check_in(page)
    worker = installed.context.new_cdp_session(page)
    numbers: list[str] = []
    worker.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda told: numbers.extend(each["registrationId"] for each in told["registrations"]),
    )
    worker.send("ServiceWorker.enable")
    page.goto("about:blank")
    installed.context.set_offline(False)
    sync = {"origin": installed.url, "registrationId": numbers[0], "tag": "send", "lastChance": False}
    worker.send("ServiceWorker.dispatchSyncEvent", sync)
    for _ in range(100):
        page.wait_for_timeout(100)
        if len(fixes(engine)) == 2:
            break
    assert len(fixes(engine)) == 2
    page = installed.open()
    expect(page.locator("#entries .entry.good")).to_have_count(2)


def test_a_new_version_is_taken_and_the_queue_stays(installed: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    page = installed.open()
    wait_for_worker(page)
    page.reload()
    expect(page.locator("#network")).to_contain_text("全部发出")
    page.route("**/api/check-ins", lambda route: route.abort())
    installed.check_in(page)
    files, content = patrol._parts()
    monkeypatch.setattr(patrol, "_parts", lambda: (files, f"another {content}"))
    with page.expect_event("load", timeout=20_000):
        page.evaluate("navigator.serviceWorker.getRegistration('/patrol').then((it) => { it.update(); })")
    expect(page.locator("#entries .entry.wait")).to_have_count(1)
    names = page.evaluate("caches.keys()")
    assert len([name for name in names if name.startswith("patroller-")]) == 1
