"""A patroller contests what became of a fix; staff of its cell reply; nobody else reads either."""

from typing import Any

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from tests.laid import SUBSTATION
from tests.patrols.asking import CHECK_INS, Asking, a_fix, ago, somebody
from tests.staff.builders import audited

MINE, ALL = "/api/me/objections", "/api/objections"


@pytest.fixture
def zhang(ground: Engine, client: TestClient, engine: Engine) -> Asking:
    zhang = somebody(client, engine, "patroller")
    zhang.sign_on(started_at=ago(hours=3).isoformat())
    return zhang


def fixed(who: Asking, name: str, **changes: Any) -> int:
    """Check in within the shift; return the row of the fix."""
    return int(who.post(CHECK_INS, a_fix(name, ago(hours=1), **changes))["id"])


def test_an_objection_and_its_reply(zhang: Asking, engine: Engine) -> None:
    cadre = somebody(zhang.client, engine, "cadre", name="cadre")
    fix_id = fixed(zhang, "1")
    made = zhang.post(MINE, {"fix_id": fix_id, "words": " 定位漂移,\n我在岗 "}, 201)
    assert (made["words"], made["patroller"], made["standing"], made["replied_by"]) == (
        "定位漂移,\n我在岗", "zhangsan", "counted", None
    )  # fmt: skip
    assert cadre.get(ALL)["objections"] == zhang.get(MINE)["objections"] == [made]
    answered = cadre.post(f"{ALL}/{made['id']}/reply", {"reply": "已核实"})
    assert (answered["reply"], answered["replied_by"]) == ("已核实", "cadre")
    assert zhang.get(MINE)["objections"] == [answered]
    assert cadre.post(f"{ALL}/{made['id']}/reply", {"reply": "again"}, 409)["code"] == "AlreadyAnswered"
    detail = {"objection": made["id"]}
    assert [(each.action, each.subject, each.detail) for each in audited(engine, "objection")] == [
        ("objection.made", zhang.id, {**detail, "fix": fix_id}), ("objection.answered", zhang.id, detail)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"fix_id": 999, "words": "x"}, 404, "NoSuchFix"),
        ({"fix_id": 2**63 - 1, "words": "x"}, 404, "NoSuchFix"),
        ({"fix_id": 2**63, "words": "x"}, 422, "BadInput"),
        ({"fix_id": "1", "words": "x"}, 422, "BadInput"),
        ({"fix_id": 1, "words": "  "}, 422, "BadInput"),
        ({"fix_id": 1, "words": "x" * 1001}, 422, "BadInput"),
        ({"fix_id": 1, "words": "a\x00"}, 422, "BadInput"),
        ([], 422, "BadInput"),
    ],
)
def test_objections_that_are_none(zhang: Asking, body: Any, status: int, code: str) -> None:
    fixed(zhang, "1")
    assert zhang.post(MINE, body, status)["code"] == code
    assert zhang.get(MINE)["numberMatched"] == 0


def test_nobody_contests_another_s_fix_or_one_that_nobody_sees(zhang: Asking, engine: Engine) -> None:
    fix_id = fixed(zhang, "1")
    both = somebody(zhang.client, engine, "patroller", "cadre", name="both")
    assert both.post(MINE, {"fix_id": fix_id, "words": "x"}, 404)["code"] == "NoSuchFix"
    withheld = int(zhang.post(CHECK_INS, a_fix("2", ago(hours=9)))["id"])
    assert zhang.post(MINE, {"fix_id": withheld, "words": "x"}, 409)["code"] == "SeenByNobody"


def test_who_does_not_see_the_fix_sees_no_objection(zhang: Asking, engine: Engine) -> None:
    made = zhang.post(MINE, {"fix_id": fixed(zhang, "1"), "words": "x"}, 201)
    far = somebody(zhang.client, engine, "cadre", name="far", cell="440307009003")
    walker = somebody(zhang.client, engine, "patroller", name="walker")
    assert far.get(ALL)["objections"] == walker.get(MINE)["objections"] == []
    assert far.post(f"{ALL}/{made['id']}/reply", {"reply": "x"}, 404)["code"] == "NoSuchObjection"
    for method, path in (("GET", ALL), ("POST", f"{ALL}/{made['id']}/reply")):
        assert zhang.ask(method, path, 403, json={"reply": "x"})["code"] == "NotForYou"


def test_nobody_replies_to_themselves(zhang: Asking, engine: Engine) -> None:
    both = somebody(zhang.client, engine, "patroller", "cadre", name="both", cell=SUBSTATION)
    both.sign_on(started_at=ago(hours=3).isoformat())
    made = both.post(MINE, {"fix_id": fixed(both, "1"), "words": "x"}, 201)
    assert both.post(f"{ALL}/{made['id']}/reply", {"reply": "x"}, 403)["code"] == "OwnObjection"
