import json
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from gisgrid.audit.tables import AuditEntry
from gisgrid.database import session_scope
from gisgrid.incidents.reports import incidents_frame
from tests.incidents.kinds.editions import bring, tables
from tests.laid import COMMUNITY, OUTSIDE, SPOT, SUBSTATION
from tests.service import gisgrid

X, Y = SPOT
CSV = f"""类别,上报时间,经度,纬度,描述,案号
L0201,2026/11/1 8:05,{X},{Y},"吵架
两家",K1
垃圾,2026/11/1 8:05,{X},{Y},,K2
Exposed Rubbish,2026/11/1 8:06,{OUTSIDE[0]},{OUTSIDE[1]},,K3
家庭纠纷,2026/11/1 8:05,{X},{Y},别的,K1
L0201,2026/11/1 8:05,0,0,,K4
"""


def test_the_command(ground: Engine, tmp_path: Path, database_url: str) -> None:
    (tmp_path / "a.csv").write_text(CSV, encoding="utf-8")

    def run(*words: str) -> tuple[int, str, str]:
        ran = gisgrid("incidents", "import", *words, home=tmp_path, GISGRID_DATABASE_URL=database_url)
        return ran.returncode, ran.stdout.splitlines()[-1], ran.stderr

    status, out, err = run("a.csv")
    assert (status, out) == (1, "无时区的时间按 Asia/Shanghai 计 / times without a zone were read as Asia/Shanghai")
    assert "第 4 行 类别:没有“垃圾”这个事件类别;相近的有 C0304 垃圾间 refuse house, E0102 暴露垃圾" in err
    assert "line 4: kind: there is no kind of incident “垃圾”; near to it: C0304" in err
    assert "line 6: this client_id belongs to a record with other content" in err
    assert "line 7: it says 0, 0" in err
    with session_scope(ground) as session:
        frame = incidents_frame(session)
    assert frame[["client_id", "kind", "description", "substation_code"]].to_numpy().tolist() == [
        ["K1", "L0201", "吵架\n两家", SUBSTATION],
        ["K3", "E0102", "", None],
    ]
    assert frame["reported_at"].iloc[0].isoformat() == "2026-11-01T00:05:00+00:00"


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_complaints_in_a_ledger(ground: Engine, tmp_path: Path, database_url: str) -> None:
    lines = [f"L1201,{COMMUNITY},", "L1202,,police", "L1202,,nobody", "L1202,,"]
    told = "".join(f"2026-11-01T08:00:00Z,{X},{Y},{line}\n" for line in lines)
    (tmp_path / "a.csv").write_text(f"上报时间,经度,纬度,类别,被投诉网格,被投诉部门\n{told}", encoding="utf-8")
    ran = gisgrid("incidents", "import", "a.csv", home=tmp_path, GISGRID_DATABASE_URL=database_url)
    assert (ran.returncode, ran.stdout.splitlines()[-1]) == (1, "stored 2, repeated 0, outside 0, refused 2")
    assert "第 4 行 没有这个被投诉的网格" in ran.stderr
    assert "第 5 行 这是投诉" in ran.stderr
    with session_scope(ground) as session:
        actors = session.scalars(select(AuditEntry.actor).where(AuditEntry.action == "incident.reported"))
        assert actors.all() == ["operator"] * 2
        assert incidents_frame(session).empty
        assert len(incidents_frame(session, confidential=True)) == 2


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_a_kind_for_files_that_name_none(ground: Engine, tmp_path: Path, database_url: str) -> None:
    point = {"type": "Point", "coordinates": [X, Y]}
    feature = {"type": "Feature", "geometry": point, "properties": {"time": "2026-11-01T00:00:00Z"}}
    (tmp_path / "a.geojson").write_text(json.dumps(feature))
    words = ("incidents", "import", "a.geojson")
    assert gisgrid(*words, home=tmp_path, GISGRID_DATABASE_URL=database_url).returncode == 1
    ran = gisgrid(*words, "--kind", "卫生死角", home=tmp_path, GISGRID_DATABASE_URL=database_url)
    assert (ran.returncode, ran.stdout.splitlines()[-1]) == (0, "stored 1, repeated 0, outside 0, refused 0")


def test_a_name_is_that_of_its_day(ground: Engine, tmp_path: Path, database_url: str) -> None:
    bring(ground, tables("甲"), date(2026, 11, 2))
    lines = ["暴露垃圾,2026-11-01", "甲,2026-11-02", "new n0101,2026-11-03", "暴露垃圾,2026-11-02", "甲,2026-11-01"]
    told = "".join(f"{line} 12:00,{X},{Y}\n" for line in lines)
    (tmp_path / "a.csv").write_text(f"类别,上报时间,经度,纬度\n{told}", encoding="utf-8")
    ran = gisgrid("incidents", "import", "a.csv", home=tmp_path, GISGRID_DATABASE_URL=database_url)
    assert "第 5 行 类别:没有“暴露垃圾”这个事件类别" in ran.stderr
    assert "第 6 行 类别:没有“甲”这个事件类别" in ran.stderr
    with session_scope(ground) as session:
        assert incidents_frame(session)["kind"].tolist() == ["E0102", "N0101", "N0101"]
