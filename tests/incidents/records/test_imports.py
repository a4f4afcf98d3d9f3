"""Records of the past from a file: brought once, by the table of the loop, with their own times."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from gisgrid.audit.tables import AuditEntry
from gisgrid.database import session_scope
from gisgrid.incidents.tables import Incident, Party, Step
from tests.incidents.records.ledger import DECEMBER, HOUR, Line, line, write
from tests.laid import COMMUNITY, SPOT, STREET, SUBSTATION, lay
from tests.service import Done, gisgrid


@pytest.fixture
def ground(engine: Engine) -> Engine:
    lay(engine, date(2010, 1, 1))
    return engine


def run(tmp_path: Path, database_url: str, *lines: Line) -> Done:
    file = write(tmp_path / "a.csv", lines)
    return gisgrid("incidents", "records", str(file), home=tmp_path, GISGRID_DATABASE_URL=database_url)


def test_they_are_brought_once_with_their_steps(ground: Engine, tmp_path: Path, database_url: str) -> None:
    lines = [
        line(1, "E0501", SUBSTATION, DECEMBER, HOUR, 来源="12345 热线", 办理层级="街道"),
        line(2, "暴露垃圾", COMMUNITY, DECEMBER, None),
        line(3, "L0301", STREET, DECEMBER, HOUR),
    ]
    ran = run(tmp_path, database_url, *lines)
    assert (ran.returncode, "stored 3, repeated 0" in ran.stdout) == (0, True), ran.stderr
    assert "stored 0, repeated 3" in run(tmp_path, database_url, *lines).stdout
    with session_scope(ground) as session:
        rows = session.scalars(select(Incident).order_by(Incident.client_id)).all()
        first, second, third = rows
        steps = session.scalars(select(Step).where(Step.incident_id == first.id).order_by(Step.number)).all()
        audited = session.scalars(select(AuditEntry).where(AuditEntry.action == "records.brought")).all()
        parties = session.scalar(select(func.count()).select_from(Party))
    moves = ("report", "verify", "file", "escalate", "escalate", "dispatch", "accept", "finish", "pass")
    assert [step.move for step in steps] == list(moves)
    assert [step.made_by for step in steps] == [None] * 9
    assert steps[0].made_at == (DECEMBER - HOUR).astimezone(UTC)
    assert steps[-1].made_at == (DECEMBER + 2 * HOUR).astimezone(UTC)
    assert json.loads(steps[2].detail) == {"by_cell": True, "condition": "1"}
    assert (first.state, first.revision, first.answering_code, first.due_at) == ("closed", 9, STREET, None)
    assert (first.source, first.condition, parties) == ("hotline", "1", 3)
    assert first.number == f"20161130-{SUBSTATION}-0001"
    assert (second.state, second.answering_code, second.substation_id) == ("dispatched", COMMUNITY, None)
    assert second.due_at is not None
    assert (third.is_confidential, third.answering_code, third.community_id) == (True, STREET, None)
    assert [json.loads(entry.detail) for entry in audited] == [{"rows": 3}]


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"类别": "没有"}, "没有“没有”这个事件类别"),
        ({"网格编码": "1"}, "没有这个编码的网格"),
        ({"网格编码": ""}, "缺少经纬度或网格编码"),
        ({"结案时间": "2016-11-01 08:00"}, "结案时间早于处置完成时间"),
        ({"结案时间": "昨天"}, "结案时间:应为 ISO 8601 时间"),
        ({"来源": "梦里"}, "来源:应为来源之一"),
        ({"办理层级": "省"}, "办理层级:应为街道、社区或工作分站"),
        ({"类别": "E0601"}, "还缺:职能部门"),
        ({"上报时间": "2009-01-01 08:00"}, "尚无生效的网格"),
        ({"类别": "L1201", "部门": "police"}, "这是投诉"),
    ],
)
def test_what_cannot_be_is_told_by_its_line(
    ground: Engine, tmp_path: Path, database_url: str, changes: dict[str, str], said: str
) -> None:
    good = line(1, "E0501", SUBSTATION, DECEMBER, HOUR)
    ran = run(tmp_path, database_url, good, {**line(2, "E0501", SUBSTATION, DECEMBER, HOUR), **changes})
    assert (ran.returncode, "stored 1," in ran.stdout) == (1, True)
    assert "第 3 行" in ran.stderr
    assert said in ran.stderr.replace("\n", "")


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_by_position_in_another_system(ground: Engine, tmp_path: Path, database_url: str) -> None:
    at = f"{datetime(2026, 10, 1, tzinfo=UTC) + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
    point: dict[str, Any] = {"type": "Point", "coordinates": list(SPOT)}
    properties = {"kind": "E0501", "reported_at": at, "closed_at": at, "source": "patrol"}
    (tmp_path / "a.geojson").write_text(
        json.dumps({"type": "Feature", "geometry": point, "properties": properties}), encoding="utf-8"
    )
    ran = gisgrid("incidents", "records", "a.geojson", home=tmp_path, GISGRID_DATABASE_URL=database_url)
    assert ran.returncode == 0, ran.stderr
    with session_scope(ground) as session:
        (made,) = session.scalars(select(Incident)).all()
        details = session.scalars(select(Step.detail)).all()
    assert (made.state, made.answering_code) == ("closed", SUBSTATION)
    assert not any("by_cell" in detail for detail in details)
