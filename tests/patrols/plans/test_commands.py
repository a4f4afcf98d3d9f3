"""Checkpoints and plans at the command line."""

import json
from pathlib import Path

import pytest
from sqlalchemy import Engine

from gisgrid.database import session_scope
from gisgrid.patrols.checkpoints import checkpoints_frame
from tests.laid import SPOT
from tests.patrols.plans.builders import DAY
from tests.patrols.plans.worlds import planned
from tests.service import Done, gisgrid

HERE = pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)


@pytest.fixture
def run(town: Engine, database_url: str, tmp_path: Path):
    def run(*words: str) -> Done:
        return gisgrid(*words, home=tmp_path, GISGRID_DATABASE_URL=database_url)

    return run


def lines(done: Done) -> list[list[str]]:
    assert done.returncode == 0, done.stderr
    return [line.split("\t") for line in done.stdout.splitlines()]


def test_checkpoints_come_from_a_spreadsheet(run, town: Engine, tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    x, y = SPOT
    path.write_text(
        f"编码,名称,经度,纬度,半径,停留秒数,打卡码天数\nC1,新码头,{x},{y},80,300,7\nC5,塔,{x},{y},,,\n"
        f"C6,太远,{x},{y},5000,,\n坏/码,x,{x},{y},,,\n,无码,{x},{y},,,\nC7,何处,999,{y},,,\n",
        encoding="gb18030",
    )
    done = run("checkpoints", "import", str(path))
    assert (done.returncode, "stored 2, repeated 0, outside 0, refused 4" in done.stdout) == (1, True)
    told = ["第 4 行 半径:不能大于 1000", "编码:只能含字母", "第 6 行 编码:缺少", "第 7 行 坐标不是地球上的有效位置"]
    assert [words for words in told if words not in done.stderr] == []
    with session_scope(town) as session:
        frame = checkpoints_frame(session).set_index("code")
    assert frame.loc["C1", ["name", "radius_m", "dwell_s", "needs_code"]].tolist() == ["新码头", 80, 300, True]
    assert frame.loc["C5", ["name", "radius_m", "dwell_s", "needs_code"]].tolist() == ["塔", 50, 0, False]
    again = run("checkpoints", "import", str(path))
    assert "stored 0, repeated 2" in again.stdout


@HERE
def test_and_from_geojson_in_another_system(run, tmp_path: Path) -> None:
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [114.4185, 22.6432]},
            "properties": {"code": "G1", "name": "庙"},
        }
    ]
    path = tmp_path / "points.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    assert run("checkpoints", "import", str(path), "--crs", "gcj02").returncode == 0
    (its,) = [line for line in lines(run("checkpoints", "list")) if line[0] == "G1"]
    assert its[1] == "庙"
    assert (its[2][:7], its[4:]) == ("114.413", ["50 m", "0 s", "-"])


@HERE
def test_they_are_listed_put_up_and_retired(run, tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_text(f"code,name,x,y,code_days\nC1,码头,{SPOT[0]},{SPOT[1]},7\n")
    run("checkpoints", "import", str(path))
    assert [line[0] for line in lines(run("checkpoints", "list"))] == ["C1", "C9"]
    shown = run("checkpoints", "code", "C1")
    assert len(lines(shown)[0][0]) == 6
    assert "█" in shown.stdout
    assert run("checkpoints", "code", "C9").returncode == 1
    assert run("checkpoints", "retire", "C1").returncode == 0
    assert lines(run("checkpoints", "list"))[0][-1] == "已撤 retired"
    assert "NoSuchCheckpoint" in run("checkpoints", "code", "C1").stderr


def test_plans_are_listed_reported_and_ended(run, town: Engine) -> None:
    plan = planned(town, name="冬季行动", is_operation=True, first_day=DAY, last_day=DAY.replace(year=2126))
    assert lines(run("plans", "list")) == [
        [str(plan), "冬季行动", f"{DAY} – {DAY.replace(year=2126)}", "1", "专项行动 operation"]
    ]
    report = json.loads(run("plans", "report", str(plan)).stdout)
    assert (report["plan"]["name"], report["gaps"]["opened"]) == ("冬季行动", 0)
    assert run("plans", "end", str(plan)).returncode == 0
    assert lines(run("plans", "list"))[0][-1] == "已结束 ended"
    assert "PlanOver" in run("plans", "end", str(plan)).stderr
    assert "NoSuchPlan" in run("plans", "report", "99").stderr
