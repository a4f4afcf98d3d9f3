import re

import pytest
from sqlalchemy import Engine

from gisgrid.patrols.trackers.setup import LINKS, TEMPLATES
from tests.laid import COMMUNITY
from tests.pages.browsing import Visitor
from tests.pages.conftest import Visit
from tests.staff.builders import audited

PATH = "/admin/devices"


@pytest.fixture
def administrator(visit: Visit) -> Visitor:
    return visit(("administrator", None))


@pytest.mark.parametrize(("kind", "cell", "where"), [("device", COMMUNITY, "社区2"), ("board", "", "全部网格")])
def test_one_is_added_shown_once_used_and_revoked(
    administrator: Visitor, visit: Visit, engine: Engine, kind: str, cell: str, where: str
) -> None:
    administrator.get(PATH).send(PATH, 200, kind=kind, name="1 号机", cell=cell)
    words = administrator.page.value("token")
    assert words.startswith(f"gg_{kind}_")
    assert administrator.page.value("secret").endswith(f"/device#{words}")
    assert any(given.get("src", "").startswith("data:image/png;base64,") for _, given in administrator.page.elements)
    listed = administrator.get(PATH).text
    assert ("1 号机" in listed, where in listed, "从未" in listed, words in listed) == (True, True, True, False)
    device = visit().get("/device").send("/device/enrol", words=words)
    device.get(device.place)
    assert "从未" not in administrator.get(PATH).text
    revoking = next(form.action for form in administrator.page.forms if form.action.endswith("/revoke"))
    assert "已吊销" in administrator.send(revoking).follow().text
    assert not administrator.has_form(revoking)
    assert "登记码" in device.get("/device").text
    assert [entry.action for entry in audited(engine, "token")] == ["token.issued", "token.revoked"]


def test_a_phone_is_told_how_each_app_sends_and_a_board_is_not(administrator: Visitor) -> None:
    administrator.get(PATH).send(PATH, 200, kind="device", name="1 号机", cell=COMMUNITY)
    words = administrator.page.value("token")
    addresses = {name: administrator.page.value(f"app-{name}") for name in (*LINKS, *TEMPLATES)}
    assert addresses["traccar"].startswith(f"http://127.0.0.1:8000/ingest/traccar/{words}?id=gisgrid-")
    assert addresses["owntracks"].startswith("owntracks:///config?inline=")
    assert all(words in addresses[name] for name in ("overland", "gpslogger", "osmand"))
    assert (
        len([src for _, given in administrator.page.elements if (src := given.get("src", "")).startswith("data:")]) == 4
    )
    administrator.get(PATH).send(PATH, 200, kind="board", name="大屏", cell="")
    assert "Traccar" not in administrator.text


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"kind": "device", "name": "1 号机", "cell": ""}, "请选择手机所属的网格"),
        ({"kind": "device", "name": "", "cell": COMMUNITY}, "名称应为一行"),
        ({"kind": "board", "name": "大厅", "cell": "1"}, "没有这个编码的网格"),
        ({"kind": "fridge", "name": "x", "cell": ""}, "kind"),
    ],
)
def test_what_cannot_be_added_is_told_in_place(
    administrator: Visitor, engine: Engine, sent: dict[str, str], told: str
) -> None:
    assert re.search(told, administrator.get(PATH).send(PATH, 422, **sent).text)
    assert audited(engine, "token") == []


def test_nothing_else_is_revoked_there(administrator: Visitor) -> None:
    form_token = administrator.get(PATH).form_token
    for token in (1, 999):  # the first is the administrator's own session
        assert "没有这个编号的令牌" in administrator.post(f"{PATH}/{token}/revoke", 404, form_token=form_token).text
    administrator.get(PATH)
