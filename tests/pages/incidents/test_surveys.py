"""The page on which the monthly satisfaction survey is entered."""

import re

import pytest
from sqlalchemy import Engine

from gisgrid.staff.roles import ROLES
from tests.laid import COMMUNITY, STREET, SUBSTATION
from tests.pages.browsing import Visitor
from tests.pages.conftest import Visit
from tests.staff.builders import audited

PATH = "/surveys"
spatialite = pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)


@pytest.fixture
def leader(visit: Visit) -> Visitor:
    return visit(("community_leader", COMMUNITY), name="lingdao")


def enter(visitor: Visitor, **fields: str) -> Visitor:
    form_token = visitor.get(PATH).form_token
    given = {"cell": COMMUNITY, "month": "2026-10", "asked": "500", "satisfied": "431", **fields}
    return visitor.post(PATH, form_token=form_token, **given)


def test_it_is_entered_and_shown_with_its_n_and_change(leader: Visitor, engine: Engine) -> None:
    assert "还没有录入过调查" in leader.get(PATH).text
    enter(leader, month="2026-09", satisfied="405")
    text = enter(leader).follow().text
    assert [words for words in ("已录入", "500", "86.20%", "+5.2") if words not in text] == []
    assert "–" in leader.get(f"{PATH}?month=2026-09").text
    assert "90.00%" in enter(leader, satisfied="450").follow().text
    assert [entry.action for entry in audited(engine, "survey")] == ["survey.entered"] * 3


@spatialite
@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"cell": STREET}, "只能录入自己负责的网格"),
        ({"cell": "1"}, "没有这个编码的网格"),
        ({"month": "x"}, "应为月份"),
        ({"month": "2150-01"}, "还没有到"),
        ({"asked": "-1"}, "人数应为整数"),
        ({"satisfied": "501"}, "满意人数应在"),
    ],
)
def test_what_cannot_be_is_told_and_what_was_typed_stays(leader: Visitor, fields: dict[str, str], said: str) -> None:
    form_token = leader.get(PATH).form_token
    given = {"cell": COMMUNITY, "month": "2026-10", "asked": "500", "satisfied": "431", **fields}
    status = 403 if fields.get("cell") == STREET else 404 if fields.get("cell") == "1" else 422
    shown = leader.post(PATH, status, form_token=form_token, **given)
    assert said in shown.text
    assert shown.page.value("asked") == given["asked"]


@spatialite
def test_each_sees_their_own_cells(leader: Visitor, visit: Visit) -> None:
    enter(leader)
    assert COMMUNITY in visit(("street_leader", STREET), name="street").get(f"{PATH}?month=2026-10").text
    choices = visit(("station_staff", SUBSTATION), name="station").get(f"{PATH}?month=2026-10").answer.text
    assert re.findall(r'<option value="(\d+)"', choices) == [SUBSTATION]
    assert "还没有录入过调查" in choices


@spatialite
@pytest.mark.parametrize("role", ROLES)
def test_who_may(visit: Visit, role: str) -> None:
    sees = {"incidents", "report"} & ROLES[role]
    visitor = visit((role, None)).get("/incidents", 200 if sees else 403)
    may = "plan" in ROLES[role]
    assert (f'href="{PATH}"' in visitor.answer.text) == may
    visitor.get(PATH, 200 if may else 403)
