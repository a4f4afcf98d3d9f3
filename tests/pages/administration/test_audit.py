import re
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from sqlalchemy import Engine, text

from gisgrid.audit.record import OPERATOR, PROGRAM, Actor, record
from gisgrid.database import session_scope
from gisgrid.pages.administration.actions import ACTIONS, action_called
from gisgrid.pages.frame import FOLDER
from gisgrid.patrols.tables import NoteAct
from gisgrid.privacy.limits import Limits
from gisgrid.privacy.rules import fix_rules, other_rules
from gisgrid.settings import Settings
from tests.laid import COMMUNITY
from tests.pages.browsing import Visitor
from tests.pages.conftest import Visit
from tests.staff.builders import hire

FILES = (".csv", ".md", ".json", ".id", ".code", ".day", ".sqlite", ".txt", ".crt", ".key", ".pem")
TODAY = datetime.now(UTC).astimezone().date()


@pytest.fixture
def auditor(visit: Visit) -> Visitor:
    return visit(("auditor", None), name="shenji")


@pytest.fixture
def happened(engine: Engine, auditor: Visitor) -> int:
    """Some entries after the first, which is of the grid; return zhangsan's row."""
    person = hire(engine)
    with session_scope(engine, write=True) as session:
        record(session, OPERATOR, "role.granted", ("person", person), role="cadre", cell=COMMUNITY, department=None)
        record(session, Actor("person", person), "sign_in", ("person", person), by="password", address="10.0.0.7")
        record(session, PROGRAM, "sign_in.failed", None, by="pin", address="10.0.0.8")
        record(session, PROGRAM, "unheard.of", ("comet", 5), strange="<b>")
    return person


def numbers(visitor: Visitor) -> list[int]:
    return [int(each) for each in re.findall(r'class="number">(\d+)<', visitor.answer.text)]


def test_entries_are_told_in_words_the_newest_first(auditor: Visitor, happened: int) -> None:
    auditor.get("/audit")
    assert numbers(auditor) == [6, 5, 4, 3, 2, 1]
    text = auditor.text
    expected = [
        "添加人员",
        "授予角色",
        "登录失败",
        "挂点干部",
        "社区2",
        "方式 口令",
        "地址 10.0.0.7",
        "命令行",
        "zhangsan",
    ]
    assert [
        words for words in [*expected, "unheard.of", "comet #5", "strange <b>", "PIN 码"] if words not in text
    ] == []
    assert "<b>" not in auditor.answer.text
    english = auditor.get("/audit", **{"Accept-Language": "en"}).text
    assert [words for words in ("granted a role", "attached cadre", "by password") if words not in english] == []


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"action": "sign_in"}, [5, 4]),
        ({"action": "sign_in.failed"}, [5]),
        ({"action": "role"}, [3]),
        ({"action": "none"}, []),
        ({"person": "ZhangSan"}, [4]),
        ({"person": "zhangsan", "as": "subject"}, [4, 3, 2]),
        ({"person": "zhangsan", "as": "subject", "action": "sign_in"}, [4]),
        ({"from": str(TODAY - timedelta(days=2))}, [6, 5, 4, 3, 2, 1]),
        ({"to": str(TODAY - timedelta(days=2))}, []),
        ({"from": str(TODAY - timedelta(days=9)), "to": str(TODAY + timedelta(days=2))}, [6, 5, 4, 3, 2, 1]),
        ({"offset": "4"}, [2, 1]),
    ],
)
def test_search(auditor: Visitor, happened: int, asked: dict[str, str], found: list[int]) -> None:
    assert numbers(auditor._take(auditor.client.get("/audit", params=asked), 200)) == found
    filled = next(form.filled for form in auditor.page.forms if form.action == "/audit")
    assert all(filled.get(name, "") == value for name, value in asked.items() if name in ("from", "to", "person", "as"))


def test_a_name_leads_to_what_that_person_did(auditor: Visitor, happened: int) -> None:
    auditor.get("/audit")
    link = next(given["href"] for _, given in auditor.page.elements if "as=actor" in given.get("href", ""))
    assert numbers(auditor.get(link)) == [4]
    assert auditor.page.value("person") == f"#{happened}"


@pytest.mark.parametrize(
    ("asked", "status", "told"),
    [
        ("from=yesterday", 422, "无法识别"),
        ("from=2026-11-02&to=2026-11-01", 422, "终点早于起点"),
        ("from=0001-01-01", 422, "年份"),
        ("person=nobody", 404, "没有这个登录名"),
        ("person=%00", 404, "没有这个登录名"),
        ("offset=-1", 422, "BadInput"),
    ],
)
def test_what_cannot_be_asked_is_told(auditor: Visitor, asked: str, status: int, told: str) -> None:
    assert told in auditor.get(f"/audit?{asked}", status).text


def test_the_end_of_the_chain_is_shown_and_the_whole_is_proved(auditor: Visitor, happened: int, engine: Engine) -> None:
    with engine.connect() as connection:
        head = connection.execute(text("SELECT hash FROM audit_head")).scalar()
    assert f"#6 {head}" in auditor.get("/audit").text
    assert "完好" in auditor.get("/audit/chain").text


def test_a_chain_that_was_cut_is_told(auditor: Visitor, happened: int, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE audit_head SET number = 9"))
    auditor.get("/audit/chain")
    assert "审计记录已被破坏" in auditor.text
    assert "第 7 条至第 9 条从末尾被截去" in auditor.text


def test_every_action_that_is_recorded_has_a_name() -> None:
    """The words of an action stand in the program as "noun.verb", in a call or under a name of their own."""
    sources = [path.read_text(encoding="utf-8") for path in FOLDER.parent.rglob("*.py") if "pages" not in path.parts]
    recorded = {
        action
        for source in sources
        for call in re.findall(r"(?:record\(|_begin\(|[A-Z]+ = )[^\n]*", source)
        for action in re.findall(r'"([a-z_]+(?:\.[a-z_]+)+)"', call)
        if not action.endswith(FILES)
    }
    limits = Limits.at(datetime.now(UTC), Settings())
    recorded |= {f"retention.{rule.name}" for rule in (*fix_rules(limits), *other_rules(limits))}
    recorded |= {f"fix.{act}" for act in get_args(NoteAct)}
    assert len(recorded) > 20
    assert {action for action in recorded if action_called(action).zh == action} == set()
    assert all(words.zh != words.en for words in ACTIONS.values())
