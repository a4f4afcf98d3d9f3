from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from gisgrid.audit.record import OPERATOR, Actor
from gisgrid.database import session_scope
from gisgrid.patrols.doubts.objections import reply
from gisgrid.patrols.duty.notice import notice
from gisgrid.patrols.people import patroller_of
from gisgrid.patrols.reading import note_reading
from gisgrid.patrols.tables import Fix
from gisgrid.settings import Settings
from gisgrid.staff.appointments import grant
from gisgrid.staff.people import person_of
from tests.laid import SPOT, SUBSTATION
from tests.pages.browsing import Visitor
from tests.pages.conftest import Visit
from tests.rows import a_fix
from tests.staff.builders import audited, hire

NOW = datetime.now(UTC)
PATH = "/me/track"
FIXES = ((240, "counted"), (3, "counted"), (2, "withheld"), (1, "quarantined"))
"""Of how many hours ago each is, and how it stands."""


@pytest.fixture
def zhang(engine: Engine) -> int:
    """The row of a volunteer who has FIXES."""
    person = hire(engine)
    with session_scope(engine, write=True) as session:
        grant(session, OPERATOR, person_of(session, person), "volunteer_patroller", SUBSTATION)
        own = patroller_of(session, person).id
        place = {"longitude": SPOT[0], "latitude": SPOT[1]}
        for number, (hours, standing) in enumerate(FIXES):
            moment = NOW - timedelta(hours=hours)
            session.add(a_fix(number, own, fix_at=moment, received_at=NOW, standing=standing, **place))
    return person


def test_one_sees_ones_late_fixes_and_how_they_stand(visit: Visit, zhang: int) -> None:
    text = visit(person=zhang).get(PATH).text
    listed = text.partition("认定")[2].partition("告知与同意")[0]
    places = [listed.index(words) for words in ("存疑", "班次之外", " 计入")]
    assert places == sorted(places)
    assert text.count(" 有异议") == 2
    assert "计入 1 · 班次之外，只有本人可见 1 · 存疑，未计入 1" in text


def test_who_looked_is_told(visit: Visit, engine: Engine, zhang: int) -> None:
    assert "还没有人看过" in visit(person=zhang).get(PATH).text
    reader = hire(engine, "lingdao")
    with session_scope(engine, write=True) as session:
        grant(session, OPERATOR, person_of(session, reader), "street_leader")
        note_reading(session, Actor("person", reader), ["zhangsan"], "核查巡查异议")
    text = visit(person=zhang).get(PATH).text
    assert [words for words in ("谁看过我的轨迹 1", "lingdao", "街道领导", "核查巡查异议") if words not in text] == []
    assert "核查巡查异议" not in visit(person=reader).get(PATH).text


def contest(visitor: Visitor, words: str, status: int = 303) -> Visitor:
    """Contest the newest fix of the page."""
    return visitor.get(PATH).send("/me/objections", status, words=words)


def test_a_verdict_is_contested_and_the_reply_shown(visit: Visit, engine: Engine, zhang: int) -> None:
    visitor = contest(visit(person=zhang), "当时\r\n在岗")
    assert "异议已提交" in visitor.follow().text
    assert [words for words in ("当时 在岗", "尚未答复") if words not in visitor.text] == []
    leader = hire(engine, "lingdao")
    with session_scope(engine, write=True) as session:
        reply(session, Actor("person", leader), leader, 1, "已更正")
    shown = visitor.get(PATH).text
    assert [words for words in ("lingdao", "已更正") if words not in shown] == []


@pytest.mark.parametrize("words", ["", "  ", "a\x00b"])
def test_an_objection_needs_words(visit: Visit, engine: Engine, zhang: int, words: str) -> None:
    assert "请写明哪里不对" in contest(visit(person=zhang), words, 422).text
    assert audited(engine, "objection") == []


def test_nobody_contests_anothers_fix(visit: Visit, engine: Engine, zhang: int) -> None:
    with session_scope(engine) as session:
        fix = session.query(Fix.id).filter(Fix.standing == "counted").first()
    visitor = visit(("patroller", None)).get("/me")
    form_token = visitor.form_token
    visitor.post("/me/objections", 404, fix=fix[0] if fix else 0, words="x", form_token=form_token)


def test_consents_are_given_and_withdrawn(visit: Visit, engine: Engine, zhang: int) -> None:
    version = notice(Settings()).version
    visitor = visit(person=zhang).get(PATH)
    form_token = visitor.form_token
    assert not visitor.has_form("/me/consents/track")
    visitor.post("/me/consents/notice", form_token=form_token, version=version).follow()
    assert version in visitor.text
    visitor.send("/me/consents/track")
    assert "已记录您的同意" in visitor.follow().text
    visitor.send("/me/consents/track/withdraw")
    assert "已撤回" in visitor.follow().text
    assert not visitor.has_form("/me/consents/track/withdraw")
    assert visitor.has_form("/me/consents/notice/withdraw")
    visitor.post("/me/consents/track/withdraw", 404, form_token=form_token)
    visitor.post("/me/consents/track", 422, form_token=form_token, version="2020-01-01-0")
    visitor.post("/me/consents/everything", 422, form_token=form_token, version=version)
    assert [entry.action for entry in audited(engine, "consent")] == ["consent.given"] * 2 + ["consent.withdrawn"]


def test_who_never_walked_has_an_empty_page(visit: Visit, engine: Engine) -> None:
    text = visit(person=hire(engine)).get(PATH).text
    assert [words for words in ("还没有人看过", "最近没有定位") if words not in text] == []
