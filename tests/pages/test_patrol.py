"""The page for patrollers in a real browser on the real service: what is done on it stands in the database, once."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request, Route, expect
from sqlalchemy import Engine, select, update
from starlette.testclient import TestClient

from gisgrid.database import session_scope
from gisgrid.incidents.tables import Incident
from gisgrid.pages import patrol
from gisgrid.patrols.checkpoints import store_checkpoints
from gisgrid.patrols.tables import Alarm, Shift
from gisgrid.settings import Settings
from gisgrid.staff.tables import Token
from tests.browser import LAUNCH, chromium
from tests.maps.builders import cells, checkpoints
from tests.pages.conftest import LoadGrid
from tests.pages.phones import PLACE, SCREEN, Phone, a_phone, fixes, now, token, walker
from tests.service import gisgrid
from tests.staff.builders import PIN
from tests.staff.callers import key

pytestmark = [pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)]

WITHOUT_WORKER = {"service_workers": "block"}


@pytest.fixture
def street(load_grid: LoadGrid, engine: Engine) -> None:
    """A grid of squares with a checkpoint, and a patroller in it."""
    load_grid(cells())
    with session_scope(engine, write=True) as session:
        store_checkpoints(session, checkpoints("码头").assign(is_illustrative=False))
    walker(engine)


@pytest.fixture
def device(street: None, browser: Browser, served: str, engine: Engine) -> Iterator[Phone]:
    """A shared phone that somebody is signed on to; its requests can be held up."""
    with a_phone(browser, served, token(engine, "device"), **WITHOUT_WORKER) as phone:
        phone.sign_on()
        yield phone


@pytest.fixture
def installed(street: None, browser: Browser, served: str, engine: Engine) -> Iterator[Phone]:
    """A shared phone that somebody is signed on to, with the page's service worker."""
    with a_phone(browser, served, token(engine, "device")) as phone:
        phone.sign_on()
        yield phone


def entry(page: Page, at: int = 0) -> Any:
    """Return a line of the list, the newest first."""
    return page.locator("#entries .entry").nth(at)


def wait_for_worker(page: Page) -> None:
    """Wait until the page is kept, so that it opens without a network."""
    page.evaluate("navigator.serviceWorker.ready")


def queue(page: Page) -> list[dict[str, Any]]:
    """Return the entries that the phone keeps."""
    kept: list[dict[str, Any]] = page.evaluate("import('/static/patroller/store.js').then((store) => store.entries())")
    return kept


def waiting(page: Page) -> int:
    return sum(each["state"] == "waiting" for each in queue(page))


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
    page = device.open()
    page.locator("#check-in").click()
    expect(page.locator("#check-in-told")).to_contain_text("浏览器不允许定位")
    assert queue(page) == []


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


def come_online(page: Page) -> None:
    """Let the browser say that there is a network."""
    page.evaluate("window.dispatchEvent(new Event('online'))")


def is_sending(request: Request) -> bool:
    return request.method == "POST" and request.url.endswith("/api/check-ins")


def test_what_is_refused_is_shown_with_its_reason_and_blocks_nothing(device: Phone, engine: Engine) -> None:
    page = device.open()
    script = """async ([owner, bad]) => {
        const store = await import("/static/patroller/store.js");
        for (const body of bad) await store.addEntry({ kind: "fix", owner, shift: null, patroller: null, body });
    }"""
    bad = [
        {"client_id": "nowhere", "fix_at": now().isoformat(), "longitude": 500, "latitude": 500},
        {"client_id": "unread", "fix_at": "yesterday", "longitude": 114, "latitude": 22},
    ]
    page.evaluate(script, ["device", bad])
    device.be_at()
    page.locator("#check-in").click()
    expect(page.locator("#entries .entry.good")).to_have_count(1)
    expect(page.locator("#entries .entry.bad")).to_have_count(2)
    expect(page.locator("#entries .entry.bad").first).to_contain_text("未收下")
    expect(page.locator("#entries .entry.bad").last).to_contain_text("坐标不是地球上的有效位置")
    assert len(fixes(engine)) == 1
    page.locator("#entries .entry.bad button").first.click()
    expect(page.locator("#entries .entry.bad")).to_have_count(1)


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


# --- who is there ----------------------------------------------------------------------------------


def test_signing_on_and_off_at_a_shared_phone(
    street: None, browser: Browser, served: str, engine: Engine, settings: Settings
) -> None:
    with a_phone(browser, served, token(engine, "device"), **WITHOUT_WORKER) as phone:
        page = phone.open()
        expect(page.locator("#duty-detail")).to_have_text("共用手机 1 号机")
        page.get_by_role("button", name="签到上岗").click()
        dialog = page.get_by_role("dialog", name="签到上岗")
        dialog.get_by_label("登录名").fill("zhangsan")
        dialog.get_by_label("PIN 码").fill("000000")
        dialog.get_by_role("button", name="签到").click()
        expect(dialog.get_by_role("alert")).to_contain_text("PIN 码不对")
        dialog.get_by_label("PIN 码").fill(PIN)
        dialog.get_by_role("button", name="签到").click()
        expect(dialog.locator("#notice")).to_contain_text("巡查定位告知书")
        dialog.get_by_label("我已阅读并接受告知书").check()
        dialog.get_by_role("button", name="签到").click()
        expect(page.locator("#duty-who")).to_have_text("zhangsan 在岗")
        phone.check_in(page)
        expect(entry(page)).to_contain_text("已计入")
        page.get_by_role("button", name="签退").click()
        expect(page.locator("#duty-who")).to_have_text("无人在岗")
        expect(page.locator("#entries .entry")).to_have_count(0)  # what was theirs is not for the next one
        assert queue(page) == []
    with session_scope(engine) as session:
        assert len(session.scalars(select(Shift)).all()) == 1


def test_ones_own_account_from_signing_on_to_signing_out(
    street: None, browser: Browser, served: str, engine: Engine
) -> None:
    own = token(engine, "session", walker(engine, "lisi"))
    with a_phone(browser, served, own, "gisgrid", **WITHOUT_WORKER) as phone:
        page = phone.open()
        expect(page.locator("#duty-detail")).to_have_text("本人账号 lisi")
        page.get_by_role("button", name="签到上岗").click()
        dialog = page.get_by_role("dialog", name="签到上岗")
        dialog.get_by_role("button", name="签到").click()
        dialog.get_by_label("我已阅读并接受告知书").check()
        dialog.get_by_role("button", name="签到").click()
        expect(page.locator("#duty-who")).to_have_text("lisi 在岗")
        phone.check_in(page)
        expect(entry(page)).to_contain_text("已计入")
        page.route("**/api/check-ins", lambda route: route.abort())
        phone.check_in(page)
        page.on("dialog", lambda asked: asked.accept())
        page.get_by_role("button", name="退出登录").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("登录")
        left = queue(page)
        assert [(each["state"], each["body"]["patroller"]) for each in left] == [("waiting", "lisi")]
        page.goto(f"{served}/patrol")
        expect(page.locator("#duty-who")).to_have_text("尚未登录")
        expect(page.locator("#entries .entry")).to_have_count(0)
        other = token(engine, "session", walker(engine, "wangwu"))
        phone.context.add_cookies([{"name": "gisgrid", "value": other, "url": served}])
        page = phone.open()
        expect(page.locator("#duty-detail")).to_have_text("本人账号 wangwu")
        expect(page.locator("#foreign")).to_contain_text("另有 1 条")
        phone.check_in(page)
        expect(entry(page)).to_contain_text("班次之外")
        page.goto(f"{served}/me")  # one may sign out on any page
        page.locator("details.account summary").click()
        page.get_by_role("button", name="退出登录").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("登录")
        assert [each["body"]["patroller"] for each in queue(page)] == ["lisi"]
        expect(phone.open().locator("#duty-who")).to_have_text("尚未登录")
    assert len(fixes(engine)) == 2  # nobody sends what is another's


def test_who_is_not_known_any_more_is_told_and_all_waits(device: Phone, engine: Engine) -> None:
    page = device.open()
    expect(page.locator("#duty-who")).to_have_text("zhangsan 在岗")
    with session_scope(engine, write=True) as session:
        session.execute(update(Token).where(Token.kind == "device").values(revoked_at=now()))
    device.check_in(page)
    expect(page.locator("#banners")).to_contain_text("服务器不再认得本机，1 条记录留在手机里")
    assert (waiting(page), fixes(engine)) == (1, [])
    with session_scope(engine, write=True) as session:
        session.execute(update(Token).where(Token.kind == "device").values(revoked_at=None))
    device.check_in(page)
    expect(page.locator("#entries .entry.good")).to_have_count(2)
    expect(page.locator("#banners")).to_be_empty()


def test_tracks_of_volunteers_are_for_those_who_agreed(
    street: None, browser: Browser, served: str, engine: Engine
) -> None:
    own = token(engine, "session", walker(engine, "lisi", "volunteer_patroller"))
    with a_phone(browser, served, own, "gisgrid", **WITHOUT_WORKER) as phone:
        page = phone.open()
        page.get_by_label("边走边记轨迹").click()
        expect(page.locator("#track-told")).to_contain_text("志愿者须先同意")
        expect(page.get_by_label("边走边记轨迹")).not_to_be_checked()
        page.get_by_role("button", name="我同意记录连续轨迹").click()
        expect(page.get_by_role("button", name="我同意记录连续轨迹")).to_be_hidden()
        page.get_by_label("边走边记轨迹").click()
        expect(page.locator("#track-told")).to_contain_text("正在记录轨迹：1 点")
        expect(entry(page)).to_contain_text("轨迹点")
        expect(page.locator("#entries .entry.wait")).to_contain_text("班次之外")
        httpx.request("DELETE", f"{served}/api/me/consents/track", headers=bearer(engine, "lisi"))
        page.wait_for_timeout(3100)
        phone.be_at(latitude=PLACE["latitude"] + 0.001)
        expect(page.get_by_label("边走边记轨迹")).not_to_be_checked()
        expect(page.locator("#entries .entry.bad")).to_contain_text("志愿者未同意发送轨迹")
    assert [kept.is_track for kept in fixes(engine)] == [True]


def bearer(engine: Engine, name: str) -> dict[str, str]:
    from gisgrid.staff.people import person_called

    with session_scope(engine) as session:
        number = person_called(session, name).id
    return {"Authorization": f"Bearer {token(engine, 'api', number)}"}


# --- files, incidents, calls for help --------------------------------------------------------------


def test_the_queue_is_handed_in_as_a_file_and_counts_once(
    device: Phone, engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    page = device.open()
    device.context.set_offline(True)
    for _ in range(2):
        device.check_in(page)
    with page.expect_download() as downloading:
        page.get_by_role("button", name="交成文件").click()
    path = tmp_path / downloading.value.suggested_filename
    downloading.value.save_as(path)
    assert re.fullmatch(r"check-ins-\d{8}-\d{6}\.json", path.name)
    expect(page.locator("#hand-in-told")).to_contain_text(path.name)
    expect(entry(page)).to_contain_text("已交成文件")
    handed = json.loads(path.read_text(encoding="utf-8"))
    assert {each["patroller"] for each in handed} == {"zhangsan"}
    done = gisgrid("check-ins", "import", str(path), home=settings.home, GISGRID_DATABASE_URL=settings.database_url)
    assert (done.returncode, "stored 2" in done.stdout) == (0, True), done.stderr
    device.context.set_offline(False)
    expect(page.locator("#entries .entry.good")).to_have_count(2)
    assert sorted(kept.client_id for kept in fixes(engine)) == sorted(each["client_id"] for each in handed)


def test_the_file_is_what_the_service_takes(device: Phone, engine: Engine, served: str) -> None:
    page = device.open()
    device.context.set_offline(True)
    device.check_in(page)
    with page.expect_download() as downloading:
        page.get_by_role("button", name="交成文件").click()
    content = Path(downloading.value.path()).read_bytes()
    with session_scope(engine, write=True) as session:
        staff = {"Authorization": f"Bearer {key(session, ('station_staff', None)).words}"}
    answer = httpx.post(
        f"{served}/api/check-ins", content=content, headers={**staff, "Content-Type": "application/json"}
    )
    assert [each["status"] for each in answer.json()] == ["stored"]


def test_an_incident_is_reported_from_where_one_stands_network_or_not(device: Phone, engine: Engine) -> None:
    page = device.open()
    page.get_by_role("button", name="上报事件").click()
    dialog = page.get_by_role("dialog", name="上报事件")
    expect(dialog.locator("option")).not_to_have_count(1)
    device.context.set_offline(True)
    dialog.get_by_label("类别").select_option(label="暴露垃圾")
    dialog.get_by_label("情况").fill("路边一堆")
    expect(dialog.locator("#report-place")).to_have_text("位置 ±8 米")
    dialog.get_by_role("button", name="上报").click()
    expect(entry(page)).to_contain_text("待发送")
    device.context.set_offline(False)
    expect(entry(page)).to_contain_text("已收到")
    with session_scope(engine) as session:
        (made,) = session.scalars(select(Incident)).all()
    assert (made.description, made.longitude, made.kind[:1]) == ("路边一堆", PLACE["longitude"], "E")


def alarms(engine: Engine) -> list[Alarm]:
    with session_scope(engine) as session:
        return list(session.scalars(select(Alarm)))


def test_a_call_for_help_is_held_sent_at_once_and_answered(device: Phone, engine: Engine, served: str) -> None:
    page = device.open()
    page.wait_for_timeout(300)
    button = page.get_by_role("button", name="SOS")
    box = button.bounding_box()
    assert box
    page.mouse.move(box["x"] + 40, box["y"] + 40)
    page.mouse.down()
    page.wait_for_timeout(700)
    page.mouse.up()
    expect(page.locator("#check-in-told")).to_have_text("没有按满 2 秒，未呼救")
    assert alarms(engine) == []
    device.context.set_offline(True)
    page.mouse.down()
    expect(page.locator("#sos-panel")).to_contain_text("服务器还没有收到")
    page.mouse.up()
    device.context.set_offline(False)
    expect(page.locator("#sos-panel")).to_contain_text(re.compile(r"服务器已于 [\d:]+ 收到"))
    expect(page.locator("#sos-panel")).to_contain_text("还没有人确认")
    (call,) = alarms(engine)
    assert (call.longitude, call.token_id is not None, call.substation_id is not None) == (
        PLACE["longitude"],
        True,
        True,
    )
    with session_scope(engine, write=True) as session:
        leader = {"Authorization": f"Bearer {key(session, ('cadre', None), name='李玲').words}"}
    httpx.post(f"{served}/api/alarms/{call.id}/acknowledge", headers=leader)
    expect(page.locator("#sos-panel")).to_contain_text(re.compile("李玲 已于 .* 确认"))
    page.get_by_role("button", name="收起").click()
    expect(page.locator("#sos-panel")).to_be_hidden()


def test_a_call_from_nowhere_goes_out_at_once_and_its_place_follows(device: Phone, engine: Engine) -> None:
    device.context.clear_permissions()
    page = device.open()
    button = page.get_by_role("button", name="SOS")
    button.focus()
    device.context.grant_permissions(["geolocation"])
    device.be_at(accuracy=60)
    page.keyboard.down("Enter")
    expect(page.locator("#sos-panel")).to_be_visible()
    page.keyboard.up("Enter")
    expect(page.locator("#sos-panel")).to_contain_text("已附定位 ±60 米", timeout=25_000)
    expect(page.locator("#sos-panel")).to_contain_text("收到")
    (call,) = alarms(engine)
    assert (call.accuracy_m, call.longitude) == (60.0, PLACE["longitude"])


# --- how it looks ----------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_it_is_fit_for_everybody_and_for_a_narrow_phone(device: Phone, language: str) -> None:
    device.context.add_cookies([{"name": "gisgrid-language", "value": language, "url": device.url}])
    page = device.open()
    page.locator("#check-in").click()
    expect(page.locator("#entries .entry.good")).to_have_count(1)
    assert page.evaluate("document.documentElement.lang") == language
    assert faults_for(page) == []
    for opener, dialog in (("#sign-on", "#sign-on-dialog"), ("#report", "#report-dialog")):
        page.locator(opener).click()
        expect(page.locator(dialog)).to_be_visible()
        assert faults_for(page) == []
        page.locator(f"{dialog} button.quiet").last.click()
    assert page.evaluate("document.documentElement.scrollWidth") == SCREEN["width"]
    page.locator("#language").click()
    expect(page.locator("html")).to_have_attribute("lang", "en" if language == "zh-CN" else "zh-CN")


def faults_for(page: Page) -> list[tuple[str, list[str]]]:
    """Return what axe finds wrong, with the elements."""
    found = Axe().run(page).response["violations"]
    return [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found]


def test_whoever_is_nobody_is_shown_the_ways_in(street: None, browser: Browser, served: str) -> None:
    with a_phone(browser, served, "gg_device_unknown", **WITHOUT_WORKER) as phone:
        page = phone.open()
        expect(page.locator("#duty-who")).to_have_text("尚未登录")
        page.get_by_role("button", name="打卡").click()
        expect(page.locator("#banners")).to_contain_text("请先登录")
        page.get_by_role("link", name="登录本人账号").click()
        expect(page).to_have_url(f"{served}/sign-in?next=%2Fpatrol")


def test_on_an_address_that_phones_do_not_trust_it_says_so(street: None, served: str, playwright: Any) -> None:
    port = served.rpartition(":")[2]
    launch = [*LAUNCH[:-1], "--host-resolver-rules=MAP patrol.example 127.0.0.1"]
    browser = playwright.chromium.launch(executable_path=chromium(), args=launch)
    page = browser.new_page(locale="zh-CN")
    page.goto(f"http://patrol.example:{port}/patrol")
    expect(page.locator("#banners")).to_contain_text("这个网址是 http://，手机不会给出定位")
    made = page.evaluate("import('/static/patroller/making.js').then((it) => [it.randomId(), it.randomId()])")
    form = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
    assert all(form.fullmatch(each) for each in made)
    assert made[0] != made[1]
    browser.close()


# --- what is served --------------------------------------------------------------------------------


def test_the_worker_names_every_part_in_the_version_of_its_content(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = client.get("/patrol/worker.js")
    assert answer.headers["service-worker-allowed"] == "/patrol"
    assert "worker-src 'self'" in answer.headers["content-security-policy"]
    shell = json.loads(re.match(r"const SHELL = (.*);", answer.text)[1])  # type: ignore[index]
    linked = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', client.get("/patrol").text))
    assert linked <= set(shell["files"])
    for path in shell["files"]:
        text = client.get(path)
        assert text.status_code == 200, path
        folder = path.rpartition("/")[0]
        wanted = re.findall(r'^import .* from "([^"]+)"', text.text, re.MULTILINE) if path.endswith(".js") else []
        for name in wanted:
            place = f"{folder}/{name}" if name.startswith("./") else f"{folder.rpartition('/')[0]}/{name[3:]}"
            assert (place if name.startswith(".") else name).replace("/./", "/") in shell["files"], (path, name)
    assert client.get("/patrol/worker.js", headers={"Accept-Language": "en"}).text == answer.text
    files, content = patrol._parts()
    monkeypatch.setattr(patrol, "_parts", lambda: (files, f"{content}x"))
    assert client.get("/patrol/worker.js").text != answer.text


def test_the_manifest_makes_it_an_application(client: TestClient) -> None:
    manifest = client.get("/static/patroller/manifest.json").json()
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == ("/patrol", "/patrol", "standalone")
    for icon in manifest["icons"]:
        picture = client.get(icon["src"])
        width, height = (int.from_bytes(picture.content[at : at + 4]) for at in (16, 20))
        assert f"{width}x{height}" == icon["sizes"]
