"""Incidents are told as they are reported and moved: the latest, to whoever may see them, and nothing of the others."""

from typing import Any

import pytest
from sqlalchemy import Engine

from gisgrid.database import session_scope
from gisgrid.incidents import watched
from gisgrid.incidents.watched import INCIDENTS
from gisgrid.parameters import Page
from tests.incidents.conftest import Hire
from tests.incidents.desk import Staff
from tests.laid import COMMUNITY, SPOT, STREET, SUBSTATION

ELSEWHERE = "440307009003"


@pytest.fixture
def desk(hire: Hire) -> Staff:
    return hire(("station_staff", SUBSTATION), name="desk")


def seen(who: Staff) -> dict[str, Any]:
    """Return the incidents that a stream tells somebody of, by their ids."""
    headers = {"Authorization": f"Bearer {who.words}"}
    answer = who.client.get("/api/live/now", params={"only": "incidents"}, headers=headers)
    assert answer.status_code == 200, answer.text
    states: dict[str, dict[str, Any]] = answer.json()["states"]
    return states.get("incidents", {})


def test_what_is_reported_is_told_with_what_a_mark_needs(desk: Staff) -> None:
    number = desk.report()
    ((key, told),) = seen(desk).items()
    assert int(key) == number
    assert (told["kind"], told["state"], told["state_zh"], told["light"]) == ("L0201", "reported", "已上报", "none")
    assert (told["longitude"], told["latitude"], told["cell"], told["is_overdue"]) == (*SPOT, SUBSTATION, False)
    assert "description" not in told
    assert "contact" not in told


def test_the_last_moved_are_told_and_an_earlier_one_again_once_it_moves(
    desk: Staff, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watched, "MOST", Page(limit=2, offset=0))
    first, second, third = (desk.report(client_id=name, description=name) for name in ("a", "b", "c"))
    assert list(map(int, seen(desk))) == [third, second]
    assert INCIDENTS.version is not None
    with session_scope(engine) as session:
        before = INCIDENTS.version(session)
    moved = {"move": "reject", "words": "重复上报", "revision": 1}
    status, answer = desk.ask("POST", f"/{first}/transitions", json=moved)
    assert status == 200, answer
    assert list(map(int, seen(desk))) == [first, third]
    assert seen(desk)[str(first)]["state"] == "rejected"
    with session_scope(engine) as session:
        assert INCIDENTS.version(session) != before


def test_to_those_who_see_them_alone(desk: Staff, hire: Hire) -> None:
    desk.report()
    above = [hire(("cadre", COMMUNITY), name="c"), hire(("street_leader", STREET), name="s")]
    others = [hire(("cadre", ELSEWHERE), name="far"), hire(("mediator", SUBSTATION), name="m")]
    others.append(hire(("administrator", None), name="admin"))
    assert [len(seen(each)) for each in (desk, *above, *others)] == [1, 1, 1, 0, 0, 0]


def test_a_confidential_one_is_told_to_its_handlers_alone(desk: Staff, hire: Hire) -> None:
    desk.report(kind="L1001")
    handler = hire(("confidential_handler", STREET), name="handler")
    told = [len(seen(each)) for each in (handler, hire(("cadre", SUBSTATION), name="cadre"))]
    assert told == [1, 0]
