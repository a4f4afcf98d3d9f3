"""The page on which sheets of orders are handed in and fetched."""

import pytest
from sqlalchemy import Engine, select

from gisgrid.database import session_scope
from gisgrid.documents.sheets import read_rows
from gisgrid.documents.workbook import workbook
from gisgrid.incidents.tables import Incident
from tests.laid import SPOT, STREET, SUBSTATION
from tests.pages.browsing import Visitor
from tests.pages.conftest import Visit

PATH = "/incidents/exchange"
HEAD = ["工单编号", "类别", "上报时间", "经度", "纬度"]
spatialite = pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)


def hand_in(visitor: Visitor, data: bytes, status: int = 200, **fields: str) -> Visitor:
    """Send the form with a file, as a browser does."""
    form = next(each for each in visitor.page.forms if each.action == PATH)
    sent = {name: value for name, value in {**form.filled, **fields}.items() if name != "file"}
    answer = visitor.client.post(PATH, data=sent, files={"file": ("orders.xlsx", data)})
    return visitor._take(answer, status)


@pytest.fixture
def desk(visit: Visit) -> Visitor:
    return visit(("station_staff", SUBSTATION))


@spatialite
def test_a_sheet_is_handed_in_and_comes_back(desk: Visitor, engine: Engine) -> None:
    page = desk.get("/incidents")
    assert f'href="{PATH}"' in page.answer.text
    desk.get(PATH)
    rows = [HEAD, ["U1", "E0102", "2026-11-01 08:00", *map(str, SPOT)], ["U2", "x", "2026-11-01 08:00", "", ""]]
    hand_in(desk, workbook({"工单": rows}), source="superior")
    assert desk.answer.headers["content-disposition"] == 'attachment; filename="gisgrid-orders-answered.xlsx"'
    back = read_rows(desk.answer.content, "a.xlsx")["工单"]
    assert [row[5] for row in back] == ["结果 result", "已入库 stored", "未收 not taken"]
    with session_scope(engine) as session:
        assert session.scalars(select(Incident.source)).all() == ["superior"]
    desk.get(PATH)
    links = [given["href"] for tag, given in desk.page.elements if tag == "a" and "/api/" in given.get("href", "")]
    assert len(links) == 12
    for link in links[:4]:
        assert desk.client.get(link).status_code == 200


@spatialite
def test_what_is_no_sheet_is_said_on_the_page(desk: Visitor) -> None:
    hand_in(desk.get(PATH), b"a,b\n1,2\n", 422)
    assert "找不到工单表" in desk.text
    hand_in(desk.get(PATH), b"", 422)
    assert "一次一个文件" in desk.text
    assert "StaleForm" in hand_in(desk.get(PATH), b"x", 403, form_token="x").text


@spatialite
@pytest.mark.parametrize(("role", "status"), [("street_leader", 200), ("cadre", 403), ("patroller", 403)])
def test_it_is_for_those_who_answer_for_cells(visit: Visit, role: str, status: int) -> None:
    visitor = visit((role, STREET))
    assert (f'href="{PATH}"' in visitor.get("/incidents").answer.text) == (status == 200)
    visitor.get(PATH, status)
