"""Supervision orders: who issues them, to whom they go, who replies, who closes; and those of the timer."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from gisgrid.database import session_scope
from gisgrid.incidents.orders.by_timer import order_what_is_due
from gisgrid.incidents.orders.tables import Order
from gisgrid.settings import Settings
from tests.incidents.conftest import Hire
from tests.incidents.desk import Staff
from tests.incidents.loop.office import DEPARTMENT, KIND, Office, moved, open_office
from tests.staff.builders import audited

TOMORROW = (datetime.now(UTC) + timedelta(days=1)).isoformat()
THIS = datetime.now(UTC).astimezone(Settings().zone).year


@pytest.fixture
def office(hire: Hire) -> Office:
    return open_office(hire)


@pytest.fixture
def incident(office: Office) -> int:
    return office.walker.report(kind=KIND)


def issue(staff: Staff, incident: int, **given: Any) -> tuple[int, Any]:
    return staff.ask("POST", f"/{incident}/orders", json={"words": "请三日内清理", "deadline_at": TOMORROW, **given})


def issued(staff: Staff, incident: int, **given: Any) -> dict[str, Any]:
    status, answer = issue(staff, incident, **given)
    assert status == 200, answer
    found: dict[str, Any] = answer
    return found


def ask(staff: Staff, method: str, path: str = "", **more: Any) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {staff.words}"}
    answer = staff.client.request(method, f"/api/orders{path}", headers=headers, **more)
    return answer.status_code, answer.json()


def reply(staff: Staff, order: int, words: str = "已清理") -> tuple[int, Any]:
    return ask(staff, "POST", f"/{order}/reply", json={"words": words})


def dispatched(office: Office, incident: int) -> None:
    moved(office.desk, incident, "file", condition="1")
    moved(office.desk, incident, "dispatch", departments=[DEPARTMENT])


def test_from_the_order_to_its_end(office: Office, incident: int, engine: Engine) -> None:
    dispatched(office, incident)
    order = issued(office.supervision, incident)
    assert (order["number"], order["issued_by"], order["department_zh"]) == (f"督办〔{THIS}〕1号", "督查", "城管执法队")
    assert (order["is_by_timer"], order["may_reply"], order["may_close"]) == (False, False, False)
    number = order["id"]
    assert ask(office.street, "POST", f"/{number}/close")[1]["code"] == "NotReplied"
    for who in (office.desk, office.walker, office.supervision):
        assert reply(who, number)[1]["code"] == "NotAddressed"
    assert reply(office.stranger, number)[0] == 404
    assert reply(office.department, number, " ")[1]["code"] == "ReplyMissing"
    assert reply(office.department, number, "正在清理")[0] == 200
    told = reply(office.department, number)[1]
    assert (told["reply"], told["replied_by"], told["may_reply"]) == ("已清理", "城管", True)
    for who in (office.desk, office.department):
        assert ask(who, "POST", f"/{number}/close")[1]["code"] == "NotYoursToOrder"
    (seen,) = ask(office.community, "GET", params={"open": "true"})[1]["orders"]
    assert seen["may_close"] is True
    assert ask(office.community, "POST", f"/{number}/close")[1]["closed_by"] == "社区"
    assert reply(office.department, number)[1]["code"] == "OrderClosed"
    assert ask(office.community, "GET", params={"open": "true"})[1]["orders"] == []
    assert [entry.action for entry in audited(engine, "order")] == [
        *("order.issued", "order.replied", "order.replied", "order.closed"),
    ]


@pytest.mark.parametrize(
    ("who", "status"),
    [("supervision", 200), ("street", 200), ("community", 200), ("desk", 403), ("walker", 403), ("stranger", 404)],
)
def test_who_issues(office: Office, incident: int, who: str, status: int) -> None:
    assert issue(getattr(office, who), incident)[0] == status


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"words": " "}, "督办要求"),
        ({"deadline_at": "2026-01-01T00:00:00+08:00"}, "期限"),
        ({"deadline_at": "2040-01-01T00:00:00+08:00"}, "期限"),
        ({"department": "navy"}, "职能部门"),
        ({"person": "nobody at all"}, "登录名"),
        ({"person": "别处"}, "登录名"),
        ({"person": "分站", "department": DEPARTMENT}, "之一"),
    ],
)
def test_what_is_missing_is_told(office: Office, incident: int, given: dict[str, Any], said: str) -> None:
    status, answer = issue(office.street, incident, **given)
    assert (status, said in answer["description"]) == (422, True)


def test_to_whom_it_goes(office: Office, incident: int) -> None:
    to_cell = issued(office.street, incident)
    assert to_cell["addressee_code"] == "440307009002001"
    assert reply(office.department, to_cell["id"])[0] == 403
    assert reply(office.desk, to_cell["id"])[0] == 200
    assert reply(office.community, to_cell["id"])[0] == 200
    assert ask(office.community, "POST", f"/{to_cell['id']}/close")[1]["code"] == "OwnReply"
    to_person = issued(office.street, incident, person="巡查员乙")
    assert reply(office.desk, to_person["id"])[0] == 403
    assert reply(office.checker, to_person["id"])[0] == 200
    to_department = issued(office.street, incident, department=DEPARTMENT)
    assert reply(office.department, to_department["id"])[0] == 200
    listed = ask(office.street, "GET", params={"incident": str(incident)})[1]["orders"]
    assert [each["number"] for each in listed] == [f"督办〔{THIS}〕{n}号" for n in (3, 2, 1)]
    assert ask(office.stranger, "GET")[1]["orders"] == []


def test_what_has_ended_is_not_ordered(office: Office, incident: int) -> None:
    moved(office.desk, incident, "reject", words="不属实")
    assert issue(office.street, incident)[1]["code"] == "NothingToOrder"


def test_numbers_have_neither_gap_nor_double(office: Office, incident: int) -> None:
    with ThreadPoolExecutor(3) as pool:
        orders = list(pool.map(lambda _: issued(office.street, incident)["number"], range(6)))
    assert sorted(orders) == [f"督办〔{THIS}〕{n}号" for n in range(1, 7)]


def test_the_timer_orders_what_is_over_its_limit_twice_once_per_filing(
    office: Office, incident: int, engine: Engine, settings: Settings
) -> None:
    dispatched(office, incident)
    now = datetime.now(UTC)

    def after(**time: float) -> int:
        return order_what_is_due(engine, settings, now + timedelta(**time))

    limit = office.desk.ask("GET", f"/{incident}/case")[1]["clock"]
    due = datetime.fromisoformat(limit["due_at"]) - now
    assert after(seconds=due.total_seconds() + 60) == 0
    assert after(days=300) == 1
    assert after(days=301) == 0
    (order,) = ask(office.department, "GET")[1]["orders"]
    assert (order["is_by_timer"], order["issued_by"], order["may_reply"]) == (True, None, True)
    with session_scope(engine) as session:
        assert session.query(Order).one().filed_step == 2
    moved(office.department, incident, "accept")
    moved(office.department, incident, "finish", words="已劝离")
    assert after(days=600) == 0  # it waits for its check: the clock stands


def test_orders_on_what_is_confidential_are_for_its_handlers(office: Office, hire: Hire) -> None:
    handler = hire(("confidential_handler", None), ("street_leader", None), name="专办")
    incident = handler.report(kind="L0501")
    secret = handler.report(kind="L0802")
    issued(handler, incident)
    issued(handler, secret)
    assert len(ask(handler, "GET")[1]["orders"]) == 2
    assert len(ask(office.street, "GET")[1]["orders"]) == 1
    assert issue(office.street, secret)[0] == 404
