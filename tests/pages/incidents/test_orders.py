"""The page of the supervision orders."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from gisgrid.database import session_scope
from gisgrid.incidents.orders.present import orders_of
from gisgrid.incidents.tables import Incident
from gisgrid.pages.called import Called
from gisgrid.pages.frame import ENGINE, Account
from gisgrid.pages.language import speaking
from gisgrid.settings import Settings
from gisgrid.staff.caller import Caller
from gisgrid.staff.scope import Role
from tests.incidents.emergencies.crew import alert
from tests.laid import STREET, SUBSTATION
from tests.pages.browsing import Visitor
from tests.pages.conftest import Visit

PATH = "/orders"


@pytest.fixture
def leader(visit: Visit) -> Visitor:
    return visit(("street_leader", STREET), name="zhuren")


def test_from_the_order_to_its_end(leader: Visitor, visit: Visit, engine: Engine, settings: Settings) -> None:
    station = visit(("station_staff", SUBSTATION), name="fenzhan")
    _, order = alert(engine, settings)
    shown = station.get(PATH).text
    assert [words for words in ("督办〔", "待回复", "分站2-1") if words not in shown] == []
    assert "销号" not in [form.action for form in leader.get(PATH).page.forms]
    station.send(f"{PATH}/{order}/reply", words="已办").follow()
    assert "已回复" in station.text
    assert "已办" in leader.get(PATH).text
    leader.send(f"{PATH}/{order}/close").follow()
    assert "已销号" in leader.text
    assert "没有符合的记录" in station.get(PATH).text
    assert "已办" in station.get(f"{PATH}?show=all").text


def test_it_is_issued_by_a_form(leader: Visitor, engine: Engine, settings: Settings) -> None:
    alert(engine, settings)
    with session_scope(engine) as session:
        incident = session.scalars(select(Incident.id)).one()
    form_token = leader.get(PATH).form_token
    until = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    sent = {"form_token": form_token, "words": "请说明", "department": "fire", "person": ""}
    assert "请选择回复期限" in leader.post(f"/incidents/{incident}/orders", 422, **sent).text
    leader.post(f"/incidents/{incident}/orders", until=until, **sent).follow()
    assert ("督办已下达" in leader.text, "消防站" in leader.text, f"{until} 18:00" in leader.text) == (True, True, True)


def test_the_section_of_an_incidents_page(leader: Visitor, engine: Engine, settings: Settings) -> None:
    emergency, _ = alert(engine, settings)
    with session_scope(engine) as session:
        incident = session.scalars(select(Incident.id)).one()
        caller = Caller("person", 1, 1, "zhuren", roles=(Role("street_leader", None),), form_token="x")
        orders, may_issue = orders_of(session, caller, incident, datetime.now(UTC))
        words = {
            "say": speaking("zh-CN"),
            "both": speaking("zh-CN"),
            "zone": settings.zone,
            "here": "/",
            "called": Called(session),
        }
    made = ENGINE.from_string(
        '{% import "incidents/order_part.html" as o with context %}'
        '{% import "incidents/emergency_part.html" as e with context %}'
        "{{ o.section(7, orders, may_issue, today) }}{{ e.starting(7, None) }}{{ e.starting(7, running) }}"
    )
    text = made.render(
        **words,
        account=Account(caller),
        orders=orders,
        may_issue=may_issue,
        today=datetime.now(UTC).date(),
        running=emergency,
    )
    assert may_issue
    assert re.findall(r'action="([^"]+)"', text) == [
        *("/orders/1/reply", "/incidents/7/orders", "/incidents/7/emergency"),
    ]
    assert f"/emergencies/{emergency}" in text
