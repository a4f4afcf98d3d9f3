"""Surveys over HTTP and from files."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from gisgrid.documents.workbook import workbook
from tests.incidents.conftest import Hire
from tests.incidents.desk import Staff
from tests.laid import COMMUNITY, STREET, SUBSTATION
from tests.service import gisgrid

SENT = {"cell_code": COMMUNITY, "month": "2026-10", "asked": 500, "satisfied": 431}
HEAD = ["网格编码", "月份", "调查人数", "满意人数"]
spatialite = pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)


def ask(staff: Staff, method: str, **more: Any) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {staff.words}"}
    answer = staff.client.request(method, "/api/surveys", headers=headers, **more)
    return answer.status_code, answer.json()


def test_entered_and_listed(hire: Hire) -> None:
    leader, street = hire(("community_leader", COMMUNITY)), hire(("supervision", STREET))
    assert ask(leader, "POST", json={**SENT, "month": "2026-09", "satisfied": 405})[1]["change_points"] is None
    status, answer = ask(leader, "POST", json=SENT)
    assert (status, answer["ratio"], answer["asked_before"]) == (200, 0.862, 500)
    assert round(answer["change_points"], 9) == 5.2
    assert ask(street, "GET", params={"month": "2026-10"}) == (200, [answer])
    assert ask(street, "GET", params={"month": "2026-12"})[1][0]["asked"] is None
    assert ask(hire(("station_staff", SUBSTATION)), "GET", params={"month": "2026-10"}) == (200, [])
    assert ask(street, "POST", json=SENT)[0] == 403


@spatialite
@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"cell_code": STREET}, 403, "NotYourCell"),
        ({"cell_code": "1"}, 404, "NoSuchCell"),
        ({"satisfied": 501}, 422, "BadSurvey"),
        ({"month": "2150-01"}, 422, "BadSurvey"),
        ({"month": 202610}, 422, "BadMonth"),
        ({"asked": True}, 422, "BadInput"),
        ({"asked": -1}, 422, "BadInput"),
    ],
)
def test_what_cannot_be(hire: Hire, changes: dict[str, Any], status: int, code: str) -> None:
    found, answer = ask(hire(("community_leader", COMMUNITY)), "POST", json={**SENT, **changes})
    assert (found, answer["code"]) == (status, code)


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_a_file(ground: Engine, tmp_path: Path, database_url: str, name: str, api: TestClient, hire: Hire) -> None:
    rows = [HEAD, [STREET, "2026-09", "500", "405"], [], [STREET, "2026年10月", "500", "431"]]
    data = workbook({"调查": rows}) if name == "a.xlsx" else "\n".join(map(",".join, rows)).encode("gb18030")
    (tmp_path / name).write_bytes(data)
    ran = gisgrid("incidents", "surveys-import", name, home=tmp_path, GISGRID_DATABASE_URL=database_url)
    assert (ran.returncode, ran.stdout) == (0, "已导入 2 条调查 / surveys brought: 2\n"), ran.stderr
    (found,) = ask(hire(("supervision", STREET)), "GET", params={"month": "2026-10"})[1]
    assert round(found["change_points"], 9) == 5.2


@spatialite
def test_all_that_is_wrong_in_a_file_is_told_at_once(ground: Engine, tmp_path: Path, database_url: str) -> None:
    def run(*rows: list[str]) -> str:
        (tmp_path / "a.csv").write_text("\n".join(map(",".join, rows)), encoding="utf-8")
        ran = gisgrid("incidents", "surveys-import", "a.csv", home=tmp_path, GISGRID_DATABASE_URL=database_url)
        assert ran.returncode == 1
        return ran.stderr

    assert "缺少:满意" in run(HEAD[:3])
    told = run(HEAD, [STREET, "x", "1", "1"], [STREET, "2026-10", "1", "很多"], [STREET, "2026-10", "9", "9"])
    assert "第 2 行 应为月份" in told
    assert "line 3: how many" in told.replace("\n", " ")
    told = run(HEAD, [STREET, "2026-10", "1", "1"], ["1", "2026-10", "1", "1"], [STREET, "2026-10", "1", "2"])
    assert "第 3 行 没有这个编码" in told
    assert "第 4 行 满意人数" in told
