"""The page for patrollers: who is on duty, whom it is fit for, and what is served of it."""

import json
import re
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import Engine, select, update
from starlette.testclient import TestClient

from gisgrid.database import session_scope
from gisgrid.pages.phone import patrol
from gisgrid.patrols.tables import Shift
from gisgrid.settings import Settings
from gisgrid.staff.people import person_called
from gisgrid.staff.tables import Token
from tests.browser import LAUNCH, chromium
from tests.pages.axe import violations
from tests.pages.conftest import let_in, session_of
from tests.pages.phones import (
    PLACE,
    SCREEN,
    WITHOUT_WORKER,
    Phone,
    a_phone,
    entry,
    fixes,
    now,
    queue,
    token,
    waiting,
    walker,
)
from tests.staff.builders import PIN

pytestmark = [pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)]


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
        page.wait_for_load_state("networkidle")  # what was theirs goes once the page has its scripts
        assert [each["body"]["patroller"] for each in queue(page)] == ["lisi"]
        expect(phone.open(knows_place=False).locator("#duty-who")).to_have_text("尚未登录")
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


@pytest.mark.long  # a track has a point every 15 s
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
    with session_scope(engine) as session:
        number = person_called(session, name).id
    return {"Authorization": f"Bearer {token(engine, 'api', number)}"}


# --- how it looks ----------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_it_is_fit_for_everybody_and_for_a_narrow_phone(device: Phone, language: str) -> None:
    device.context.add_cookies([{"name": "gisgrid-language", "value": language, "url": device.url}])
    page = device.open()
    page.locator("#check-in").click()
    expect(page.locator("#entries .entry.good")).to_have_count(1)
    assert page.evaluate("document.documentElement.lang") == language
    assert violations(page) == []
    for opener, dialog in (("#sign-on", "#sign-on-dialog"), ("#report", "#report-dialog")):
        page.locator(opener).click()
        expect(page.locator(dialog)).to_be_visible()
        assert violations(page) == []
        page.locator(f"{dialog} button.quiet").last.click()
    assert page.evaluate("document.documentElement.scrollWidth") == SCREEN["width"]
    page.locator("#language").click()
    expect(page.locator("html")).to_have_attribute("lang", "en" if language == "zh-CN" else "zh-CN")


def test_whoever_is_nobody_is_shown_the_ways_in(street: None, browser: Browser, served: str) -> None:
    with a_phone(browser, served, "gg_device_unknown", **WITHOUT_WORKER) as phone:
        page = phone.open(knows_place=False)
        expect(page.locator("#duty-who")).to_have_text("尚未登录")
        page.get_by_role("button", name="打卡", exact=True).click()
        expect(page.locator("#banners")).to_contain_text("请先登录")
        page.get_by_role("link", name="登录本人账号").click()
        expect(page).to_have_url(f"{served}/sign-in?next=%2Fpatrol")


def test_whoever_does_not_walk_opens_it_without_a_failure(
    page: Page, context: BrowserContext, street: None, served: str, engine: Engine
) -> None:
    let_in(context, served, session_of(engine, ("cadre", None)))
    page.goto(f"{served}/patrol")
    expect(page.locator("#duty-who")).to_have_text("尚未登录")


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
