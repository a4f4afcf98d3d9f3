"""One's own month."""

import pytest
from sqlalchemy import Engine

from gisgrid.settings import Settings
from tests.coverage.occasions.own_worlds import walked
from tests.documents.sheets_of_paper import words
from tests.pages.conftest import Visit

PATH = "/me/month"


def test_a_month_is_ones_own(visit: Visit, engine: Engine, settings: Settings) -> None:
    mine, other = (walked(engine, settings, name) for name in ("wangwu", "zhaoliu"))
    shown = visit(person=mine).get(f"{PATH}?month=2026-11").text
    assert "打卡 2" in shown
    assert "分站2-1" in shown
    assert "zhaoliu" not in shown
    assert mine != other
    file = visit(person=mine).get(f"{PATH}/file?month=2026-11").answer
    assert file.headers["content-disposition"].endswith('"gisgrid-month-2026-11.pdf"')
    said = words(file.content)
    assert [each for each in ("wangwu当月巡查情况", "打卡2次", "分站2-1", "不与任何人比较") if each not in said] == []
    assert "这个月没有打卡" in visit(person=mine).get(f"{PATH}?month=2026-10").text


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_whoever_never_walked_and_a_month_that_is_none(visit: Visit) -> None:
    leader = visit(("street_leader", None))
    assert "这个月没有打卡" in leader.get(PATH).text
    assert "应为月份" in leader.get(f"{PATH}?month=x", 422).text
