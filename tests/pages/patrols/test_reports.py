"""The page of ready reports."""

from datetime import date

import pytest
from sqlalchemy import Engine

from tests.laid import COMMUNITY
from tests.pages.browsing import Visitor
from tests.pages.conftest import Visit
from tests.staff.builders import audited

PATH = "/reports"
WEEKLY = f"{PATH}?occasion=weekly&day=2026-11-26"
spatialite = pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)


@pytest.fixture
def leader(visit: Visit) -> Visitor:
    return visit(("community_leader", COMMUNITY))


def test_a_report_is_read_and_taken_along(leader: Visitor, engine: Engine) -> None:
    assert "总体情况" not in leader.get(PATH).text
    shown = leader.get(WEEKLY)
    for part in ("社区2网格巡查周报", "总体情况", "到达率", "存在问题", "主要指标表", "分站2-1"):
        assert part in shown.text, part
    assert "社区1" not in shown.text
    links = [given["href"] for tag, given in shown.page.elements if tag == "a" and "/file?" in given.get("href", "")]
    assert len(links) == 8
    file = leader.get(next(link for link in links if "form=csv" in link)).answer
    assert file.headers["content-disposition"].endswith('"gisgrid-weekly-2026-11-16_2026-11-22.csv"')
    assert "社区2" in file.content.decode("utf-8-sig")
    assert "社区1" not in file.content.decode("utf-8-sig")
    (entry,) = audited(engine, "report")
    assert entry.action == "report.issued"
    assert '"form":"csv"' in str(entry.detail).replace("'", '"').replace(" ", "")


@spatialite
def test_in_english_the_words_are_english(leader: Visitor) -> None:
    leader.client.cookies.set("gisgrid-language", "en")
    text = leader.get(WEEKLY).text
    assert "2026-11-16 to 2026-11-22 (7 days)" in text
    assert "Main figures" in text


@spatialite
@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("occasion=yearly", 422, "没有这种报告"),
        ("occasion=operation", 422, "请指定专项行动"),
        ("occasion=operation&plan=7", 404, "没有这个编号的计划"),
        ("occasion=weekly&day=gestern", 422, "应为日期"),
        (f"occasion=weekly&day={date(2900, 1, 1)}", 422, "还没有开始"),
    ],
)
def test_what_cannot_be_shown_is_told(leader: Visitor, query: str, status: int, said: str) -> None:
    assert said in leader.get(f"{PATH}?{query}", status).text
    assert said in leader.get(f"{PATH}/file?{query}", status).text


@spatialite
def test_no_screen_and_no_stranger_gets_a_report(visit: Visit) -> None:
    assert visit().get(PATH, 303).place.startswith("/sign-in")
    visit(("auditor", None)).get(PATH, 403)
