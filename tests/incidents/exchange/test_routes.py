"""Sheets of orders go in and come back, by the command and over the API; searches are taken along as tables."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, func, select
from starlette.testclient import TestClient

from gisgrid.audit.tables import AuditEntry
from gisgrid.database import session_scope
from gisgrid.documents.csv_table import read_csv
from gisgrid.documents.sheets import Rows, read_rows
from gisgrid.documents.workbook import workbook
from gisgrid.incidents.exchange import take_orders, tell_back
from gisgrid.incidents.exchange.sheet import DETAIL, RESULT
from gisgrid.incidents.tables import Incident
from tests.incidents.conftest import Hire
from tests.incidents.desk import Staff, a_report
from tests.incidents.loop.office import case, moved, open_office
from tests.laid import COMMUNITY, SPOT, STREET, SUBSTATION
from tests.service import gisgrid

spatialite = pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
X, Y = (str(each) for each in SPOT)
HEAD = ["工单编号", "类别", "上报时间", "经度", "纬度", "网格编码", "描述", "联系方式", "来源", "办理时限"]
AT = "2026-11-01 08:00"
CONFIDENTIAL = "L0301"
ROWS = [
    ["A1", "E0102", AT, X, Y, "", "垃圾", "张 13800000000", "", "3 天"],
    ["A2", "暴露垃圾", AT, "", "", SUBSTATION, "", "", "上级交办", ""],
    ["A3", "Exposed rubbish", AT, "", "", COMMUNITY, "=1+1", "", "", ""],
    ["A4", "垃圾", AT, X, Y, "", "", "", "", ""],
    ["A5", "E0102", AT, "", "", "440307009099", "", "", "", ""],
    ["A6", "E0102", AT, X, "", "", "", "", "", ""],
    ["A7", "E0102", "", X, Y, "", "", "", "", ""],
    ["A1", "E0102", AT, X, Y, "", "别的", "", "", ""],
    ["A8", "L1202", AT, X, Y, "", "", "", "", ""],
    ["A9", "E0102", AT, "500", "500", "", "", "", "", ""],
]
NUMBER = f"20261101-{SUBSTATION}-000"


def sheet(*rows: list[str], head: list[str] = HEAD) -> bytes:
    return workbook({"工单": [head, *rows]})


def send(staff: Staff, data: bytes, **fields: str) -> Any:
    """Hand in a sheet."""
    headers = {"Authorization": f"Bearer {staff.words}"}
    files = {"file": ("whatever", data)}
    return staff.client.post("/api/incidents/exchange", headers=headers, data=fields, files=files)


def answered(answer: Any) -> list[list[str]]:
    """Return what is told beside each order."""
    assert answer.status_code == 200, answer.text
    head, *rows = read_rows(answer.content, "a.xlsx")["工单"]
    assert head[-2:] == [RESULT, DETAIL]
    return [row[-2:] for row in rows]


def fetched(staff: Staff, path: str, **asked: str) -> Rows:
    """Fetch a workbook."""
    headers = {"Authorization": f"Bearer {staff.words}"}
    answer = staff.client.get(f"/api/{path}", params=asked, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"].startswith('attachment; filename="gisgrid-')
    (rows,) = read_rows(answer.content, "a.xlsx").values()
    return rows


def kept(engine: Engine) -> list[tuple[Any, ...]]:
    with session_scope(engine) as session:
        asked = select(Incident.outside_number, Incident.source, Incident.client_id, Incident.number, Incident.contact)
        return [tuple(row) for row in session.execute(asked.order_by(Incident.outside_number))]


def test_a_sheet_is_answered_corrected_and_sent_again(
    hire: Hire, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(take_orders, "SLICE", 4)
    desk = hire(("station_staff", SUBSTATION))
    told = answered(send(desk, sheet(*ROWS)))
    stored, refused = "已入库 stored", "未收 not taken"
    assert [result for result, _ in told] == [
        *(stored, stored, stored, refused, refused, refused, refused),
        "未收:内容不同 not taken: other content",
        *(refused, refused),
    ]
    assert [words for _, words in told[:2]] == [f"{NUMBER}1", f"{NUMBER}2"]
    beginnings = ("没有“垃圾”这个事件类别;相近的有", "网格编码:", "请填经度和纬度", "上报时间:缺少",
                  f"此编号已入库为 {NUMBER}1", "这是投诉", "坐标不是地球上的有效位置")  # fmt: skip
    assert [words.startswith(each) for (_, words), each in zip(told[3:], beginnings, strict=True)] == [True] * 7
    assert all(" / " in words for _, words in told[3:])
    assert [row[:3] for row in kept(engine)] == [
        ("A1", "hotline", "A1"),
        ("A2", "superior", "A2"),
        ("A3", "hotline", "A3"),
    ]
    assert kept(engine)[0][4] == "张 13800000000"
    corrected = [*ROWS[:3], *([*row[:1], "E0102", AT, X, Y, *row[5:]] for row in ROWS[3:7])]
    again = answered(send(desk, sheet(*corrected)))
    assert [result for result, _ in again] == ["此前已入库 stored before"] * 3 + [stored] * 4
    assert again[0][1] == f"{NUMBER}1"
    assert len(kept(engine)) == 7
    other = answered(send(desk, sheet(ROWS[0]), source="superior"))
    assert other[0][0] == stored, "the line and those above number their orders each for themselves"
    with session_scope(engine) as session:
        asked = select(AuditEntry.detail).where(AuditEntry.action == "orders.brought").order_by(AuditEntry.number)
        assert session.scalars(asked).first() == '{"refused":7,"rows":10,"source":"hotline"}'
        reported = select(func.count()).where(AuditEntry.action == "incident.reported")
        assert session.scalar(reported) == 8


@spatialite
def test_forms_and_files_that_are_none(hire: Hire, engine: Engine) -> None:
    desk = hire(("station_staff", SUBSTATION))
    good = sheet(ROWS[0])
    for data, fields, code in (
        (b"PK\x03\x04x", {}, "UnreadableFile"),
        (b"\xd0\xcf\x11\xe0", {}, "UnreadableFile"),
        (b"a,b\n1,2\n", {}, "NoOrders"),
        (good, {"source": "citizen"}, "NoSheet"),
    ):
        answer = send(desk, data, **fields)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert send(hire(("patroller", SUBSTATION)), good).status_code == 403
    assert send(hire(("cadre", SUBSTATION)), good).status_code == 403
    text = f"工单编号,类别,上报时间,经度,纬度\nB1,E0102,2026/11/1 8:05,{X},{Y}\n".encode("gb18030")
    assert answered(send(desk, text)) == [["已入库 stored", f"{NUMBER}1"]]


def test_what_was_done_is_told_back_within_sight(hire: Hire, engine: Engine) -> None:
    office = open_office(hire)
    orders = [["A1", "E0504", AT, X, Y], ["A2", "E0504", AT, X, Y], ["A3", "E0504", "2026-11-02 08:00", X, Y]]
    told = answered(send(office.desk, sheet(*orders, ["A4", CONFIDENTIAL, AT, X, Y], head=HEAD[:5])))
    assert [result for result, _ in told] == ["已入库 stored"] * 4
    incident = kept_id(engine, "A1")
    moved(office.desk, incident, "reject", words="=不在辖区")
    ended = datetime.fromisoformat(case(office.desk, incident)["steps"][-1]["made_at"])
    head, *rows = fetched(office.desk, "incidents/exchange.xlsx")
    assert head[0] == "工单编号 order"
    assert [row[0] for row in rows] == ["A1", "A2", "A3"], "what is confidential is for its handlers"
    assert rows[0][2:7] == [f"{NUMBER}1", "店外经营", AT, "不予立案", "=不在辖区"]
    assert rows[0][7] == f"{ended.astimezone(ZoneInfo('Asia/Shanghai')):%Y-%m-%d %H:%M}"
    assert rows[1][5:] == ["已上报"]
    (_, kept_row) = fetched(hire(("confidential_handler", STREET)), "incidents/exchange.xlsx")
    assert (kept_row[0], kept_row[6]) == ("A4", "另行答复 answered separately")
    assert fetched(office.stranger, "incidents/exchange.xlsx") == [head]
    assert len(fetched(office.desk, "incidents/exchange.xlsx", source="superior")) == 1
    assert len(fetched(office.desk, "incidents/exchange.xlsx", datetime="2026-11-02/2026-11-02")) == 2


def kept_id(engine: Engine, order: str) -> int:
    with session_scope(engine) as session:
        return session.scalars(select(Incident.id).where(Incident.outside_number == order)).one()


def test_words_of_what_is_kept_go_into_no_sheet(hire: Hire, engine: Engine) -> None:
    street = hire(("street_leader", STREET))
    head = [*HEAD[:5], "被投诉部门"]
    send(street, sheet(["C1", "L1202", AT, X, Y, "police"], head=head))
    incident = kept_id(engine, "C1")
    moved(street, incident, "reject", words="某人的事")
    (_, row) = fetched(street, "incidents/exchange.xlsx")
    assert row[6] == "另行答复 answered separately"


# --- exports of a search -----------------------------------------------------------------------------


def as_text(answer: Any) -> Rows:
    return list(read_csv(answer.content, "a.csv"))


def test_a_search_as_a_table(hire: Hire, engine: Engine) -> None:
    desk, far = hire(("station_staff", SUBSTATION)), hire(("station_staff", "440307009003002"))
    handler = hire(("confidential_handler", STREET))
    desk.report(description="=cmd|' /C calc'!A0", kind="E0102")
    desk.report(description="争执", kind="L0201", source="walk_in", contact="zqcontact")
    with session_scope(engine, write=True) as session:
        session.get_one(Incident, 2).is_confidential = True
        session.get_one(Incident, 2).reported_by = None

    def asked(staff: Staff, suffix: str = "csv", **params: str) -> Any:
        headers = {"Authorization": f"Bearer {staff.words}"}
        return staff.client.get(f"/api/incidents.{suffix}", params=params, headers=headers)

    head, row = as_text(asked(desk))
    assert (head[0], len(head), len(row)) == ("编号 number", 20, 20)
    assert row[:6] == [f"{NUMBER}1", "已上报", "E0102", "暴露垃圾", "巡查发现", ""]
    assert row[8:13] == ["=cmd|' /C calc'!A0", STREET, COMMUNITY, SUBSTATION, SUBSTATION]
    assert b",'=cmd|" in asked(desk).content, "no spreadsheet takes it for a formula"
    assert [each[-1] for each in as_text(asked(handler))[1:]] == ["是"]
    assert len(as_text(asked(far))) == 1
    assert "zqcontact" not in asked(handler).text
    (rows,) = read_rows(asked(desk, "xlsx").content, "a.xlsx").values()
    assert rows[1][:4] == row[:4]
    for params, count in (({"kind": "L0201"}, 0), ({"q": "cmd"}, 1), ({"state": "open"}, 1), ({"cell": STREET}, 1),
                          ({"datetime": "2026-11-02/2026-11-03"}, 0), ({"source": "patrol"}, 1)):  # fmt: skip
        assert len(as_text(asked(desk, **params))) == 1 + count, params
    for params, status in (({"state": "x"}, 422), ({"cell": "9"}, 404), ({"kind": "x"}, 422), ({"bbox": "1"}, 422)):
        assert asked(desk, **params).status_code == status
    with session_scope(engine) as session:
        details = session.scalars(select(AuditEntry.detail).where(AuditEntry.action == "export.incidents")).all()
    assert details[0] == '{"kind":"incidents","rows":1}'
    assert len(details) == 12


@spatialite
def test_too_many_at_once(hire: Hire, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    from gisgrid.incidents.exchange import exports

    monkeypatch.setattr(exports, "MOST", 1)
    monkeypatch.setattr(tell_back, "MOST", 1)
    desk = hire(("station_staff", SUBSTATION))
    answered(send(desk, sheet(*ROWS[:2])))
    headers = {"Authorization": f"Bearer {desk.words}"}
    for path in ("incidents.csv", "incidents.xlsx", "incidents/exchange.xlsx"):
        answer = desk.client.get(f"/api/{path}", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (422, "TooMany")


# --- by command --------------------------------------------------------------------------------------

Run = Callable[..., tuple[int, str, str]]


def test_the_commands(ground: Engine, tmp_path: Path, database_url: str) -> None:
    (tmp_path / "orders.xlsx").write_bytes(sheet(*ROWS))

    def run(*words: str) -> tuple[int, str, str]:
        ran = gisgrid("incidents", *words, home=tmp_path, GISGRID_DATABASE_URL=database_url)
        return ran.returncode, ran.stdout, ran.stderr

    status, out, _ = run("exchange-in", "orders.xlsx", "--source", "hotline", "--answer", "out.xlsx")
    assert (status, out.splitlines()[1]) == (1, "stored 3, stored before 0, not taken 7")
    back = read_rows((tmp_path / "out.xlsx"), "out.xlsx")["工单"]
    assert back[1][-2:] == ["已入库 stored", f"{NUMBER}1"]
    (tmp_path / "good.xlsx").write_bytes(sheet(ROWS[0]))
    status, out, _ = run("exchange-in", "good.xlsx", "--answer", "out.xlsx")
    assert (status, out.splitlines()[0]) == (0, "入库 0,此前已入库 1,未收 0")
    status, out, _ = run("exchange-out", "done.xlsx", "--period", "2026-11-01/2026-11-30", "--source", "hotline")
    assert (status, out) == (0, "2 件 / 2 orders: done.xlsx\n")
    assert [row[0] for row in read_rows(tmp_path / "done.xlsx", "done.xlsx")["工单 orders"][1:]] == ["A1", "A3"]
    assert (tmp_path / "done.xlsx").stat().st_mode & 0o777 == 0o600
    status, _, err = run("exchange-in", "nowhere.xlsx", "--answer", "out.xlsx")
    assert (status, "打不开" in err) == (1, True)
    status, _, err = run("exchange-in", "good.xlsx", "--answer", "nowhere/out.xlsx")
    assert (status, "没有这个目录" in err) == (1, True)


def test_reports_of_staff_are_no_orders(api: TestClient, hire: Hire) -> None:
    street = hire(("street_leader", STREET))
    street.report(**a_report(kind="E0102", source="hotline"))
    assert len(fetched(street, "incidents/exchange.xlsx")) == 1
