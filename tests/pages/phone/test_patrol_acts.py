"""What else is done on the page for patrollers: files handed in, incidents, calls for help."""

import json
import re
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Route, expect
from sqlalchemy import Engine, select

from gisgrid.database import session_scope
from gisgrid.incidents.tables import Exhibit, Incident
from gisgrid.patrols.tables import Alarm
from gisgrid.settings import Settings
from tests.attachments.pictures import jpeg
from tests.pages.phones import PLACE, Phone, come_online, entry, fixes, queue
from tests.service import gisgrid
from tests.staff.callers import key

pytestmark = [pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)]


FILES = """async () => {
  const { entries, fileOf } = await import("/static/patroller/store.js");
  return (await Promise.all((await entries()).map(fileOf))).filter(Boolean).length;
}"""
"""How many photos have their bytes in the phone."""

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
    number = device.ask("GET", "/api/duty")["sender"]["id"]
    assert {(each["patroller"], each["recorded_by"]) for each in handed} == {("zhangsan", number)}
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
    expect(page.locator("#tasks")).to_contain_text(re.compile("暴露垃圾.*您上报的 · 已上报.*路边一堆"))
    with session_scope(engine) as session:
        (made,) = session.scalars(select(Incident)).all()
    assert (made.description, made.longitude, made.kind[:1]) == ("路边一堆", PLACE["longitude"], "E")


def exhibits(engine: Engine) -> list[tuple[str, str]]:
    with session_scope(engine) as session:
        asked = select(Incident.description, Exhibit.shows).join(Exhibit, Exhibit.incident_id == Incident.id)
        return [(row[0], row[1]) for row in session.execute(asked.order_by(Exhibit.id))]


def test_photos_wait_in_the_phone_until_they_are_stored_once(device: Phone, engine: Engine) -> None:
    page = device.open()
    expect(page.locator("#tasks-told")).to_contain_text("没有派给您的事件")
    page.get_by_role("button", name="上报事件").click()
    dialog = page.get_by_role("dialog", name="上报事件")
    expect(dialog.locator("option")).not_to_have_count(1)
    device.context.set_offline(True)
    dialog.get_by_label("类别").select_option(label="暴露垃圾")
    dialog.get_by_label("情况").fill("路边一堆")
    files = [("a.jpg", jpeg()), ("b.jpg", jpeg(65, 48)), ("c.jpg", b"no photo")]
    held = [{"name": name, "mimeType": "image/jpeg", "buffer": data} for name, data in files]
    dialog.get_by_label("照片").set_input_files(held)  # type: ignore[arg-type]
    expect(dialog.locator("#report-place")).to_have_text("位置 ±8 米")
    dialog.get_by_role("button", name="上报").click()
    expect(page.locator("#entries .entry.wait")).to_have_count(4)
    page.close()
    device.ask("POST", "/api/shifts/end", json={})  # whoever carries the phone by then
    lost = []

    def lose_the_first_answer(route: Route) -> None:
        answer = route.fetch()
        if lost:
            route.fulfill(response=answer)
        else:
            lost.append(answer.status)
            route.abort()

    device.context.route("**/exhibits", lose_the_first_answer)
    device.context.set_offline(False)
    page = device.context.new_page()
    page.goto(f"{device.url}/patrol")
    expect(page.locator("#network-told")).to_contain_text("连不上服务器")
    assert (lost, exhibits(engine)) == ([200], [("路边一堆", "found")])
    come_online(page)
    page.evaluate("import('/static/patroller/send.js').then((send) => send.sendAll())")
    expect(page.locator("#network")).to_contain_text("全部发出")
    assert exhibits(engine) == [("路边一堆", "found")] * 2
    states = sorted((each["kind"], each["state"]) for each in queue(page))
    assert states == [("incident", "done"), ("photo", "done"), ("photo", "done"), ("photo", "refused")]
    assert page.evaluate(FILES) == 1  # what was not taken stays until somebody has seen it


def alarms(engine: Engine) -> list[Alarm]:
    with session_scope(engine) as session:
        return list(session.scalars(select(Alarm)))


def test_a_call_for_help_is_held_sent_at_once_and_answered(device: Phone, engine: Engine, served: str) -> None:
    page = device.open()
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
    page = device.open(knows_place=False)
    button = page.get_by_role("button", name="SOS")
    button.focus()
    device.context.grant_permissions(["geolocation"])
    device.be_at(accuracy=60)
    page.keyboard.down("Enter")
    expect(page.locator("#sos-panel")).to_be_visible()
    page.keyboard.up("Enter")
    expect(page.locator("#sos-panel")).to_contain_text("已附定位 ±60 米", timeout=25_000)
    expect(page.locator("#sos-panel")).to_contain_text(re.compile("服务器已于 .+ 收到"))
    (call,) = alarms(engine)
    assert (call.accuracy_m, call.longitude) == (60.0, PLACE["longitude"])


def test_a_call_that_is_on_its_way_for_long_gets_its_place_meanwhile(device: Phone) -> None:
    device.context.set_geolocation(None)
    page = device.open(knows_place=False)
    device.context.route("**/api/alarms", lambda route: None)  # never answered
    page.get_by_role("button", name="SOS").focus()
    page.keyboard.down("Enter")
    expect(page.locator("#sos-panel")).to_contain_text("服务器还没有收到")
    expect(page.locator("#sos-panel")).to_contain_text("尚无定位")
    page.keyboard.up("Enter")
    device.be_at(accuracy=15)
    expect(page.locator("#sos-panel")).to_contain_text("已附定位 ±15 米")
