"""Who sees which track, for what they say they do, and that the patroller is told."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from gisgrid.database import session_scope
from gisgrid.patrols.people import own_patroller
from gisgrid.staff.tables import Person
from gisgrid.staff.tokens import issue
from tests.laid import COMMUNITY, ELSEWHERE, OUTSIDE, STREET, SUBSTATION
from tests.patrols.asking import CHECK_INS, Asking, a_fix, ago, device, somebody
from tests.staff.builders import audited

WHY = "核查 11 月 1 日的异议"


@pytest.fixture
def api(ground: Engine, client: TestClient) -> TestClient:
    return client


@pytest.fixture
def zhang(api: TestClient, engine: Engine) -> Asking:
    """A patroller on duty, with a fix here, one elsewhere, one nowhere, and one from before the shift."""
    zhang = somebody(api, engine, "patroller")
    zhang.sign_on(started_at=ago(hours=3).isoformat())
    elsewhere, nowhere = (dict(zip(("longitude", "latitude"), xy, strict=True)) for xy in (ELSEWHERE, OUTSIDE))
    sent = [
        a_fix("withheld", ago(hours=5)),
        a_fix("here", ago(hours=2)),
        a_fix("elsewhere", ago(hours=1)) | elsewhere,
        a_fix("nowhere", ago(minutes=30)) | nowhere,
    ]
    assert zhang.send(*sent) == ["withheld", "counted", "counted", "counted"]
    return zhang


@pytest.mark.parametrize(
    ("role", "cell", "seen", "told"),
    [
        ("patroller", STREET, [], 0),
        ("mediator", None, [], 0),
        ("cadre", SUBSTATION, ["here"], 2),
        ("cadre", COMMUNITY, ["here"], 2),
        ("station_staff", "440307009003", ["elsewhere"], 2),
        ("station_staff", "440307009001", [], 1),  # they asked for this person: to find nothing tells something too
        ("supervision", STREET, ["here", "elsewhere", "nowhere"], 2),
        ("street_leader", None, ["here", "elsewhere", "nowhere"], 2),
    ],
)
def test_others_see_what_lies_in_their_cells_and_nothing_that_is_withheld(
    zhang: Asking, engine: Engine, role: str, cell: str | None, seen: list[str], told: int
) -> None:
    reader = somebody(zhang.client, engine, role, name="reader", cell=cell)
    assert reader.seen() == seen
    assert [reader.seen(patroller=who) for who in ("zhangsan", "reader")] == [seen, []]
    assert zhang.seen() == ["withheld", "here", "elsewhere", "nowhere"]
    assert zhang.get("/api/me/readers")["numberMatched"] == told


@pytest.mark.parametrize("role", ["administrator", "auditor", "department_staff", "liaison", "confidential_handler"])
def test_whoever_has_no_part_in_patrols_is_not_let_in(zhang: Asking, engine: Engine, role: str) -> None:
    cell = None if role in ("administrator", "auditor") else STREET
    with session_scope(engine, write=True) as session:
        from tests.staff.callers import key

        words = key(session, (role, cell)).words
    assert Asking(zhang.client, 0, "", words).get(CHECK_INS, 403, purpose=WHY)["code"] == "NotForYou"


def test_neither_phones_nor_boards_are_shown_anybody(zhang: Asking, engine: Engine) -> None:
    assert device(zhang.client, engine).seen() == []
    with session_scope(engine, write=True) as session:
        board = Asking(zhang.client, 0, "", issue(session, "board", cell_code=STREET).words)
    assert board.get(CHECK_INS, 403, purpose=WHY)["code"] == "NotForYou"


@pytest.mark.parametrize(
    ("purpose", "status"), [(None, 403), ("", 422), ("why?", 422), ("    x    ", 422), ("a\nbcdef", 422)]
)
def test_others_are_shown_for_a_purpose_alone(zhang: Asking, engine: Engine, purpose: str | None, status: int) -> None:
    reader = somebody(zhang.client, engine, "cadre", name="reader")
    asked = {} if purpose is None else {"purpose": purpose}
    for patroller in ({}, {"patroller": "zhangsan"}, {"limit": "1"}):
        refused = reader.get(CHECK_INS, status, **asked, **patroller)
        assert refused["code"] == ("PurposeNeeded" if status == 403 else "BadInput")
    assert audited(engine, "track") == []


def test_ones_own_are_shown_without_a_purpose_and_without_a_word(zhang: Asking, engine: Engine) -> None:
    both = somebody(zhang.client, engine, "patroller", "cadre", name="both")
    both.send(a_fix("mine", ago(hours=5)))
    assert both.get(CHECK_INS, 403)["code"] == "PurposeNeeded"
    assert "patroller=both" in both.get(CHECK_INS, 403)["description"]
    own = both.get(CHECK_INS, patroller="both")["features"]
    assert [feature["properties"]["standing"] for feature in own] == ["withheld"]
    assert len(zhang.get(CHECK_INS)["features"]) == 4
    assert audited(engine, "track") == []


def test_whoever_is_read_finds_who_read_what_for(zhang: Asking, engine: Engine) -> None:
    desk = somebody(zhang.client, engine, "station_staff", name="desk", cell=None)
    desk.send(a_fix("stranger", ago(hours=1), patroller="P1"), a_fix("brought", ago(hours=1), patroller="zhangsan"))
    assert len(desk.seen(purpose=WHY)) == 5
    with session_scope(engine, write=True) as session:
        session.get_one(Person, desk.id).full_name = "王主任"
        own = own_patroller(session, zhang.id)
    desk.seen(purpose="  再看一次吧  ", patroller="zhangsan", limit="1")
    told = zhang.get("/api/me/readers")
    assert [(each["reader"], each["purpose"]) for each in told["readings"]] == [
        ("王主任", "再看一次吧"),
        ("王主任", WHY),
    ]
    assert told["readings"][0]["roles"] == [{"zh": "分站工作人员", "en": "station staff"}]
    assert datetime.now(UTC) > datetime.fromisoformat(told["readings"][0]["at"]) > ago(minutes=2)
    assert len(zhang.get("/api/me/readers", limit="1", offset="1")["readings"]) == 1
    assert desk.get("/api/me/readers")["readings"] == []
    read = audited(engine, "track.read")
    assert own is not None
    assert {(each.actor, each.subject) for each in read} == {("person", zhang.id), ("person", own.id + 1)}
    assert [each.detail for each in read] == [{"purpose": WHY}, {"purpose": WHY}, {"purpose": "再看一次吧"}]


def test_a_role_that_ends_takes_sight_with_it(zhang: Asking, engine: Engine) -> None:
    from sqlalchemy import text

    reader = somebody(zhang.client, engine, "cadre", name="reader")
    assert reader.seen() == ["here"]
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM appointments WHERE role = 'cadre'"))
    assert reader.get(CHECK_INS, 403, purpose=WHY)["code"] == "NotForYou"
